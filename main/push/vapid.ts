import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { VapidKey } from '../core/ports/push.ts';

/** Two halves that are no VAPID key. The message is for a person. */
export class VapidKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'VapidKeyError';
  }
}

/**
 * Checks that the two halves are one P-256 key pair and imports the private one.
 * @param publicKey 65 bytes, uncompressed
 * @param privateKey 32 bytes
 * @throws VapidKeyError
 */
export function importVapidKey(publicKey: Uint8Array, privateKey: Uint8Array): KeyObject {
  if (publicKey.length !== 65 || publicKey[0] !== 4)
    throw new VapidKeyError(
      'The public key must be an uncompressed P-256 point: 65 bytes, of which the first is 4.',
    );
  if (privateKey.length !== 32) throw new VapidKeyError('The private key must be 32 bytes long.');
  const ecdh = createECDH('prime256v1');
  try {
    ecdh.setPrivateKey(privateKey);
  } catch {
    throw new VapidKeyError('The private key is no number that P-256 allows.');
  }
  if (!ecdh.getPublicKey().equals(publicKey))
    throw new VapidKeyError('The public key does not belong to the private key.');
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: text(privateKey),
      x: text(publicKey.subarray(1, 33)),
      y: text(publicKey.subarray(33)),
    },
  });
}

const lifetime = 12 * 3600; // seconds; RFC 8292 allows 24 h, and half of it forgives a clock that is hours off
const margin = 3600;
const longest = 24 * 3600;
const tokensKept = 1000;
const jwtHeader = Buffer.from('{"typ":"JWT","alg":"ES256"}').toString('base64url');

interface Signer {
  key: KeyObject;
  publicKey: string;
  subject: string;
  practice: boolean;
  tokens: Map<string, { header: string; renewAt: number }>;
}

/** The `Authorization` headers of RFC 8292: keys imported once, one token per key and push-service origin. */
export class Vapid {
  readonly #signers = new Map<number, Signer>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Makes a key known or replaces it. @throws VapidKeyError */
  setKey(key: VapidKey): void {
    this.#signers.set(key.id, {
      key: importVapidKey(key.publicKey, key.privateKey),
      publicKey: Buffer.from(key.publicKey).toString('base64url'),
      subject: key.subject,
      practice: key.practice ?? false,
      tokens: new Map(),
    });
  }

  /** Whether the key is one of a practice site. */
  isPractice(keyId: number): boolean {
    return this.#signers.get(keyId)?.practice ?? false;
  }

  /** The header's value for a request to `origin` (the endpoint's), or null when the key is not known. */
  authorization(keyId: number, origin: string): string | null {
    const signer = this.#signers.get(keyId);
    if (!signer) return null;
    const now = Math.floor(this.#now() / 1000);
    const kept = signer.tokens.get(origin);
    // one from the future was signed before the clock was set back: its end is too far away to be believed
    if (kept && now < kept.renewAt && kept.renewAt <= now + lifetime - margin) return kept.header;
    // origins are few, unless someone registers invented subdomains of a push service
    if (signer.tokens.size >= tokensKept) signer.tokens.clear();
    const header = `vapid t=${createToken(signer, origin, now + lifetime)}, k=${signer.publicKey}`;
    signer.tokens.set(origin, { header, renewAt: now + lifetime - margin });
    return header;
  }

  /** Whether the token in use at an origin is one that its clock believes (RFC 8292, 2). `now`: its time, in ms. */
  isTimely(keyId: number, origin: string, now: number): boolean {
    const kept = this.#signers.get(keyId)?.tokens.get(origin);
    if (!kept) return true;
    const left = kept.renewAt + margin - now / 1000;
    return left > 0 && left <= longest;
  }
}

function createToken(signer: Signer, audience: string, expires: number): string {
  const claims = JSON.stringify({ aud: audience, exp: expires, sub: signer.subject });
  const content = `${jwtHeader}.${Buffer.from(claims).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(content), { key: signer.key, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}
