import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';

/** What a browser keeps of a subscription, and what it gives away. */
export interface TestSubscription {
  privateKey: Buffer;
  p256dh: Buffer;
  auth: Buffer;
}

export function makeSubscription(): TestSubscription {
  const ecdh = createECDH('prime256v1');
  const p256dh = ecdh.generateKeys();
  return { privateKey: ecdh.getPrivateKey(), p256dh, auth: randomBytes(16) };
}

/**
 * Decrypts a body as a browser does (RFC 8291, RFC 8188), by other means than Belfry encrypts with. Throws when
 * anything is not as the standards want it.
 */
export function decrypt({ privateKey, p256dh, auth }: TestSubscription, body: Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  const salt = bytes.subarray(0, 16);
  const recordSize = bytes.readUInt32BE(16);
  const keyEnd = 21 + bytes.readUInt8(20);
  const sender = bytes.subarray(21, keyEnd);
  const record = bytes.subarray(keyEnd);
  if (record.length > recordSize) throw new Error('more than one record');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, sender]);
  const ikm = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
  const cipher = createDecipheriv('aes-128-gcm', key, nonce);
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error('the last record must end with a delimiter of 2');
  return padded.subarray(0, end);
}
