import type { Clock } from '../ports/surroundings.ts';

/** Milliseconds between two looks, and how far the clock must have been set to be worth a word. */
const LOOK = 1000;
const JUMP = 3000;

/** Notices that the computer's clock was set: it goes by another than that, which nobody can set. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #jumped: (by: number) => void;
  #offset: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param jumped by so many milliseconds; negative: the clock was set back. A sleep of the computer is a jump, too */
  constructor(clock: Clock, jumped: (by: number) => void) {
    this.#clock = clock;
    this.#jumped = jumped;
    this.#offset = this.#now();
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  look(): void {
    const by = this.#now() - this.#offset;
    if (Math.abs(by) < JUMP) return;
    this.#offset += by;
    this.#jumped(Math.round(by));
  }

  #now(): number {
    return this.#clock.now() - performance.now();
  }
}
