import type { Clock } from '../ports/surroundings.ts';

/** Fewer than this taken before a service says “slow down” tell nothing of how many it takes. */
const ENOUGH = 100;
/** What it took before it said so, less this, is what it is given afterwards. */
const DECREASE = 0.9;
/** For m minutes without another refusal the rate grows by this times (m + m²): near the limit slowly, then faster. */
const INCREASE = 0.02;
const MINUTE = 60_000;
/** What was not used may be made up for over this long; less than a part of it is not worth a claim. Milliseconds. */
const BURST = 1000;
const PART = 250;

/**
 * The rate that a push service takes, learned from its “slow down”s (as FCM's 1000 a minute): what it accepted since
 * the last one, over the time until it lets us go on, a little decreased; then increased little by little. Before it
 * has said so there is no limit.
 */
export class Limit {
  readonly #clock: Clock;
  /** Deliveries a millisecond after the last refusal. */
  #rate: number | null = null;
  #limitedAt = 0;
  #tokens = 0;
  #filledAt: number;
  #accepted = 0;
  #countedFrom: number;

  /** @param clock one that is never set */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAt = clock.now();
    this.#countedFrom = this.#filledAt;
  }

  /** How many may go now. */
  allowed(): number {
    this.#fill();
    return this.#rate === null ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor(this.#tokens));
  }

  /** Milliseconds until it is worth asking again; null: there is no limit, or something may go now. */
  wait(): number | null {
    this.#fill();
    const rate = this.#now();
    if (rate === null || this.#tokens >= 1) return null;
    return Math.ceil(Math.max(1, rate * PART, 1 - this.#tokens) / rate);
  }

  take(): void {
    this.#tokens--;
  }

  giveBack(): void {
    this.#tokens++;
  }

  accepted(): void {
    // idle time is no part of what it takes: the count begins with the first
    if (this.#accepted++ === 0 && this.#rate === null) this.#countedFrom = this.#clock.now();
  }

  /** @param milliseconds that it wants to be left alone */
  limited(milliseconds: number): void {
    const now = this.#clock.now();
    if (now < this.#countedFrom) return; // said by many answers at once
    const shown = this.#accepted >= ENOUGH ? this.#accepted / (now + milliseconds - this.#countedFrom) : null;
    const before = this.#now();
    if (shown !== null) this.#rate = Math.min(before ?? shown, shown) * DECREASE;
    else if (before !== null) this.#rate = before * DECREASE;
    this.#accepted = 0;
    this.#countedFrom = now + milliseconds;
    this.#limitedAt = this.#countedFrom;
    this.#tokens = 0;
    this.#filledAt = now;
  }

  /** Deliveries a millisecond just now. */
  #now(): number | null {
    if (this.#rate === null) return null;
    const clean = Math.max(0, this.#clock.now() - this.#limitedAt) / MINUTE;
    return this.#rate * (1 + INCREASE * (clean + clean ** 2));
  }

  #fill(): void {
    const rate = this.#now();
    const now = this.#clock.now();
    if (rate !== null)
      this.#tokens = Math.min(Math.max(1, rate * BURST), this.#tokens + (now - this.#filledAt) * rate);
    else this.#tokens = 0;
    this.#filledAt = now;
  }
}
