import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { importVapidKey, Vapid } from '../../../main/push/vapid.ts';
import { generateVapidKeys } from '../../../main/push/vapid-keys.ts';

const hour = 3600_000;
const origin = 'https://fcm.googleapis.com';

/** Reads a header as a push service does: checks the signature and gives the claims. */
function read(header: string | null) {
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(header ?? '') ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const publicKey = createPublicKey({ format: 'jwk', key: jwk });
  const valid = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const json = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  return { valid, point, head: json(head), claims: json(claims) };
}

function makeVapid(subject = 'mailto:ops@example.org') {
  const clock = { now: Date.UTC(2030, 0, 1) };
  const vapid = new Vapid(() => clock.now);
  const key = { id: 1, subject, ...generateVapidKeys() };
  vapid.setKey(key);
  return { clock, vapid, key };
}

describe('VAPID', () => {
  test('signs a token as RFC 8292 wants it', () => {
    const { clock, vapid, key } = makeVapid();
    const { valid, point, head, claims } = read(vapid.authorization(1, origin));
    expect(valid).toBe(true);
    expect(new Uint8Array(point)).toEqual(key.publicKey);
    expect(head).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(claims.aud).toBe(origin);
    expect(claims.sub).toBe('mailto:ops@example.org');
    expect(claims.exp * 1000).toBeGreaterThan(clock.now);
    expect(claims.exp * 1000).toBeLessThanOrEqual(clock.now + 24 * hour);
  });

  test('uses one token per origin and key, and renews it long before it expires', () => {
    const { clock, vapid } = makeVapid();
    vapid.setKey({ id: 2, subject: 'mailto:two@example.org', ...generateVapidKeys() });
    const first = vapid.authorization(1, origin);
    expect(vapid.authorization(1, origin)).toBe(first);
    expect(vapid.authorization(1, 'https://web.push.apple.com')).not.toBe(first);
    expect(vapid.authorization(2, origin)).not.toBe(first);
    const expires = read(first).claims.exp * 1000;
    for (let passed = 0; passed <= 48; passed++) {
      clock.now += hour / 2;
      const { exp } = read(vapid.authorization(1, origin)).claims;
      expect(exp * 1000 - clock.now).toBeGreaterThanOrEqual(hour / 2);
    }
    expect(clock.now).toBeGreaterThan(expires);
  });

  test('signs anew when a key is replaced, and knows no key that it was not given', () => {
    const { vapid, key } = makeVapid();
    const first = vapid.authorization(1, origin);
    vapid.setKey({ ...key, subject: 'https://example.org/contact' });
    expect(read(vapid.authorization(1, origin)).claims.sub).toBe('https://example.org/contact');
    expect(vapid.authorization(1, origin)).not.toBe(first);
    expect(vapid.authorization(7, origin)).toBeNull();
  });

  test('imports only halves that belong together', () => {
    const { publicKey, privateKey } = generateVapidKeys();
    expect(publicKey.length).toBe(65);
    expect(privateKey.length).toBe(32);
    expect(() => importVapidKey(publicKey, privateKey)).not.toThrow();
    const other = generateVapidKeys();
    const zero = new Uint8Array(32);
    const compressed = publicKey.slice(0, 33);
    expect(() => importVapidKey(other.publicKey, privateKey)).toThrow('does not belong');
    expect(() => importVapidKey(compressed, privateKey)).toThrow('65 bytes');
    expect(() => importVapidKey(publicKey, privateKey.slice(1))).toThrow('32 bytes');
    expect(() => importVapidKey(publicKey, zero)).toThrow('P-256');
    expect(() => importVapidKey(publicKey, zero.fill(255))).toThrow('P-256');
  });

  test('a clock that is set back makes a token anew: one from the future ends too late to be believed', () => {
    const { clock, vapid } = makeVapid();
    clock.now += 20 * hour; // it was wrong
    const wrong = vapid.authorization(1, origin);
    clock.now -= 20 * hour;
    expect(vapid.isTimely(1, origin, clock.now)).toBe(false);
    const right = vapid.authorization(1, origin);
    expect(right).not.toBe(wrong);
    expect(read(right).claims.exp * 1000).toBe(clock.now + 12 * hour);
    expect(vapid.isTimely(1, origin, clock.now)).toBe(true);
    expect(vapid.isTimely(1, origin, clock.now + 13 * hour)).toBe(false);
    // of what was never signed nothing can be said
    expect(vapid.isTimely(2, origin, 0)).toBe(true);
  });
});
