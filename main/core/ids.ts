import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** What a public id stands for; the first byte of the sealed block. */
const kinds = { site: 1, sub: 2, cmp: 3, key: 4, seg: 6, imp: 7, att: 8, chg: 9 } as const;
export type IdKind = keyof typeof kinds;
const DELIVERY = 5;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * Ids as the outside sees them: the database's integers sealed in one AES block, so that they tell nothing (not
 * how many there are, nor which came first) and cannot be guessed, and need neither a column nor an index.
 */
export class Ids {
  readonly #idKey: KeyObject;
  readonly #idCipher: Cipheriv;
  readonly #tokenKey: KeyObject;

  /** @param secret the database's own, 32 bytes */
  constructor(secret: Uint8Array) {
    const derive = (use: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', use, 16)));
    this.#idKey = derive('public ids');
    this.#idCipher = blockCipher(this.#idKey);
    this.#tokenKey = derive('delivery tokens');
  }

  /** @returns such as `sub_` and 26 letters and digits */
  seal(kind: IdKind, id: number): string {
    const block = Buffer.alloc(16);
    block[0] = kinds[kind];
    block.writeUIntBE(id, 10, 6);
    return `${kind}_${base32(this.#idCipher.update(block))}`;
  }

  /** @returns the integer, or null for what is no id of this kind from this database */
  open(kind: IdKind, id: string): number | null {
    const sealed = id.startsWith(`${kind}_`) ? fromBase32(id.slice(kind.length + 1)) : null;
    if (sealed === null) return null;
    const block = decrypt(this.#idKey, sealed);
    const genuine = block[0] === kinds[kind] && block.subarray(1, 10).every((byte) => byte === 0);
    return genuine ? block.readUIntBE(10, 6) : null;
  }

  /**
   * The token with which a browser reports on a delivery: 22 base64url characters. 48 of the block's 128 bits must
   * come out right, so one guess in 2^48 would be believed.
   */
  token(campaign: number, subscriber: number): string {
    return this.tokens([{ campaign, subscriber }])[0] ?? '';
  }

  /** The tokens of many deliveries, in order: together they cost a fraction. */
  tokens(deliveries: { campaign: number; subscriber: number }[]): string[] {
    const blocks = Buffer.alloc(16 * deliveries.length);
    deliveries.forEach(({ campaign, subscriber }, i) => {
      blocks[16 * i] = DELIVERY;
      blocks.writeUIntBE(campaign, 16 * i + 6, 5);
      blocks.writeUIntBE(subscriber, 16 * i + 11, 5);
    });
    // block by block: equal ones would look alike, and no two deliveries are equal
    const sealed = encrypt(this.#tokenKey, blocks);
    return deliveries.map((_, i) => sealed.toString('base64url', 16 * i, 16 * i + 16));
  }

  openToken(token: string): { campaign: number; subscriber: number } | null {
    if (!/^[A-Za-z0-9_-]{22}$/.test(token)) return null;
    const sealed = Buffer.from(token, 'base64url');
    // the last character holds four bits that decoding drops: only the token as it was made is genuine
    if (sealed.toString('base64url') !== token) return null;
    const block = decrypt(this.#tokenKey, sealed);
    if (block[0] !== DELIVERY || block.readUIntBE(1, 5) !== 0) return null;
    return { campaign: block.readUIntBE(6, 5), subscriber: block.readUIntBE(11, 5) };
  }
}

/** A name of 20 random letters and digits, for what needs one that is not derived: a site's public key. */
export const randomName = () => base32(randomBytes(13)).slice(0, 20);

/** Block by block, each for itself: one cipher serves any number of them, and never ends. */
const blockCipher = (key: KeyObject) => createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);

/** @param block one, or several in a row */
function encrypt(key: KeyObject, block: Buffer): Buffer {
  const cipher = blockCipher(key);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function decrypt(key: KeyObject, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(sealed), decipher.final()]);
}

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

/** @returns 16 bytes, or null when the text is not exactly what `base32` gives for some */
function fromBase32(text: string): Buffer | null {
  if (!/^[a-z2-7]{26}$/.test(text)) return null;
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = ((value << 5) | ALPHABET.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 255);
    }
  }
  const sealed = Buffer.from(bytes);
  return base32(sealed) === text ? sealed : null;
}
