import type { ServiceHoldRow, Storage } from '../ports/storage.ts';
import type { Clock } from '../ports/surroundings.ts';

/** Milliseconds. */
const LONGEST = 25 * 60 * 60 * 1000;

/**
 * Which push services are not being sent to for a site. `pause`: until a time, since they asked us to slow down or
 * do not answer. `halt`: until the operator acts, since they refuse what we send for a fault of ours. `ask`: until
 * the operator says whether so many people are really gone. Kept in the database, so that a restart goes on with
 * them.
 */
export class Holds {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #holds = new Map<string, ServiceHoldRow>();

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    for (const hold of await this.#storage.deliveries.holds()) {
      // no service is left alone for longer than a day: the clock was wrong when this was written
      if (hold.until === null || hold.until < this.#clock.now() + LONGEST) this.#holds.set(keyOf(hold), hold);
    }
  }

  /** The holds that are in force for a site now. */
  of(site: number): ServiceHoldRow[] {
    const now = this.#clock.now();
    return [...this.#holds.values()].filter(
      (hold) => hold.site === site && (hold.kind !== 'pause' || (hold.until ?? 0) > now),
    );
  }

  /** Stops sending to a service until the operator has mended what it refuses. */
  async halt(site: number, pushService: string, reason: string, clockOff: number | null): Promise<void> {
    await this.#set({ site, pushService, kind: 'halt', until: null, reason, clockOff });
  }

  /** Leaves a service alone for a time. */
  async pause(site: number, pushService: string, milliseconds: number, reason: string): Promise<void> {
    const until = this.#clock.now() + milliseconds;
    // many answers say the same within a second: one write is enough
    const before = this.#holds.get(keyOf({ site, pushService }));
    if ((before?.until ?? 0) + 1000 > until) return;
    await this.#set({ site, pushService, kind: 'pause', until, reason, clockOff: null });
  }

  /** Leaves a service alone until the operator has said what is true. */
  async ask(site: number, pushService: string): Promise<void> {
    const reason = 'implausible-gone';
    await this.#set({ site, pushService, kind: 'ask', until: null, reason, clockOff: null });
  }

  /**
   * Lets services be tried again: those that were halted, or the one named whatever holds it.
   * @returns what was held
   */
  async lift(site: number, pushService?: string): Promise<ServiceHoldRow[]> {
    const lifted = this.of(site).filter((hold) =>
      pushService === undefined ? hold.kind === 'halt' : hold.pushService === pushService,
    );
    for (const hold of lifted) {
      this.#holds.delete(keyOf(hold));
      await this.#storage.deliveries.clearHold(site, hold.pushService);
    }
    return lifted;
  }

  /** The clock was set back by so many milliseconds: pauses last as long as they were to. */
  async shift(by: number): Promise<void> {
    for (const [key, hold] of this.#holds) {
      if (hold.until === null || hold.until <= this.#clock.now()) continue;
      const moved = { ...hold, until: hold.until - by };
      this.#holds.set(key, moved);
      await this.#storage.deliveries.setHold(moved);
    }
  }

  forget(site: number): void {
    for (const [key, hold] of this.#holds) if (hold.site === site) this.#holds.delete(key);
  }

  /** A halt or a question outlasts whatever else a service says. */
  async #set(hold: Omit<ServiceHoldRow, 'since'>): Promise<void> {
    const before = this.#holds.get(keyOf(hold));
    if (before !== undefined && before.kind !== 'pause') return;
    const made = { ...hold, since: this.#clock.now() };
    this.#holds.set(keyOf(hold), made);
    await this.#storage.deliveries.setHold(made);
  }
}

const keyOf = (hold: { site: number; pushService: string }) => `${hold.site} ${hold.pushService}`;
