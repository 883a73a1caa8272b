/** 32 well-mixed bits of a seed and some integers (the finaliser of MurmurHash3 over each). */
export function mix(seed: number, ...numbers: number[]): number {
  let state = seed | 0;
  for (const number of numbers) {
    state = Math.imul(state ^ number, 0x9e3779b1) + 0x7f4a7c15;
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}

/** A chance that is always the same for the same seed and integers: 0 ≤ value < 1. */
export const chance = (seed: number, ...numbers: number[]): number => mix(seed, ...numbers) / 2 ** 32;

/** One throw after another, the same for the same seed and integers. */
export class Dice {
  #state: number;

  constructor(seed: number, ...numbers: number[]) {
    this.#state = mix(seed, ...numbers);
  }

  /** 0 ≤ value < 1 */
  next(): number {
    this.#state = mix(this.#state, 1);
    return this.#state / 2 ** 32;
  }

  /** Evenly from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A waiting time around `typical`, with the long tail that people have. */
  delay(typical: number): number {
    return typical * (0.1 - Math.log(1 - this.next()));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** Makes a pick by weight, for a chance of 0 ≤ value < 1. */
export function weighted<T extends { weight: number }>(items: readonly T[]): (value: number) => T {
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  return (value) => {
    let left = value * total;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    const last = items.at(-1);
    if (last === undefined) throw new Error('nothing to pick from');
    return last;
  };
}

/** FNV-1a: 32 bits of a text, never 0. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}
