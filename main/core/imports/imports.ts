import type { Encoding, ImportOptions, ImportPreview, ImportState } from '../../contract/imports.ts';
import type { Ids } from '../ids.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live.ts';
import type { ImportChange, ImportFiles, ImportRecord, ReadSettings } from '../ports/imports.ts';
import type { SiteRow, Storage } from '../ports/storage.ts';
import type { Clock, Logger } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import type { PushHostList } from '../sites/push-hosts.ts';
import { Incoming } from './incoming.ts';
import { readSettings } from './settings.ts';
import { jobFacts, resultWords } from './words.ts';
import { readThrough, type Tally, wantsAll, wrongRows } from './work.ts';

export interface ImportParts {
  storage: Storage;
  files: ImportFiles;
  directory: SiteDirectory;
  pushHosts: PushHostList;
  ids: Ids;
  live: Live;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
}

/** The one that is under way: reading a file is work for a whole core. */
interface Running {
  id: number;
  /** Null for the moment until it is written down that it begins. */
  job: Job | null;
  stop: AbortController;
  ended: Promise<void>;
}

/** Files that a site may have here at once; each may be large. */
const mostFiles = 20;
/** Milliseconds after which a file is forgotten that nobody took up again: there are secrets in it. */
const keptFor = 7 * 24 * 60 * 60 * 1000;
const underWay: ReadonlySet<ImportState> = new Set(['checking', 'importing', 'undoing']);

/** Files with subscribers: they come in, are looked at, and are imported, one at a time. */
export class Imports {
  readonly #parts: ImportParts;
  readonly #records = new Map<number, ImportRecord>();
  readonly #incoming: Incoming;
  #running: Running | null = null;

  constructor(parts: ImportParts) {
    this.#parts = parts;
    this.#incoming = new Incoming(parts.files);
  }

  /** Takes up what an earlier run of the program left: half of an import that was to be all or nothing is taken back. */
  async start(): Promise<void> {
    const { storage, files, clock, log } = this.#parts;
    for (const record of await storage.imports.all()) {
      const isOld = clock.now() - record.createdAt > keptFor && record.state !== 'finished';
      if (isOld && !underWay.has(record.state)) await storage.imports.remove(record.id);
      else this.#records.set(record.id, record);
    }
    await files.removeOthers([...this.#records.keys()]);
    for (const record of this.#records.values()) {
      this.#incoming.set(record.id, Math.min(record.size, await files.size(record.id)));
      if (!underWay.has(record.state)) continue;
      const isHalf = record.state === 'undoing' || (record.state === 'importing' && wantsAll(record.options));
      if (isHalf)
        await this.#begin(record.id, 'undo', { state: 'undoing' }, (run) =>
          this.#takeBack(run, 'interrupted'),
        );
      else await this.#save(record.id, { state: 'interrupted', finishedAt: clock.now() });
      log.warn({ undone: isHalf }, 'An import was interrupted when the program ended');
      await this.#running?.ended;
    }
  }

  /** Stops what is under way; the next start finds it interrupted. */
  async stop(): Promise<void> {
    this.#running?.stop.abort('stopping');
    await this.#running?.ended;
  }

  of(site: number): ImportRecord[] {
    return [...this.#records.values()].filter((record) => record.site === site).sort((a, b) => b.id - a.id);
  }

  get(id: number): ImportRecord | undefined {
    return this.#records.get(id);
  }

  received(id: number): number {
    return this.#incoming.of(id);
  }

  /** What is under way with it; null when nothing is. */
  jobOf(id: number): Job | null {
    return this.#running?.id === id ? this.#running.job : null;
  }

  /** @throws Refusal forbidden for a practice site, conflict when there are too many files */
  async begin(site: SiteRow, name: string, size: number): Promise<ImportRecord> {
    if (site.practice)
      throw new Refusal('forbidden', 'This is a practice site: real people never come into it.');
    if (this.of(site.id).length >= mostFiles)
      throw new Refusal('conflict', `There are ${mostFiles} imports here already. Delete one of them first.`);
    const { storage, clock } = this.#parts;
    const record = await storage.imports.insert({ site: site.id, name, size, createdAt: clock.now() });
    this.#records.set(record.id, record);
    return record;
  }

  /** See Incoming. */
  async append(record: ImportRecord, offset: number, bytes: Uint8Array): Promise<void> {
    const received = await this.#incoming.append(record, offset, bytes);
    const isWaited = this.#records.get(record.id)?.state === 'receiving';
    if (received === record.size && isWaited) await this.#save(record.id, { state: 'ready' });
  }

  preview(
    record: ImportRecord,
    wanted: { encoding?: Encoding | undefined; delimiter?: string | undefined },
  ): Promise<ImportPreview> {
    this.#requireFile(record);
    return this.#parts.files.preview(record.id, wanted);
  }

  /** Reads the whole file without storing anything. Resolves once it has begun. */
  async check(record: ImportRecord, options: ImportOptions): Promise<void> {
    const settings = this.#prepare(record, options);
    const first = { state: 'checking', options, problem: null, finishedAt: null } as const;
    await this.#begin(record.id, 'check', first, async (run) => {
      const { counts, problem, cancelled } = await this.#read(run, record, settings, false);
      if (cancelled) await this.#ended(run, record.id, { state: 'ready' });
      else await this.#save(record.id, { state: 'checked', checked: JSON.stringify(counts), problem });
    });
  }

