import { createDecipheriv, createECDH, createHmac, createSecretKey } from 'node:crypto';
import type { Secrets } from './identities.ts';

const header = 21; // salt, record size, key id length (RFC 8188, 2.1)
const point = 65;
const tag = 16;
const lastRecord = 2;

/**
 * Makes a decryptor for bodies of RFC 8291 (`aes128gcm`, one record). It shares no code with what Belfry encrypts
 * with, so that it can bear witness to it.
 * @returns a function that gives the text, and throws for a body that is not for this subscription
 */
export function createDecryptor(): (body: Buffer, secrets: Secrets) => string {
  const ecdh = createECDH('prime256v1');
  return (body, { privateKey, auth }) => {
    if (body.length < header + point + tag + 1 || body[20] !== point)
      throw new Error('This is no body in aes128gcm with a key of P-256.');
    const salt = body.subarray(0, 16);
    const sender = body.subarray(header, header + point);
    ecdh.setPrivateKey(privateKey);
    const secret = hmac(auth, ecdh.computeSecret(sender));
    const ikm = hmac(secret, 'WebPush: info\0', ecdh.getPublicKey(), sender, '\x01');
    const prk = hmac(salt, ikm);
    const key = hmac(prk, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16);
    const nonce = hmac(prk, 'Content-Encoding: nonce\0\x01').subarray(0, 12);
    const decipher = createDecipheriv('aes-128-gcm', createSecretKey(key), nonce);
    decipher.setAuthTag(body.subarray(body.length - tag));
    const record = Buffer.concat([
      decipher.update(body.subarray(header + point, body.length - tag)),
      decipher.final(),
    ]);
    let end = record.length - 1;
    while (end >= 0 && record[end] === 0) end--;
    if (record[end] !== lastRecord) throw new Error('The record is not marked as the last one.');
    return record.toString('utf8', 0, end);
  };
}

function hmac(key: Uint8Array, ...parts: (Uint8Array | string)[]): Buffer {
  // a KeyObject: on Node 24 a raw key costs several times as much
  const mac = createHmac('sha256', createSecretKey(key));
  for (const part of parts) mac.update(part);
  return mac.digest();
}
