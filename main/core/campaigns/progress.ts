import type { Clock } from '../ports/surroundings.ts';

/** Rates are of the last five seconds, so that they are steady and still follow a change. */
const WINDOW = 5000;

/** How fast a campaign goes: deliveries settled a second, and from that the time left. */
export class Progress {
  readonly #clock: Clock;
  #marks: { at: number; settled: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(settled: number): void {
    const now = this.#clock.now();
    this.#marks = this.#marks.filter(({ at }) => at > now - WINDOW);
    this.#marks.push({ at: now, settled });
  }

  /** Deliveries a second, or null before there is anything to tell. */
  rate(): number | null {
    const now = this.#clock.now();
    const recent = this.#marks.filter(({ at }) => at > now - WINDOW);
    const first = recent[0];
    if (first === undefined || now - first.at < 250) return null;
    const settled = recent.reduce((sum, mark) => sum + mark.settled, 0);
    return Math.round((settled / (now - first.at)) * 10_000) / 10;
  }

  secondsLeft(pending: number): number | null {
    const rate = this.rate();
    return rate === null || rate === 0 ? null : Math.ceil(pending / rate);
  }
}
