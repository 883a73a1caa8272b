import type { Settlement } from '../ports/storage.ts';
import type { SendingParts } from './sender.ts';

/** After the database refused a write (a full disk): try again, and lose nothing meanwhile. Milliseconds. */
const STORAGE_RETRY = 1000;
/** Answers share a commit with others: they wait until enough are there, or for so long (milliseconds). */
const GATHER = 200;

/** What an answer asks for beside its own delivery: that a push service be left alone. */
export type HoldWanted =
  | { kind: 'halt'; pushService: string; reason: string; clockOff: number | null }
  /** `open`: whether the question still is, when it comes to asking; the operator may have answered it meanwhile. */
  | { kind: 'ask'; pushService: string; open(): boolean }
  | { kind: 'pause'; pushService: string; milliseconds: number; reason: string };

export interface Answered {
  settlement: Settlement;
  hold: HoldWanted | null;
}

interface Listener {
  /** These are written. */
  settled(settled: Settlement[]): void;
  /** What is under way is left to the next start. */
  abandoned(): void;
  /** Nothing is being written any more. */
  idle(): void;
  /** Whether more answers are to come than these. */
  more(answers: number): boolean;
  /** How many answers are worth a commit. */
  enough(): number;
}
type Parts = Pick<SendingParts, 'storage' | 'holds' | 'log' | 'changed' | 'peopleChanged'>;

/** Writes the results of one run, those that come while a batch is being written as the next batch. */
export class Settlements {
  readonly #parts: Parts;
  readonly #site: number;
  readonly #tell: Listener;
  #waiting: Answered[] = [];
  #writing = false;
  #leaving = false;
  #endGathering: () => void = () => {};

  constructor(parts: Parts, site: number, tell: Listener) {
    this.#parts = parts;
    this.#site = site;
    this.#tell = tell;
  }

  get busy(): boolean {
    return this.#writing;
  }

  add(answered: Answered[]): void {
    this.#waiting.push(...answered);
    if (this.#gathered()) this.#endGathering();
    if (this.#writing || this.#waiting.length === 0) return;
    this.#writing = true;
    void this.#write();
  }

  /** The program ends: what cannot be written now is left to the next start. */
  leave(): void {
    this.#leaving = true;
    this.#endGathering();
  }

  #gathered(): boolean {
    const { length } = this.#waiting;
    return this.#leaving || length >= this.#tell.enough() || !this.#tell.more(length);
  }

  async #gather(): Promise<void> {
    if (this.#gathered()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER);
      this.#endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #write(): Promise<void> {
    const { storage, log } = this.#parts;
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#waiting;
      this.#waiting = [];
      // in force before anything that it holds back can be claimed again
      const held = this.#hold(batch);
      try {
        const settled = batch.map(({ settlement }) => settlement);
        const campaigns = await storage.deliveries.settle(settled);
        this.#tell.settled(settled);
        this.#parts.changed(campaigns);
        if (settled.some(({ state }) => state === 'expired' || state === 'rejected'))
          this.#parts.peopleChanged(this.#site);
      } catch (error) {
        // settling twice changes nothing, so try until the database takes it
        this.#waiting = [...batch, ...this.#waiting];
        log.error({ error: String(error) }, 'Results could not be written; trying again');
        await new Promise((resolve) => setTimeout(resolve, STORAGE_RETRY));
        if (this.#leaving) {
          // the next start finds them under way and sends them again, counted as repeated
          this.#waiting = [];
          this.#tell.abandoned();
        }
      }
      await held;
    }
    this.#writing = false;
    this.#tell.idle();
  }

  async #hold(batch: Answered[]): Promise<void> {
    const { holds, log } = this.#parts;
    const set = (hold: HoldWanted) => {
      if (hold.kind === 'halt') return holds.halt(this.#site, hold.pushService, hold.reason, hold.clockOff);
      if (hold.kind === 'ask') return hold.open() ? holds.ask(this.#site, hold.pushService) : undefined;
      return holds.pause(this.#site, hold.pushService, hold.milliseconds, hold.reason);
    };
    try {
      await Promise.all(batch.flatMap(({ hold }) => hold ?? []).map(set));
    } catch (error) {
      log.error(
        { error: String(error) },
        'A hold on a push service was not written; it holds until a restart',
      );
    }
  }
}
