const tick = 50;

/** Things to do later, many thousands of them, with one timer. Times are milliseconds, to about 50. */
export class Wheel {
  readonly #slots = new Map<number, (() => void)[]>();
  readonly #timer: NodeJS.Timeout;
  #done = Math.floor(performance.now() / tick);
  waiting = 0;

  constructor() {
    this.#timer = setInterval(() => this.#turn(), tick);
  }

  after(wait: number, act: () => void): void {
    const slot = Math.max(this.#done + 1, Math.ceil((performance.now() + wait) / tick));
    const acts = this.#slots.get(slot);
    if (acts) acts.push(act);
    else this.#slots.set(slot, [act]);
    this.waiting++;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#slots.clear();
  }

  #turn(): void {
    const now = Math.floor(performance.now() / tick);
    while (this.#done < now) {
      const acts = this.#slots.get(++this.#done);
      if (!acts) continue;
      this.#slots.delete(this.#done);
      this.waiting -= acts.length;
      for (const act of acts) act();
    }
  }
}
