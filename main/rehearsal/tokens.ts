import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** What is wrong with the `Authorization` of a push message. */
export type TokenFault = 'missing' | 'malformed' | 'audience' | 'expired' | 'subject' | 'signature' | 'key';

const kept = 1000;
const longest = 24 * 3600;

/** Checks VAPID tokens (RFC 8292) as a push service does, each once: a token serves many messages. */
export class TokenCheck {
  readonly #verdicts = new Map<string, { fault: TokenFault | null; expires: number }>();
  readonly #key: string | null;

  /** @param key what the subscriptions were made with, 65 bytes; null: any key will do */
  constructor(key: Uint8Array | null) {
    this.#key = key === null ? null : Buffer.from(key).toString('base64url');
  }

  /**
   * @param audience the origin of the endpoint
   * @param now milliseconds since the epoch
   * @returns null when nothing is wrong
   */
  fault(authorization: string | undefined, audience: string, now: number): TokenFault | null {
    if (authorization === undefined) return 'missing';
    const name = `${audience} ${authorization}`;
    let verdict = this.#verdicts.get(name);
    if (verdict === undefined) {
      verdict = judge(authorization, audience, this.#key, now / 1000);
      if (this.#verdicts.size >= kept) this.#verdicts.clear();
      this.#verdicts.set(name, verdict);
    }
    return verdict.fault ?? (verdict.expires <= now / 1000 ? 'expired' : null);
  }
}

function judge(authorization: string, audience: string, ownKey: string | null, now: number) {
  const wrong = (fault: TokenFault) => ({ fault, expires: 0 });
  const parts = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/i.exec(authorization);
  const [, head = '', body = '', signature = '', key = ''] = parts ?? [];
  const publicKey = parts && importKey(key);
  const header = json(head);
  const claims = json(body);
  if (!publicKey || header?.['alg'] !== 'ES256' || claims === null) return wrong('malformed');
  const { aud, exp, sub } = claims;
  if (
    !verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
  )
    return wrong('signature');
  if (aud !== audience) return wrong('audience');
  if (typeof exp !== 'number' || exp <= now || exp > now + longest) return wrong('expired');
  if (typeof sub !== 'string' || !/^(mailto:.+@.+|https:\/\/.+)/.test(sub)) return wrong('subject');
  if (ownKey !== null && key !== ownKey) return wrong('key');
  return { fault: null, expires: exp };
}

function importKey(text: string): KeyObject | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4) return null;
  const [x, y] = [bytes.subarray(1, 33).toString('base64url'), bytes.subarray(33).toString('base64url')];
  try {
    return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
  } catch {
    return null;
  }
}

function json(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
