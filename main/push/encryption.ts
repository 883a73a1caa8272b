import { createCipheriv, createECDH, createSecretKey, hash, randomFillSync } from 'node:crypto';

/** The longest plaintext that fits the one record that RFC 8291 allows (section 4). */
export const maxPlaintext = 3993;

/** A message that cannot be encrypted for a subscription. */
export class EncryptionError extends Error {
  readonly code: 'too-large' | 'bad-subscription';

  constructor(code: EncryptionError['code'], message: string) {
    super(message);
    this.name = 'EncryptionError';
    this.code = code;
  }
}

/** What a message is encrypted with; a fresh one for every message, but for the RFC's test vector. */
export interface Ephemeral {
  /** P-256 scalar, 32 bytes. */
  privateKey: Uint8Array;
  /** 16 bytes. */
  salt: Uint8Array;
}

/**
 * Encrypts for one subscription: the body of RFC 8291, in `aes128gcm` (RFC 8188), one record.
 * @param p256dh the subscription's point on P-256, 65 bytes uncompressed
 * @param auth the subscription's secret, 16 bytes
 * @param payload at most 3993 bytes of UTF-8
 * @throws EncryptionError
 */
export type Encrypt = (
  p256dh: Uint8Array,
  auth: Uint8Array,
  payload: string,
  ephemeral?: Ephemeral,
) => Buffer<ArrayBuffer>;

const header = 21; // salt, record size, key id length (RFC 8188, 2.1)
const point = 65;
const tag = 16;
const recordSize = 4096;
const lastRecord = 2;

const keyInfo = Buffer.from('WebPush: info\0', 'latin1');
const contentKeyInfo = Buffer.from('Content-Encoding: aes128gcm\0\x01', 'latin1');
const nonceInfo = Buffer.from('Content-Encoding: nonce\0\x01', 'latin1');

/**
 * Makes an encryptor. It keeps one ECDH object, which saves a good part of the time, and gives it a new key pair
 * for each message: sharing a pair between messages is what RFC 8291 forbids.
 */
export function createEncryptor(): Encrypt {
  const ecdh = createECDH('prime256v1');
  const hmac = createHmacSha256();
  const nextSalt = createRandom(16);
  const nextScalar = createRandom(32);
  const info = Buffer.alloc(keyInfo.length + 2 * point + 1);
  keyInfo.copy(info);
  info[info.length - 1] = 1; // HKDF's counter, of its only block
  const [authKey, ikm, prk, contentKey, nonce] = [0, 0, 0, 0, 0].map(() => Buffer.alloc(32)) as Digests;
  const aesKey = contentKey.subarray(0, 16);
  const iv = nonce.subarray(0, 12);

  return (p256dh, auth, payload, ephemeral) => {
    const size = Buffer.byteLength(payload);
    if (size > maxPlaintext)
      throw new EncryptionError('too-large', `The message is ${size} bytes long; ${maxPlaintext} fit.`);
    if (p256dh.length !== point || auth.length !== 16)
      throw new EncryptionError('bad-subscription', 'The subscription’s keys have the wrong length.');

    if (ephemeral) ecdh.setPrivateKey(ephemeral.privateKey);
    else newKeyPair(ecdh, nextScalar());
    const publicKey = ecdh.getPublicKey();
    const salt = ephemeral?.salt ?? nextSalt();
    const shared = agree(ecdh, p256dh);

    info.set(p256dh, keyInfo.length);
    info.set(publicKey, keyInfo.length + point);
    hmac(authKey, auth, shared);
    hmac(ikm, authKey, info);
    hmac(prk, salt, ikm);
    hmac(contentKey, prk, contentKeyInfo);
    hmac(nonce, prk, nonceInfo);

    const body = Buffer.allocUnsafe(header + point + size + 1 + tag);
    body.set(salt);
    body.writeUInt32BE(recordSize, 16);
    body[20] = point;
    body.set(publicKey, header);
    const record = body.subarray(header + point, body.length - tag);
    record.write(payload);
    record[size] = lastRecord;
    // a KeyObject: on Node 24 a raw key costs several times as much
    const cipher = createCipheriv('aes-128-gcm', createSecretKey(aesKey), iv);
    record.set(cipher.update(record));
    cipher.final();
    body.set(cipher.getAuthTag(), body.length - tag);
    return body;
  };
}

function agree(ecdh: ReturnType<typeof createECDH>, p256dh: Uint8Array): Buffer {
  try {
    return ecdh.computeSecret(p256dh);
  } catch {
    throw new EncryptionError('bad-subscription', 'The subscription’s key is no point on P-256.');
  }
}

/**
 * Gives the object a new key pair. A random scalar is what `generateKeys` draws, too (FIPS 186-5, A.2.2), but that
 * takes twice as long on Node 24.
 */
function newKeyPair(ecdh: ReturnType<typeof createECDH>, scalar: Buffer): void {
  try {
    ecdh.setPrivateKey(scalar);
  } catch {
    ecdh.generateKeys(); // one in 2^32 is not below the order
  }
}

/** Random bytes, each used once, drawn many at a time. They are good until the next are taken. */
function createRandom(size: number) {
  const pool = Buffer.alloc(size * 256);
  let used = pool.length;
  return (): Buffer => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}

type Digests = [Buffer, Buffer, Buffer, Buffer, Buffer];

/**
 * HMAC-SHA256 (RFC 2104) from two one-shot hashes, for keys and messages of a known small size, written into a
 * buffer that is kept. The hashes come as text of one byte a character: a buffer for each of the ten that a message
 * takes would cost more than the hash.
 */
function createHmacSha256() {
  const block = 64;
  const inner = Buffer.alloc(block + 256);
  const outer = Buffer.alloc(block + 32);
  return (into: Buffer, key: Uint8Array, message: Uint8Array): void => {
    for (let i = 0; i < block; i++) {
      const byte = key[i] ?? 0;
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    inner.set(message, block);
    outer.write(hash('sha256', inner.subarray(0, block + message.length), 'binary'), block, 'latin1');
    into.write(hash('sha256', outer, 'binary'), 'latin1');
  };
}
