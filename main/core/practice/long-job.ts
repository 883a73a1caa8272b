/** How far something is that takes a while. Times are milliseconds. */
export class LongJob {
  readonly total: number;
  readonly #startedAt: number;
  #done = 0;
  #cancelled = false;

  constructor(total: number, now: number) {
    this.total = total;
    this.#startedAt = now;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  /** @param more what was done since */
  advance(more: number): void {
    this.#done = Math.min(this.total, this.#done + more);
  }

  progress(now: number) {
    const seconds = (now - this.#startedAt) / 1000;
    const rate = seconds > 0.5 && this.#done > 0 ? this.#done / seconds : null;
    return {
      done: this.#done,
      total: this.total,
      perSecond: rate === null ? null : Math.round(rate * 10) / 10,
      secondsLeft: rate === null ? null : Math.ceil((this.total - this.#done) / rate),
    };
  }
}
