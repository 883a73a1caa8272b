import type { Pace } from '../../contract/campaigns.ts';
import type { Clock } from '../ports/surroundings.ts';

/** What was not used may be made up for over this long, in milliseconds: a burst is never longer. */
const BURST = 1000;

/** Keeps a campaign to the operator's own limit: a token bucket that holds a second's worth. */
export class Throttle {
  readonly #clock: Clock;
  /** Deliveries a millisecond; null: no limit. */
  readonly #rate: number | null;
  #tokens = 1;
  #at: number;

  /** @param total of the campaign, for a limit that spreads it over a time */
  constructor(pace: Pace | null, total: number, clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#rate =
      pace === null
        ? null
        : ('perMinute' in pace ? pace.perMinute : Math.max(1, total) / pace.overMinutes) / 60_000;
  }

  /** How many deliveries may go now. */
  allowed(): number {
    if (this.#rate === null) return Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    // a clock that was set back gives nothing, and takes nothing
    const passed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(Math.max(1, this.#rate * BURST), this.#tokens + passed * this.#rate);
    return Math.floor(this.#tokens);
  }

  take(count: number): void {
    if (this.#rate !== null) this.#tokens -= count;
  }

  /** Milliseconds until one more may go. */
  wait(): number {
    if (this.#rate === null || this.#tokens >= 1) return 0;
    return Math.ceil((1 - this.#tokens) / this.#rate);
  }
}
