import { createECDH, hash } from 'node:crypto';
import type { SimulatedService } from '../core/ports/rehearsal.ts';

/** What only the browser of a simulated person knows. */
export interface Secrets {
  /** P-256 scalar, 32 bytes. */
  privateKey: Uint8Array;
  /** 16 bytes. */
  auth: Uint8Array;
}

/** A browser's push subscription, as it is registered. */
export interface Subscription {
  endpoint: string;
  /** P-256 point, 65 bytes uncompressed. */
  p256dh: Uint8Array;
  auth: Uint8Array;
}

/** Paths as the real services write them, with the subscription's name in the middle. */
const paths: Record<SimulatedService, [before: string, after: string]> = {
  fcm: ['/fcm/send/', ':APA91b'],
  mozilla: ['/wpush/v2/', ''],
  wns: ['/w/?token=', ''],
  apple: ['/', ''],
};
const nameBytes = 20;

/**
 * Keys and endpoints of the people of a rehearsal. All follow from the seed and a person's number, so that a
 * million of them need no storage, and a rehearsal is the same after a restart.
 */
export class Identities {
  readonly #seed: number;
  readonly #people: number;
  readonly #origins: Readonly<Record<SimulatedService, string>>;
  readonly #ecdh = createECDH('prime256v1');

  constructor(seed: number, people: number, origins: Readonly<Record<SimulatedService, string>>) {
    this.#seed = seed;
    this.#people = people;
    this.#origins = origins;
  }

  secrets(index: number): Secrets {
    const block = this.#block(index);
    // below the order of the curve, which begins with 32 ones
    block[0] = (block[0] ?? 0) & 0x7f;
    return { privateKey: block.subarray(0, 32), auth: block.subarray(32, 48) };
  }

  subscription(index: number, service: SimulatedService): Subscription {
    const { privateKey, auth } = this.secrets(index);
    this.#ecdh.setPrivateKey(privateKey);
    return { endpoint: this.endpoint(index, service), p256dh: this.#ecdh.getPublicKey(), auth };
  }

  endpoint(index: number, service: SimulatedService): string {
    const [before, after] = paths[service];
    return `${this.#origins[service]}${before}${this.#name(index)}${after}`;
  }

  /** Whose endpoint a request's path (with its query) is; null for nobody's. */
  indexOf(service: SimulatedService, path: string): number | null {
    const [before, after] = paths[service];
    if (!path.startsWith(before) || !path.endsWith(after)) return null;
    const name = path.slice(before.length, path.length - after.length);
    const bytes = Buffer.from(name, 'base64url');
    if (bytes.length !== nameBytes) return null;
    const index = (bytes.readUInt32BE() ^ this.#seed) >>> 0;
    return index < this.#people && this.#name(index) === name ? index : null;
  }

  #name(index: number): string {
    const name = Buffer.alloc(nameBytes);
    name.writeUInt32BE((index ^ this.#seed) >>> 0);
    this.#block(index).copy(name, 4, 48);
    return name.toString('base64url');
  }

  #block(index: number): Buffer {
    return hash('sha512', `belfry rehearsal ${this.#seed} ${index}`, 'buffer');
  }
}
