import { Behaviour, type Rehearsal, simulatedServices } from '../../contract/rehearsal.ts';
import type { Job } from '../jobs/job.ts';
import { pause } from '../pause.ts';
import type { Clock, Logger, Random } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import {
  erasePracticeSite,
  type Kept,
  makePracticeSite,
  openServices,
  type PracticeParts,
  practiceSite,
  sizeOf,
} from './practice-site.ts';

export interface RehearsalParts extends PracticeParts {
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Per service, what is to change; what is left out or undefined stays. */
export type BehaviourChange = {
  [S in keyof Behaviour]?: { [K in keyof Behaviour[S]]?: Behaviour[S][K] | undefined } | undefined;
};

const SETTING = 'rehearsal';
/** Milliseconds between two looks at what a watcher is told. */
const LOOK = 500;

/** The one rehearsal: begins it, takes it up again after a restart, and removes it. */
export class Rehearsals {
  readonly #parts: RehearsalParts;
  #kept: Kept | null = null;
  #task: Promise<void> | null = null;
  #job: Job | null = null;
  #problem: string | null = null;
  #stopping = false;

  constructor(parts: RehearsalParts) {
    this.#parts = parts;
  }

  /** Opens the services of a complete practice site; what was left unfinished is removed, in the background. */
  async start(): Promise<void> {
    const text = await this.#parts.storage.access.setting(SETTING);
    const kept: Kept | null = text === null ? null : JSON.parse(text);
    const practice = practiceSite(this.#parts);
    this.#kept = kept;
    if (kept?.phase === 'ready' && practice !== undefined) {
      await openServices(this.#parts, kept, practice).catch((error) => this.#note(error));
    } else if (kept !== null || practice !== undefined) {
      this.#run(() => this.#clear());
    }
  }

  /** Stops what is under way. An unfinished practice site is removed at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#job?.cancel();
    await this.#task;
    await this.#parts.service.close();
  }

  async status(): Promise<Rehearsal> {
    const { ids, service } = this.#parts;
    const kept = this.#kept;
    const practice = practiceSite(this.#parts);
    return {
      state: kept?.phase ?? 'none',
      site: practice === undefined ? null : ids.seal('site', practice.id),
      people: kept?.people ?? 0,
      seed: kept?.seed ?? null,
      history: kept?.history ?? false,
      startedAt: kept === null ? null : new Date(kept.anchor).toISOString(),
      progress: this.#progress(),
      problem: this.#problem,
      behaviour: kept?.behaviour ?? service.usualBehaviour,
      totals: kept?.phase === 'ready' ? await service.totals().catch(() => null) : null,
    };
  }

  /** The status, and again whenever it has changed, at most twice a second. */
  async *watch(signal?: AbortSignal): AsyncGenerator<Rehearsal, void, void> {
    let last = '';
    while (!signal?.aborted && !this.#stopping) {
      const status = await this.status();
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      await pause(LOOK, signal);
    }
  }

  /** @throws Refusal conflict while there is a rehearsal */
  async begin(wanted: { people: number; seed?: number | undefined; history: boolean }): Promise<void> {
    const { clock, random, service } = this.#parts;
    if (this.#kept !== null || this.#task !== null)
      throw new Refusal('conflict', 'There is a practice site already. Remove it, then make another one.');
    const kept: Kept = {
      phase: 'making',
      seed: wanted.seed ?? Math.floor(random.fraction() * 0x7fff_ffff),
      people: wanted.people,
      history: wanted.history,
      anchor: clock.now(),
      behaviour: service.usualBehaviour,
    };
    this.#kept = kept;
    this.#problem = null;
    this.#run(() => this.#make(kept));
  }

  /** Resolves when there is a practice site; makes one when there is none. */
  async ensure(people: number): Promise<void> {
    await this.#task;
    if (this.#kept !== null) return;
    await this.begin({ people, history: true });
    await this.settled();
  }

  /** Resolves when nothing is being made or removed. @throws Refusal unavailable when that failed */
  async settled(): Promise<void> {
    await this.#task;
    if (this.#problem !== null) throw new Refusal('unavailable', this.#problem);
  }

  /** @throws Refusal conflict without a rehearsal, invalid_input when shares add up to more than 1 */
  async setBehaviour(change: BehaviourChange): Promise<void> {
    if (this.#kept === null || this.#kept.phase === 'removing')
      throw new Refusal('conflict', 'There is no practice site yet. Make one first.');
    const { behaviour } = this.#kept;
    const checked = Behaviour.safeParse(
      Object.fromEntries(
        simulatedServices.map((name) => [name, { ...behaviour[name], ...given(change[name] ?? {}) }]),
      ),
    );
    if (!checked.success)
      throw new Refusal('invalid_input', 'A push service cannot give more answers than it is asked for.', {
        errors: checked.error.issues.map(({ path, message }) => ({
          pointer: `/${path.join('/')}`,
          detail: message,
        })),
      });
    await this.#keep({ ...this.#kept, behaviour: checked.data });
    await this.#parts.service.setBehaviour(checked.data);
  }

  /**
   * Removes the practice site; what is being made is cancelled first.
   * @param patience resolves when nothing is left, or after so many milliseconds, while the work goes on
   */
  async remove(patience: number): Promise<void> {
    const given = new AbortController();
    const removed = this.#remove();
    removed.catch(() => {}); // kept as the problem, for whoever asks later
    await Promise.race([removed, pause(patience, given.signal)]).finally(() => given.abort());
  }

  async #remove(): Promise<void> {
    if (this.#kept?.phase === 'making') this.#job?.cancel(); // which removes what there is
    await this.#task;
    if (this.#kept !== null) {
      this.#problem = null;
      this.#run(() => this.#clear());
    }
    await this.settled();
  }

  async #make(kept: Kept): Promise<void> {
    const facts = {
      kind: 'rehearsal.make',
      title: `Making a practice site with ${inWords(kept.people)}`,
      total: kept.people,
      cancellable: true,
    };
    const made = this.#parts.jobs.run(facts, async (job) => {
      this.#job = job;
      await this.#keep(kept);
      await makePracticeSite(this.#parts, kept, job);
      if (job.cancelled) return false;
      await this.#keep({ ...(this.#kept ?? kept), phase: 'ready' });
      job.result = `The practice site is ready: ${inWords(kept.people)} are there.`;
      return true;
    });
    try {
      if (await made) return;
    } catch (error) {
      if (!this.#stopping) await this.#clear();
      throw error;
    }
    if (!this.#stopping) await this.#clear();
  }

  async #clear(): Promise<void> {
    if (this.#kept !== null) await this.#keep({ ...this.#kept, phase: 'removing' });
    const total = await sizeOf(this.#parts, practiceSite(this.#parts));
    if (this.#stopping) return;
    const facts = { kind: 'rehearsal.remove', title: 'Removing the practice site', total };
    await this.#parts.jobs.run(facts, async (job) => {
      this.#job = job;
      await erasePracticeSite(this.#parts, job);
      if (job.cancelled) return;
      await this.#parts.storage.practice.define(null);
      this.#kept = null;
      job.result = 'The practice site is gone. Nothing of it is left.';
    });
  }

  #progress() {
    if (this.#task === null || this.#job === null) return null;
    const { total, ...rest } = this.#job.progress();
    return { ...rest, total: total ?? 0 };
  }

  /** One at a time: what is being made or removed. Its failure is kept for the operator. */
  #run(work: () => Promise<void>): void {
    this.#job = null;
    this.#task = work()
      .catch((error) => this.#note(error))
      .finally(() => {
        this.#task = null;
        this.#job = null;
      });
  }

  #note(error: unknown): void {
    this.#parts.log.error({ error: String(error) }, 'The rehearsal failed');
    const reason = error instanceof Error ? error.message : String(error);
    this.#problem = `The practice site is not complete: ${reason} Remove it and make it again.`;
  }

  async #keep(kept: Kept): Promise<void> {
    this.#kept = kept;
    await this.#parts.storage.practice.define(JSON.stringify(kept));
  }
}

const inWords = (people: number) => `${people.toLocaleString('en').replaceAll(',', '\u202f')} people`;

const given = (change: object) =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
