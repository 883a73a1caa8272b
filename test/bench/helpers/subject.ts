import { createECDH, randomBytes } from 'node:crypto';
import type { VapidKey } from '../../../main/core/ports/push.ts';
import { generateVapidKeys } from '../../../main/push/vapid-keys.ts';

/** A payload of 362 bytes, as a usual message has. */
export const payload = JSON.stringify({ web_push: 8030, notification: { title: 'News', body: '' } }).padEnd(
  362,
);

export const vapidKey: VapidKey = { id: 1, subject: 'mailto:ops@example.org', ...generateVapidKeys() };
export const vapidDetails = {
  subject: vapidKey.subject,
  publicKey: Buffer.from(vapidKey.publicKey).toString('base64url'),
  privateKey: Buffer.from(vapidKey.privateKey).toString('base64url'),
};

/** Subscriptions with keys of their own, in both forms, at one of `origins` in turn. */
export function makeSubscriptions(count: number, origins: string[]) {
  return Array.from({ length: count }, (_, index) => {
    const endpoint = `${origins[index % origins.length]}/send/${index}`;
    const p256dh = createECDH('prime256v1').generateKeys();
    const auth = randomBytes(16);
    const keys = { p256dh: p256dh.toString('base64url'), auth: auth.toString('base64url') };
    return { endpoint, p256dh, auth, theirs: { endpoint, keys } };
  });
}
