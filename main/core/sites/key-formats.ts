import { createECDH, createPrivateKey } from 'node:crypto';
import { Refusal } from '../refusal.ts';

export interface KeyPair {
  /** P-256 point, 65 bytes uncompressed. */
  publicKey: Uint8Array;
  /** P-256 scalar, 32 bytes. */
  privateKey: Uint8Array;
}

/**
 * Reads a VAPID key pair as tools write it: PEM (PKCS #8 or SEC 1), a JWK, web-push's JSON or its printed lines, or
 * the two halves in base64url. Where there is a public half, it has to belong to the private one.
 * @throws Refusal invalid_input with a sentence on what is wrong; never with any of the key in it
 */
export function readKeyPair(text: string): KeyPair {
  const plain = text.trim();
  if (plain.includes('-----BEGIN')) return fromPem(plain);
  if (plain.startsWith('{')) return fromJson(plain);
  return fromHalves(plain);
}

function fromPem(text: string): KeyPair {
  if (/BEGIN (RSA|DSA|OPENSSH)/.test(text))
    throw wrong('This is a key of another kind. VAPID keys are P-256 (EC).');
  if (/ENCRYPTED/.test(text)) throw wrong('This key is locked with a password. Unlock it first.');
  // some tools put the curve's parameters before the key
  const block = /-----BEGIN (EC )?PRIVATE KEY-----[\s\S]+?-----END (EC )?PRIVATE KEY-----/.exec(text)?.[0];
  if (block === undefined)
    throw wrong('The private half is missing: there is only a public key, or a certificate.');
  try {
    return ofJwk(createPrivateKey(block).export({ format: 'jwk' }));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw wrong('The PEM cannot be read. Is all of it there, with its first and its last line?');
  }
}

function fromJson(text: string): KeyPair {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong('This is no valid JSON.');
  }
  const found = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if ('kty' in found) return ofJwk(found);
  const text_ = (...names: string[]) =>
    names.map((name) => found[name]).find((value): value is string => typeof value === 'string');
  const privateKey = text_('privateKey', 'private_key', 'vapidPrivateKey');
  if (privateKey === undefined) throw wrong('There is no “privateKey” in this JSON.');
  return pair(privateKey, text_('publicKey', 'public_key', 'vapidPublicKey'));
}

function ofJwk(jwk: Record<string, unknown> | { kty?: string }): KeyPair {
  const { kty, crv, d, x, y } = jwk as Record<string, unknown>;
  if (kty !== 'EC' || crv !== 'P-256')
    throw wrong('This is a key of another kind. VAPID keys are P-256 (EC).');
  if (typeof d !== 'string') throw wrong('The private half (“d”) is missing from this JWK.');
  if (typeof x !== 'string' || typeof y !== 'string') return pair(d, undefined);
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return pair(d, point.toString('base64url'));
}

/** Two words of the right lengths, whatever stands around them. */
function fromHalves(text: string): KeyPair {
  const words = text.match(/[A-Za-z0-9_+/-]{40,}=*/g) ?? [];
  const ofSize = (size: number) => words.filter((word) => Buffer.from(word, 'base64url').length === size);
  const [privates, publics] = [ofSize(32), ofSize(65)];
  const [privateKey] = privates;
  if (privates.length > 1 || publics.length > 1)
    throw wrong('There is more than one key here. Paste one pair.');
  if (privateKey === undefined)
    throw wrong(
      publics.length === 1
        ? 'This is the public half only. The private half is needed to send: 43 letters and digits.'
        : 'No VAPID key was found. Paste PEM, a JWK, web-push’s JSON, or both halves in base64url.',
    );
  return pair(privateKey, publics[0]);
}

function pair(privateText: string, publicText: string | undefined): KeyPair {
  const privateKey = Buffer.from(privateText, 'base64url');
  if (privateKey.length !== 32)
    throw wrong(`The private half must be 32 bytes, and this one has ${privateKey.length}.`);
  const ecdh = createECDH('prime256v1');
  try {
    ecdh.setPrivateKey(privateKey);
  } catch {
    throw wrong('The private half is no key on P-256.');
  }
  const publicKey = ecdh.getPublicKey();
  if (publicText !== undefined && !publicKey.equals(Buffer.from(publicText, 'base64url')))
    throw wrong('The public half does not belong to the private half. Copy both from the same place.');
  return { publicKey: new Uint8Array(publicKey), privateKey: new Uint8Array(privateKey) };
}

const wrong = (detail: string) =>
  new Refusal('invalid_input', detail, { errors: [{ pointer: '/key', detail }] });
