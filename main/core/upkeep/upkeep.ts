import { UNDO_FOR } from '../attributes/attributes.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { pause } from '../pause.ts';
import type { CampaignRow, Storage } from '../ports/storage.ts';
import type { Clock, Logger } from '../ports/surroundings.ts';
import { expiredBefore, keepOf, readRetention } from './retention.ts';

export interface UpkeepParts {
  storage: Storage;
  clock: Clock;
  log: Logger;
  jobs: Jobs;
  changed(campaigns: CampaignRow[]): void;
  /** Forgets some of whom old changes to many people changed. Resolves to whether there was any. */
  forgetChanges(): Promise<boolean>;
}

/** What time alone makes due is looked for this often. Milliseconds. */
const ROUND = 10 * 60 * 1000;
/** Between two transactions, so that those of others never wait for more than one. Milliseconds. */
const BREATH = 20;
/** After the database refused (a full disk): try again. Milliseconds. */
const RETRY = 5000;

/**
 * The work that nobody waits for, a little at a time: skips what is left of cancelled campaigns, removes what belongs
 * to deleted sites, drops what need not be kept any longer. All of it is found in the database, so that a restart
 * goes on with it.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #stop = new AbortController();
  #woken = false;
  #endSleep: () => void = () => {};
  #done: Promise<void> = Promise.resolve();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#endSleep();
    await this.#done;
  }

  /** There is something to do. */
  wake(): void {
    this.#woken = true;
    this.#endSleep();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      try {
        await this.#round();
        await this.#sleep(ROUND);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#parts.log.error(
          { error: String(error) },
          'The upkeep of the database did not get on; trying again',
        );
        await this.#sleep(RETRY);
      }
    }
  }

  async #round(): Promise<void> {
    const { storage, clock, changed } = this.#parts;
    const { upkeep } = storage;
    await this.#repeat(async () => {
      const campaign = await upkeep.skipCancelled();
      if (campaign !== null) changed([campaign]);
      return campaign !== null;
    });
    await this.#sweepSites();
    const retention = await readRetention(storage);
    await this.#repeat(async () => {
      const now = clock.now();
      return (await upkeep.dropDetail(keepOf(retention, now), now)) > 0;
    });
    await this.#repeat(async () => (await storage.attributes.forget(clock.now() - UNDO_FOR)) > 0);
    await this.#repeat(async () => {
      const before = expiredBefore(retention, clock.now());
      const people = before === null ? [] : await upkeep.expiredBefore(before);
      if (before === null || people.length === 0) return false;
      await upkeep.purge(people, before);
      return true;
    });
    await this.#repeat(() => this.#parts.forgetChanges());
  }

  /** What belonged to deleted sites goes, as a job once there is any. */
  async #sweepSites(): Promise<void> {
    const { storage, jobs } = this.#parts;
    const went = await storage.upkeep.sweepSites(null);
    if (went === 0) return;
    await jobs.run(
      { kind: 'site.remove', title: 'Removing what belonged to a deleted site' },
      async (job) => {
        job.advance(went);
        await this.#repeat(async () => {
          const more = await storage.upkeep.sweepSites(null);
          job.advance(more);
          return more > 0;
        });
        if (!this.#stop.signal.aborted)
          job.result = 'The deleted site is gone, with all that belonged to it.';
      },
    );
  }

  /** Until there is nothing left of it, or something that is more pressing came. */
  async #repeat(step: () => Promise<boolean>): Promise<void> {
    while (!this.#stop.signal.aborted && (await step())) await pause(BREATH, this.#stop.signal);
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#woken || this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
