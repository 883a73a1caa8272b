import { createHash } from 'node:crypto';

/** A prime above every id that is drawn from in practice; larger ids wrap. */
export const SAMPLE_PRIME = 2_147_483_647n;
export const SAMPLE_PARTS = 10_000n;

/**
 * The two numbers of a hash of the family (a·id + b) mod p (Carter and Wegman), from a seed: a person falls in the
 * same of 10 000 parts whenever it is the same.
 */
export function sampleHash(seed: string): { a: bigint; b: bigint } {
  const digest = createHash('sha256').update(seed).digest();
  return {
    a: (digest.readBigUInt64BE(0) % (SAMPLE_PRIME - 1n)) + 1n,
    b: digest.readBigUInt64BE(8) % SAMPLE_PRIME,
  };
}

/** How many of the 10 000 parts a percentage is. */
export const sampleParts = (percent: number): number => Math.round(percent * 100);
