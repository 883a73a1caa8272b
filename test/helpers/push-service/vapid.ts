import { createPublicKey, verify } from 'node:crypto';

export type VapidCheck = { key: string } | { refused: string };

const day = 24 * 60 * 60;

/**
 * Checks an Authorization header by RFC 8292: the signature (ES256), the audience (the origin that was posted to),
 * an expiry at most 24 h ahead, and a contact. Gives the application server's key as base64url.
 */
export function checkVapid(header: string | undefined, origin: string, now = Date.now()): VapidCheck {
  const parameters = /^vapid\s+(.+)$/i.exec(header ?? '')?.[1];
  if (parameters === undefined) return { refused: 'no vapid credentials' };
  const named = new Map(
    parameters.split(',').map((part) => {
      const [name = '', ...value] = part.trim().split('=');
      return [name, value.join('=')];
    }),
  );
  const [head, claims, signature] = (named.get('t') ?? '').split('.');
  const point = Buffer.from(named.get('k') ?? '', 'base64url');
  if (!head || !claims || !signature || point.length !== 65) return { refused: 'malformed credentials' };

  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  try {
    const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!signed) return { refused: 'wrong signature' };
    const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    if (aud !== origin) return { refused: `audience is not ${origin}` };
    if (!(exp > now / 1000)) return { refused: 'expired' };
    if (exp > now / 1000 + day + 60) return { refused: 'expires more than 24 hours ahead' };
    if (!/^(mailto:|https:)/.test(sub)) return { refused: 'no contact' };
  } catch {
    return { refused: 'malformed credentials' };
  }
  return { key: point.toString('base64url') };
}
