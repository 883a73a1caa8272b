import type { BulkAction } from '../../contract/changes.ts';
import type { Ids } from '../ids.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live.ts';
import type { BulkRow, BulkSave } from '../ports/bulk.ts';
import type { Storage, SubscriberFilter } from '../ports/storage.ts';
import type { Clock, Logger } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import { bulkResult, bulkTitle, undoneResult } from './bulk-words.ts';

export interface BulkParts {
  storage: Storage;
  directory: SiteDirectory;
  ids: Ids;
  live: Live;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
}

/** Who is meant, by the database's ids: some people, or all who fit less some. */
export type BulkWho = { subscribers: number[] } | { filter: SubscriberFilter; except: number[] };

/** For so long it is kept who was changed. Milliseconds. */
export const UNDO_FOR = 7 * 24 * 60 * 60 * 1000;
/** Ids that are asked for at once, so that memory does not grow with the audience. */
const FOUND_AT_ONCE = 200_000;
/** Of one site. */
const MOST_UNDER_WAY = 5;

interface Running {
  site: number;
  job: Job | null;
  ended: Promise<void>;
}

/**
 * Changes to many people at once, each a job. Who is meant is found out and written down first, by ascending id up to
 * whoever was the newest at the start: nobody who joins meanwhile is changed, nobody is changed twice, and the change
 * cannot move who is meant. Then they are changed, some 40 ms of them in each transaction, which also notes whom it
 * changed: so that it can go on after the program was killed, and be taken back.
 */
export class BulkChanges {
  readonly #parts: BulkParts;
  readonly #running = new Map<number, Running>();
  #stopping = false;

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /** Takes up what an earlier run of the program left: it goes on, unless nothing was changed yet. */
  async start(): Promise<void> {
    const { storage, log, clock } = this.#parts;
    for (const row of await storage.bulk.underWay()) {
      log.warn({ state: row.state }, 'A change to many people was interrupted when the program ended');
      if (row.state === 'changing') this.#run(row, (job) => this.#change(row.id, job));
      else if (row.state === 'undoing') this.#runUndo(row);
      else {
        await storage.bulk.dropWaiting(row.id);
        const problem = 'Belfry ended before it had begun. Nothing was changed.';
        await storage.bulk.save(row.id, { state: 'failed', problem, finishedAt: clock.now() });
      }
    }
  }

  /** Stops what is under way; the next start goes on with it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  jobOf(id: number): Job | null {
    return this.#running.get(id)?.job ?? null;
  }

  /**
   * Resolves once it has begun.
   * @param people as many as the caller knows of; with another number nothing is done
   * @param requestId of the caller's Idempotency-Key: a repeat, even after a crash, changes nothing twice
   * @throws Refusal conflict while too many are under way for the site
   */
  async begin(
    site: number,
    action: BulkAction,
    who: BulkWho,
    people: number | null,
    requestId: string | null,
  ): Promise<BulkRow> {
    const { storage, clock } = this.#parts;
    const several = [...this.#running.values()].filter((one) => one.site === site).length;
    if (several >= MOST_UNDER_WAY)
      throw new Refusal(
        'conflict',
        `${several} changes are under way already. Wait until one is done, or cancel it.`,
      );
    const change = { site, action, createdAt: clock.now() };
    const { row, isNew } = await storage.bulk.insert(change, requestId);
    if (!isNew) return row;
    this.#run(row, async (job) => {
      if (await this.#find(row, who, people, job)) await this.#change(row.id, job);
    });
    return row;
  }

  /** Resolves when it has stopped. */
  async cancel({ id }: BulkRow): Promise<void> {
    const running = this.#running.get(id);
    if (running?.job?.cancellable) running.job.cancel();
    await running?.ended;
  }

  /** Resolves once it has begun. @throws Refusal conflict when it is under way, or there is nothing to take back */
  async undo(row: BulkRow): Promise<BulkRow> {
    const { storage } = this.#parts;
    if (this.#running.has(row.id)) throw new Refusal('conflict', 'This change is still under way.');
    if ('erase' in row.action)
      throw new Refusal('conflict', 'Who was erased is gone: nothing is kept of them that could come back.');
    if (!this.isUndoable(row))
      throw new Refusal('conflict', 'There is nothing to take back, or it is too long ago.');
    const undoing = { ...row, state: 'undoing' as const };
    this.#runUndo(undoing, () => storage.bulk.save(row.id, { state: 'undoing', finishedAt: null }));
    return undoing;
  }

  isUndoable(row: BulkRow): boolean {
    return (
      ['done', 'cancelled', 'failed'].includes(row.state) &&
      !('erase' in row.action) &&
      row.changed > row.undone + row.kept &&
      (row.finishedAt ?? 0) > this.#parts.clock.now() - UNDO_FOR
    );
  }

  /** Forgets whom changes changed that are over for long. Resolves to whether there was any. */
  async forget(): Promise<boolean> {
    return (await this.#parts.storage.bulk.dropOld(this.#parts.clock.now() - UNDO_FOR)) > 0;
  }

  #runUndo(row: BulkRow, first: () => Promise<unknown> = async () => {}): void {
    this.#run(row, async (job) => {
      await first();
      job.expect(row.changed);
      job.advance(row.undone + row.kept);
      await this.#steps(row, job, 'undoStep');
      if (this.#stopping) return;
      const state = job.cancelled ? 'done' : 'undone';
      const ended = await this.#save(row.id, { state, finishedAt: this.#parts.clock.now() });
      if (ended) job.result = undoneResult(ended);
    });
  }

