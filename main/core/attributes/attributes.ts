import type { AttributeChange } from '../../contract/attributes.ts';
import type { Ids } from '../ids.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live.ts';
import { pause } from '../pause.ts';
import type { AttributeChangeRow, AttributeStep } from '../ports/attributes.ts';
import type { SegmentUsers } from '../ports/segments.ts';
import type { Storage } from '../ports/storage.ts';
import type { Clock, Logger } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import { References } from './references.ts';
import { changeResult, changeTitle, undoResult } from './words.ts';

export interface AttributeParts {
  storage: Storage;
  ids: Ids;
  live: Live;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
}

/** Between two transactions, so that whoever else writes never waits for more than one. Milliseconds. */
const BREATH = 5;
/** How long what people had before a change is kept, so that it can be undone. Milliseconds. */
export const UNDO_FOR = 30 * 24 * 60 * 60 * 1000;

/** Tidies what a site's attributes are: each change goes through all its people, as a job, and can be undone. */
export class AttributeDirectory {
  readonly #parts: AttributeParts;
  readonly #references: References;
  readonly #running = new Map<number, Promise<void>>();
  #stopping = false;

  constructor(parts: AttributeParts) {
    this.#parts = parts;
    this.#references = new References(parts.storage);
  }

  /** Goes on with what an earlier run of the program left. */
  async start(): Promise<void> {
    for (const row of await this.#parts.storage.attributes.list(null)) this.#begin(row);
  }

  /** Stops what is under way; the next start goes on with it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running.values());
  }

  /** Segments, drafts and scheduled campaigns that ask for an attribute. */
  usersOf(site: number, attribute: string): Promise<SegmentUsers> {
    return this.#references.of(site, attribute);
  }

  /** @throws Refusal for a change that cannot be, conflict when another one is under way */
  async change(site: number, change: AttributeChange): Promise<AttributeChangeRow> {
    const { storage, clock } = this.#parts;
    await this.#check(site, change);
    const row = await storage.attributes.insert(site, change, clock.now());
    if (row === null) throw busy();
    this.#begin(row);
    return row;
  }

  /** @throws Refusal conflict when it can no longer be undone, or another one is under way */
  async undo(row: AttributeChangeRow): Promise<AttributeChangeRow> {
    const { attributes } = this.#parts.storage;
    const moved = await attributes.move(row.id, ['running', 'done'], 'undoing');
    if (moved === null) {
      if (row.state === 'undone' || row.state === 'undoing') return row;
      if (!row.undoable)
        throw new Refusal(
          'conflict',
          'This can no longer be undone: what people had before is kept for 30 days.',
        );
      throw busy();
    }
    if (!this.#running.has(row.id)) this.#begin(moved);
    return moved;
  }

  async #check(site: number, change: AttributeChange): Promise<void> {
    const known = await this.#parts.storage.attributes.people(site);
    const has = (name: string) => Object.hasOwn(known, name);
    if (!has(change.name)) throw refuse('/change/name', `Nobody has an attribute “${change.name}”.`);
    if (change.do === 'rename') {
      if (change.to === '__proto__') throw refuse('/change/to', 'An attribute cannot have this name.');
      if (change.to === change.name) throw refuse('/change/to', 'That is its name already.');
      if (has(change.to))
        throw refuse('/change/to', `There is an attribute “${change.to}” already. Merge the two instead.`);
    }
    if (change.do === 'merge') {
      if (change.into === change.name)
        throw refuse('/change/into', 'An attribute cannot be merged into itself.');
      if (!has(change.into)) throw refuse('/change/into', `Nobody has an attribute “${change.into}”.`);
      if (change.prefer !== undefined && change.prefer !== change.name && change.prefer !== change.into)
        throw refuse('/change/prefer', 'Give the name of one of the two.');
    }
  }

  #begin(row: AttributeChangeRow): void {
    const { jobs, ids, log } = this.#parts;
    const isBack = row.state === 'undoing';
    const facts = {
      kind: isBack ? 'attribute.undo' : 'attribute.change',
      title: isBack ? `Taking back: ${changeTitle(row.change)}` : changeTitle(row.change),
      site: ids.seal('site', row.site),
      cancellable: !isBack,
    };
    const work = jobs
      .run(facts, (job) => (isBack ? this.#back(row, job) : this.#forth(row, job)))
      .catch((error) => log.error({ error: String(error) }, 'A change to an attribute stopped'))
      .finally(() => {
        this.#running.delete(row.id);
        this.#publish(row.site);
      });
    this.#running.set(row.id, work);
    this.#publish(row.site);
  }

  async #forth(row: AttributeChangeRow, job: Job): Promise<void> {
    const { attributes } = this.#parts.storage;
    let changed = row.people;
    // one that is taken back meanwhile has moved on, and has nobody left here
    const isWhole = await this.#walk(
      job,
      () => attributes.step(row.id),
      (step) => {
        changed += step.changed;
        return job.cancelled;
      },
    );
    if (this.#stopping) return;
    if (!isWhole || job.cancelled) {
      await attributes.move(row.id, ['running'], 'undoing');
      return this.#back(row, job);
    }
    const { change } = row;
    // before it counts as done: when the program ends between the two, it is done again
    if (change.do === 'rename') await this.#rename(row, change.name, change.to);
    if (change.do === 'merge') await this.#rename(row, change.name, change.into);
    if ((await attributes.move(row.id, ['running'], 'done')) === null) return this.#back(row, job);
    job.result = changeResult(change, changed);
  }

  async #back(row: AttributeChangeRow, job: Job): Promise<void> {
    const { attributes } = this.#parts.storage;
    let back = 0;
    await this.#walk(
      job,
      () => attributes.stepBack(row.id),
      (step) => {
        back += step.changed;
        return false;
      },
    );
    if (this.#stopping) return;
    const { change } = row;
    if (change.do === 'rename') await this.#rename(row, change.to, change.name);
    await attributes.move(row.id, ['undoing'], 'undone');
    job.result = undoResult(change, back);
  }

  #rename({ site }: AttributeChangeRow, from: string, to: string): Promise<void> {
    return this.#references.rename(site, from, to, this.#parts.clock.now());
  }

  /** @returns whether it came to the end */
  async #walk(
    job: Job,
    next: () => Promise<AttributeStep>,
    heard: (step: AttributeStep) => boolean,
  ): Promise<boolean> {
    for (;;) {
      const step = await next();
      job.advance(step.changed);
      if (heard(step) || this.#stopping) return false;
      if (step.end) return true;
      await pause(BREATH);
    }
  }

  #publish(site: number): void {
    const { live, ids } = this.#parts;
    const sealed = ids.seal('site', site);
    live.publish({ type: 'attributes', site: sealed });
    live.publish({ type: 'subscribers', site: sealed });
    live.publish({ type: 'segments', site: sealed });
  }
}

const busy = () =>
  new Refusal('conflict', 'Another change to this site’s attributes is under way. Wait until it is done.');
const refuse = (pointer: string, detail: string) =>
  new Refusal('invalid_input', detail, { errors: [{ pointer, detail }] });
