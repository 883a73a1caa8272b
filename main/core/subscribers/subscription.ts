import type { InputError } from '../../contract/errors.ts';
import type { PushSubscriptionJson } from '../../contract/subscribers.ts';
import type { Push } from '../ports/push.ts';
import type { SiteRow } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';

export interface CheckedSubscription {
  endpoint: string;
  pushService: string;
  /** 65 bytes, a point on P-256. */
  p256dh: Uint8Array;
  /** 16 bytes. */
  auth: Uint8Array;
}

export const visitorMessage =
  'Your browser gave this site a subscription that cannot be used. Please reload the page and try again.';

/**
 * Checks a browser's subscription before anything is stored: the endpoint's host, and the keys as RFC 8291 (2.1,
 * 3.2) wants them. @throws Refusal invalid_input with every fault found; forbidden for a practice site
 */
export function checkSubscription(
  subscription: PushSubscriptionJson,
  site: Pick<SiteRow, 'practice'>,
  push: Pick<Push, 'recognise'>,
): CheckedSubscription {
  if (site.practice)
    throw new Refusal('forbidden', 'This is a practice site: all of its subscribers are simulated.', {
      visitorMessage: 'This is a practice site. It takes no subscriptions.',
    });
  const errors: InputError[] = [];
  const recognised = push.recognise(subscription.endpoint);
  if ('refused' in recognised) errors.push({ pointer: '/subscription/endpoint', detail: recognised.refused });
  const p256dh = bytes(subscription.keys.p256dh);
  if (p256dh === null || p256dh.length !== 65 || p256dh[0] !== 4 || !isOnCurve(p256dh))
    errors.push({
      pointer: '/subscription/keys/p256dh',
      detail: 'Give a point on the curve P-256: 65 bytes, uncompressed, base64url',
    });
  const auth = bytes(subscription.keys.auth);
  if (auth === null || auth.length !== 16)
    errors.push({ pointer: '/subscription/keys/auth', detail: 'Give 16 bytes, base64url' });
  if (errors.length > 0 || 'refused' in recognised || p256dh === null || auth === null)
    throw new Refusal('invalid_input', 'The subscription cannot be sent to.', { errors, visitorMessage });
  return { endpoint: subscription.endpoint, pushService: recognised.pushService, p256dh, auth };
}

/** base64url, with or without padding; null for anything else */
function bytes(text: string): Uint8Array | null {
  return /^[A-Za-z0-9_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : null;
}

/** The field and the constant of P-256 (FIPS 186-4, D.1.2.3): y² = x³ − 3x + b mod p. */
const p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** @param point 65 bytes, uncompressed. A tenth of what it costs to have OpenSSL read the point. */
export function isOnCurve(point: Uint8Array): boolean {
  const hex = Buffer.from(point.buffer, point.byteOffset, point.byteLength).toString('hex');
  const x = BigInt(`0x${hex.slice(2, 66)}`);
  const y = BigInt(`0x${hex.slice(66)}`);
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}
