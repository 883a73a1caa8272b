import type { JobState, Job as Shown } from '../../contract/jobs.ts';

export interface JobFacts {
  /** Such as `rehearsal.make`. */
  kind: string;
  title: string;
  /** Public id of the site that it is for. */
  site?: string | null;
  /** Public id of what it works on, where that has one. */
  about?: string;
  /** How much there is to do, where that is known. */
  total?: number | null;
  /** What is counted; things unless given. */
  unit?: Shown['unit'];
  /** Whether the operator may cancel it. */
  cancellable?: boolean;
}

/** Milliseconds over which the rate is taken, and between two notes of how far it was. */
const RATE_OVER = 10_000;
const NOTE_EVERY = 250;
/** Before so many milliseconds a rate says nothing. */
const RATE_FROM = 500;

/** How far something is that takes a while. The worker calls `advance`, looks at `cancelled`, and leaves a `result`. */
export class Job {
  readonly id: string;
  /** What came of it, in a sentence; told when it ends. */
  result: string | null = null;
  readonly #facts: JobFacts;
  readonly #startedAt: number;
  readonly #changed: () => void;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #state: JobState = 'running';
  #endedAt: number | null = null;
  #done = 0;
  #total: number | null;
  #notes: { at: number; done: number }[];

  /** @param now milliseconds since the epoch @param changed called whenever it is worth looking again */
  constructor(id: string, facts: JobFacts, now: () => number, changed: () => void) {
    this.id = id;
    this.#facts = facts;
    this.#now = now;
    this.#changed = changed;
    this.#startedAt = now();
    this.#total = facts.total ?? null;
    this.#notes = [{ at: this.#startedAt, done: 0 }];
  }

  get cancellable(): boolean {
    return this.#facts.cancellable ?? false;
  }

  get ended(): boolean {
    return this.#endedAt !== null;
  }

  get cancelled(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborted when it is to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  cancel(): void {
    if (this.ended || this.cancelled) return;
    this.#state = 'stopping';
    this.#stop.abort();
    this.#changed();
  }

  /** Says how much there is to do, once that is known. */
  expect(total: number): void {
    this.#total = total;
    this.#changed();
  }

  /** @param more what was done since */
  advance(more: number): void {
    this.#done += more;
    if (this.#total !== null) this.#done = Math.min(this.#total, this.#done);
    const at = this.#now();
    if (at - (this.#notes.at(-1)?.at ?? 0) >= NOTE_EVERY) {
      this.#notes.push({ at, done: this.#done });
      // one note older than the span stays: the rate begins there
      while ((this.#notes[1]?.at ?? at) < at - RATE_OVER) this.#notes.shift();
    }
    this.#changed();
  }

  /** @param problem why it failed; left out when it came to its end or was cancelled */
  end(problem?: string): void {
    if (this.ended) return;
    this.#endedAt = this.#now();
    this.#state = problem !== undefined ? 'failed' : this.cancelled ? 'cancelled' : 'done';
    if (problem !== undefined) this.result = problem;
    this.#changed();
  }

  progress() {
    const [first] = this.#notes;
    const span = this.#now() - (first?.at ?? 0);
    const rate =
      span >= RATE_FROM && this.#done > 0 ? ((this.#done - (first?.done ?? 0)) * 1000) / span : null;
    const left = this.#total === null ? null : this.#total - this.#done;
    return {
      done: this.#done,
      total: this.#total,
      perSecond: rate === null ? null : Math.round(rate * 10) / 10,
      secondsLeft: rate === null || rate === 0 || left === null ? null : Math.ceil(left / rate),
    };
  }

  shown(): Shown {
    const { kind, title, site = null, about = null, unit = 'things' } = this.#facts;
    const time = (at: number) => new Date(at).toISOString();
    return {
      id: this.id,
      kind,
      title,
      site,
      about,
      state: this.#state,
      unit,
      ...this.progress(),
      ...(this.ended && { perSecond: null, secondsLeft: null }),
      cancellable: this.cancellable && this.#state === 'running',
      startedAt: time(this.#startedAt),
      endedAt: this.#endedAt === null ? null : time(this.#endedAt),
      result: this.ended ? this.result : null,
    };
  }
}