  /** Imports the file. Resolves once it has begun. */
  async run(record: ImportRecord, options: ImportOptions): Promise<void> {
    const settings = this.#prepare(record, options);
    const state = wantsAll(options) ? 'checking' : 'importing';
    const first = { state, options, problem: null, counts: null, finishedAt: null } as const;
    await this.#begin(record.id, 'run', first, (run) => this.#import(run, record, settings));
  }

  /** Stops what is under way; resolves when it has stopped. */
  async cancel({ id }: ImportRecord): Promise<void> {
    const running = this.#running;
    if (running?.id !== id) return;
    if (running.job === null) running.stop.abort('cancelled');
    else if (running.job.cancellable) running.job.cancel();
    await running.ended;
  }

  /** @throws Refusal conflict when it is not over, or another one is under way */
  async undo(record: ImportRecord): Promise<void> {
    this.#requireFree();
    if (record.added === 0)
      throw new Refusal('conflict', 'This import added nobody, or all of them were taken back already.');
    await this.#begin(record.id, 'undo', { state: 'undoing', problem: null }, (run) =>
      this.#takeBack(run, 'undone'),
    );
  }

  refused(record: ImportRecord, offset: number) {
    return this.#parts.files.refused(record.id, offset);
  }

  /** @throws Refusal conflict while it is under way */
  async remove({ id }: ImportRecord): Promise<void> {
    if (this.#running?.id === id) throw new Refusal('conflict', 'This import is under way. Cancel it first.');
    this.#records.delete(id);
    this.#incoming.forget(id);
    await this.#parts.storage.imports.remove(id);
    await this.#parts.files.remove(id);
  }

  /** The site is gone, and its imports with it. */
  async forgetSite(site: number): Promise<void> {
    for (const record of this.of(site)) {
      await this.cancel(record);
      await this.remove(record);
    }
  }

  #requireFree(): void {
    if (this.#running !== null)
      throw new Refusal('conflict', 'Another import is under way. Wait until it is done, or cancel it.');
  }

  #requireFile({ state, id, size }: ImportRecord): void {
    if (state === 'receiving')
      throw new Refusal(
        'conflict',
        `The file is not complete: ${this.received(id)} of ${size} bytes are here.`,
      );
    if (state === 'finished' || state === 'undone')
      throw new Refusal('conflict', 'This import is over, and its file was deleted. Choose the file again.');
  }

  #prepare(record: ImportRecord, options: ImportOptions): ReadSettings {
    this.#requireFile(record);
    this.#requireFree();
    return readSettings(this.#parts, record, options);
  }

  /** Takes the one place there is, at once; resolves when that is written down. */
  async #begin(
    id: number,
    what: 'check' | 'run' | 'undo',
    first: ImportChange,
    work: (run: Running) => Promise<void>,
  ): Promise<void> {
    const { jobs, log, live, ids } = this.#parts;
    const run: Running = { id, job: null, stop: new AbortController(), ended: Promise.resolve() };
    this.#running = run;
    const begun = this.#save(id, first);
    run.ended = begun
      .then(() => {
        const record = this.#records.get(id);
        if (record === undefined) return;
        return jobs.run(jobFacts(record, ids.seal('site', record.site), what), async (job) => {
          run.job = job;
          job.signal.addEventListener('abort', () => run.stop.abort('cancelled'));
          this.#publish(id);
          await this.#guard(id, () => work(run));
          job.result = resultWords(this.#records.get(id));
        });
      })
      .catch((error) => log.warn({ error: String(error) }, 'An import came to nothing'))
      .finally(() => {
        this.#running = null;
        this.#publish(id);
        const site = this.#records.get(id)?.site;
        if (site !== undefined) live.publish({ type: 'subscribers', site: ids.seal('site', site) });
      });
    await begun;
  }

  /** Writes down why an import failed, and throws it: the job fails with it. */
  async #guard(id: number, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      await work();
    } catch (error) {
      const isOurs = !(error instanceof Refusal);
      if (isOurs) log.error({ error: String(error) }, 'An import failed');
      const problem = isOurs
        ? 'It could not go on: something went wrong inside Belfry, and its log says more. It can be run again.'
        : error.message;
      await this.#save(id, { state: 'failed', problem, finishedAt: clock.now() }).catch(() => {});
      throw new Error(problem);
    }
    const record = this.#records.get(id);
    if (record?.state === 'failed') throw new Error(record.problem ?? 'Nothing was changed.');
  }

  #read(run: Running, record: ImportRecord, settings: ReadSettings, isReal: boolean): Promise<Tally> {
    const { storage, files, live, ids } = this.#parts;
    const fill = settings.options.known === 'fill';
    return readThrough({
      files,
      file: record.id,
      settings,
      signal: run.stop.signal,
      take: (rows) =>
        isReal
          ? storage.imports.addPeople(record.id, rows, fill)
          : storage.imports.lookAtPeople(record.site, rows),
      advanced: (bytes) => {
        run.job?.advance(bytes);
        this.#publish(record.id);
        if (isReal) live.publish({ type: 'subscribers', site: ids.seal('site', record.site) });
      },
    });
  }

  async #import(run: Running, record: ImportRecord, settings: ReadSettings): Promise<void> {
    const { id } = record;
    const { files, clock } = this.#parts;
    const isAll = wantsAll(settings.options);
    if (isAll) {
      const { counts, problem, cancelled } = await this.#read(run, record, settings, false);
      const wrong = wrongRows(counts);
      await this.#save(id, { checked: JSON.stringify(counts) });
      if (cancelled) return this.#ended(run, id, { state: 'cancelled' });
      if (problem !== null || wrong > 0) {
        const why = problem ?? `${wrong} of ${counts.rows} rows cannot be imported.`;
        const nothing = `${why} Nothing was changed, because it was to be all rows or none.`;
        return this.#ended(run, id, { state: 'failed', problem: nothing });
      }
      await this.#save(id, { state: 'importing' });
    }
    let tally: Tally;
    try {
      tally = await this.#read(run, record, settings, true);
    } catch (error) {
      if (isAll) await this.#takeBack(run, 'failed');
      throw error;
    }
    const { counts, problem, cancelled } = tally;
    if (isAll && (cancelled || problem !== null)) {
      if (run.stop.signal.reason === 'stopping') return; // the next start takes it back
      return this.#takeBack(run, 'cancelled');
    }
    const done = { counts: JSON.stringify(counts), problem };
    if (cancelled) return this.#ended(run, id, { ...done, state: 'cancelled' });
    await this.#save(id, { ...done, state: 'finished', finishedAt: clock.now() });
    // the file holds what it takes to send to people: it stays no longer than it is of use
    await files.removeRows(id);
  }

  /** A stop of the program is no cancelling: the operator finds it interrupted. */
  async #ended(run: Running, id: number, change: ImportChange): Promise<void> {
    const state = run.stop.signal.reason === 'stopping' ? 'interrupted' : change.state;
    await this.#save(id, { ...change, ...(state && { state }), finishedAt: this.#parts.clock.now() });
  }

  async #takeBack(run: Running, then: 'interrupted' | 'cancelled' | 'undone' | 'failed'): Promise<void> {
    const { storage, clock } = this.#parts;
    await this.#save(run.id, { state: 'undoing' });
    for (;;) {
      const step = await storage.imports.takeBack(run.id);
      if (step.looked === 0) break;
      if (run.job?.shown().unit === 'things') run.job.advance(step.looked);
      this.#publish(run.id);
      if (run.stop.signal.reason === 'stopping') return; // the next start goes on
    }
    await this.#save(run.id, { state: then, finishedAt: clock.now() });
  }

  async #save(id: number, change: ImportChange): Promise<void> {
    const record = await this.#parts.storage.imports.save(id, change);
    if (record === null) this.#records.delete(id);
    else this.#records.set(id, record);
    this.#publish(id);
  }

  #publish(id: number): void {
    const { live, ids } = this.#parts;
    const record = this.#records.get(id);
    if (record !== undefined)
      live.publish({ type: 'import', site: ids.seal('site', record.site), id: ids.seal('imp', id) });
  }
}
