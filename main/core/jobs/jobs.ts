import type { Job as Shown } from '../../contract/jobs.ts';
import { randomName } from '../ids.ts';
import type { Live } from '../live.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import { Job, type JobFacts } from './job.ts';

/** Jobs that have ended and are still told of. */
const KEPT = 30;

/**
 * All long work of the core, wherever it is done:
 *
 *     await jobs.run({ kind: 'tags.add', title: 'Tagging 12 408 people', total: 12_408, cancellable: true },
 *       async (job) => {
 *         for (const batch of batches) {
 *           if (job.cancelled) return;
 *           await storage.tag(batch);
 *           job.advance(batch.length);
 *         }
 *         job.result = '12 408 people have the tag.';
 *       });
 */
export class Jobs {
  readonly #live: Live;
  readonly #clock: Clock;
  readonly #jobs: Job[] = [];
  readonly #running = new Map<Job, Promise<void>>();

  constructor(live: Live, clock: Clock) {
    this.#live = live;
    this.#clock = clock;
  }

  /** Runs work as a job. Resolves and rejects as the work does; the operator hears of both. */
  async run<T>(facts: JobFacts, work: (job: Job) => Promise<T>): Promise<T> {
    const job: Job = new Job(
      randomName(),
      facts,
      () => this.#clock.now(),
      () => this.#live.publish({ type: 'job', id: job.id, job: job.shown() }),
    );
    this.#jobs.unshift(job);
    const old = this.#jobs.findIndex((one, i) => i >= KEPT && one.ended);
    if (old >= 0) this.#jobs.splice(old, 1);
    this.#live.publish({ type: 'job', id: job.id, job: job.shown() });
    const working = work(job);
    const ended = working.then(
      () => job.end(),
      (error) => job.end(error instanceof Error ? error.message : String(error)),
    );
    this.#running.set(job, ended);
    await ended;
    this.#running.delete(job);
    return working;
  }

  /** The newest first. */
  list(): Shown[] {
    return this.#jobs.map((job) => job.shown());
  }

  /** @throws Refusal not_found, or conflict for one that has ended or cannot be cancelled */
  cancel(id: string): Shown {
    const job = this.#jobs.find((one) => one.id === id);
    if (job === undefined) throw new Refusal('not_found', 'There is no such job.');
    if (job.ended) throw new Refusal('conflict', 'It has ended already.');
    if (!job.cancellable)
      throw new Refusal('conflict', 'This cannot be cancelled: it must not stay half done.');
    job.cancel();
    return job.shown();
  }

  /** Asks everything to stop, and resolves when nothing is under way. What must go on does so at the next start. */
  async stop(): Promise<void> {
    for (const job of this.#running.keys()) job.cancel();
    await Promise.all(this.#running.values());
  }
}