  #run(row: BulkRow, work: (job: Job) => Promise<void>): void {
    const { jobs, ids, live, log, clock } = this.#parts;
    const isUndo = row.state === 'undoing';
    const running: Running = { site: row.site, job: null, ended: Promise.resolve() };
    this.#running.set(row.id, running);
    const title = bulkTitle(row.action);
    const facts = {
      kind: isUndo ? 'people.undo' : 'people.change',
      title: isUndo ? `Taking back: ${title.charAt(0).toLowerCase()}${title.slice(1)}` : title,
      site: ids.seal('site', row.site),
      about: ids.seal('chg', row.id),
      total: row.people,
      cancellable: true,
    };
    running.ended = jobs
      .run(facts, async (job) => {
        running.job = job;
        try {
          await work(job);
        } catch (error) {
          const isOurs = !(error instanceof Refusal);
          if (isOurs) log.error({ error: String(error) }, 'A change to many people failed');
          const problem = isOurs
            ? 'It could not go on: something went wrong inside Belfry, and its log says more.'
            : error.message;
          await this.#save(row.id, { state: 'failed', problem, finishedAt: clock.now() }).catch(() => {});
          throw new Error(problem);
        } finally {
          // before the job is told of as ended: whoever hears of that may take it back
          this.#running.delete(row.id);
        }
      })
      .catch(() => {})
      .finally(() => live.publish({ type: 'subscribers', site: facts.site }));
  }

  /** Writes down who is meant. @returns whether to go on */
  async #find(row: BulkRow, who: BulkWho, expected: number | null, job: Job): Promise<boolean> {
    const { storage, clock } = this.#parts;
    let people = 0;
    const add = async (some: number[]) => {
      if (some.length > 0) await storage.bulk.add(row.id, some);
      people += some.length;
    };
    if ('subscribers' in who) {
      const wanted = [...new Set(who.subscribers)].sort((a, b) => a - b);
      await add(await storage.subscribers.existing(row.site, wanted));
    } else {
      const except = new Set(who.except);
      const filter = { ...who.filter, site: row.site };
      const upTo = await storage.bulk.newestPerson();
      for (let after = 0; !job.cancelled && !this.#stopping; ) {
        const found = await storage.bulk.find(filter, after, upTo, FOUND_AT_ONCE);
        await add(found.filter((id) => !except.has(id)));
        const last = found.at(-1);
        if (last === undefined || found.length < FOUND_AT_ONCE) break;
        after = last;
      }
    }
    if (this.#stopping) return false; // the next start says that nothing was changed
    if (job.cancelled || (expected !== null && expected !== people)) {
      await storage.bulk.dropWaiting(row.id);
      if (!job.cancelled)
        throw new Refusal(
          'conflict',
          `${people} people are meant now, and not ${expected}. Nothing was changed.`,
        );
      const ended = await this.#save(row.id, { state: 'cancelled', finishedAt: clock.now() });
      if (ended) job.result = bulkResult(ended);
      return false;
    }
    await this.#save(row.id, { state: 'changing', people });
    return true;
  }

  async #change(id: number, job: Job): Promise<void> {
    const { storage, clock } = this.#parts;
    const row = await storage.bulk.get(id);
    if (row === null) return;
    job.expect(row.people ?? 0);
    job.advance(row.looked);
    await this.#steps(row, job, 'step');
    if (this.#stopping) return;
    if (job.cancelled) await storage.bulk.dropWaiting(id);
    const state = job.cancelled ? 'cancelled' : 'done';
    const ended = await this.#save(id, { state, finishedAt: clock.now() });
    if (ended) job.result = bulkResult(ended);
  }

  /** Each waits for its answer: what others write meanwhile comes in between. */
  async #steps(row: BulkRow, job: Job, which: 'step' | 'undoStep'): Promise<void> {
    const { storage, clock, live, ids, directory } = this.#parts;
    while (!job.cancelled && !this.#stopping) {
      // a site that was removed takes its changes with it
      if (directory.get(row.site) === undefined) return job.cancel();
      const step = await storage.bulk[which](row.id, clock.now());
      job.advance(step?.looked ?? 0);
      live.publish({ type: 'subscribers', site: ids.seal('site', row.site) });
      if (!step?.left) return;
    }
  }

  #save(id: number, change: BulkSave): Promise<BulkRow | null> {
    return this.#parts.storage.bulk.save(id, change);
  }
}
