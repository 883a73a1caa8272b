import { hash } from 'node:crypto';

/** The first 16 bytes of an endpoint's SHA-256: what tells endpoints apart. */
export const endpointHash = (endpoint: string): Uint8Array =>
  hash('sha256', endpoint, 'buffer').subarray(0, 16);
