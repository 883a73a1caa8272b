import type { Registration } from '../core/ports/storage.ts';

/** Registrations on their way to the writer. */
export interface RegistrationBatch {
  /** All but their keys, as JSON. */
  rest: string;
  /** Of each its `p256dh`, then its `auth`, one after the other. */
  keys: Uint8Array<ArrayBuffer>;
}

const P256DH = 65;
const AUTH = 16;
const BOTH = P256DH + AUTH;

/**
 * Packs registrations into two values: a structured clone of the objects would cost three times as much, and copy
 * along with each small key all of the slab that it lies in.
 * @throws RangeError when a key is not as long as `Registration` says
 */
export function packRegistrations(registrations: Registration[]): RegistrationBatch {
  const keys = new Uint8Array(registrations.length * BOTH);
  const rest = registrations.map((one, i) => {
    if (one.p256dh.length !== P256DH || one.auth.length !== AUTH)
      throw new RangeError('No keys of a browser');
    keys.set(one.p256dh, i * BOTH);
    keys.set(one.auth, i * BOTH + P256DH);
    return { ...one, p256dh: undefined, auth: undefined };
  });
  return { rest: JSON.stringify(rest), keys };
}

/** What was packed, its keys as views of `keys`. */
export function unpackRegistrations({ rest, keys }: RegistrationBatch): Registration[] {
  const registrations: Registration[] = JSON.parse(rest);
  registrations.forEach((one, i) => {
    one.p256dh = keys.subarray(i * BOTH, i * BOTH + P256DH);
    one.auth = keys.subarray(i * BOTH + P256DH, (i + 1) * BOTH);
  });
  return registrations;
}
