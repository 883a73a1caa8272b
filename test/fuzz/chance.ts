/** Random choices that a seed repeats. */
export interface Chance {
  /** 0 to below `limit`. */
  int(limit: number): number;
  pick<T>(list: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  bytes(length: number): Buffer;
}

/** @param seed any integer; the same one gives the same choices (mulberry32) */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (limit: number) => next() % limit;
  return {
    int,
    pick: (list) => list[int(list.length)] as (typeof list)[number],
    percent: (share) => int(100) < share,
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}
