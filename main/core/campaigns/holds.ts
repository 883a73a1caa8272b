import type { PushResult } from '../ports/push.ts';
import type { ServiceHoldRow, Storage } from '../ports/storage.ts';
import type { Clock } from '../ports/surroundings.ts';

/** How long to pause a service that asks us to slow down and does not say for how long. Milliseconds. */
const PAUSE = 5000;

/**
 * Which push services are not being sent to for a site: paused until a time, because they asked us to slow down, or
 * halted until the operator acts, because they refuse what we send for a fault of ours. Kept in the database, so
 * that a restart goes on with them.
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
    for (const hold of await this.#storage.deliveries.holds()) this.#holds.set(keyOf(hold), hold);
  }

  /** The holds that are in force for a site now. */
  of(site: number): ServiceHoldRow[] {
    const now = this.#clock.now();
    return [...this.#holds.values()].filter(
      (hold) => hold.site === site && (hold.kind === 'halt' || (hold.until ?? 0) > now),
    );
  }

  /**
   * Notes what an answer means for everything else that would go to the same service: in force at once, stored
   * when it resolves.
   */
  async note(site: number, result: PushResult): Promise<void> {
    const before = this.#holds.get(keyOf({ site, pushService: result.pushService }));
    if (before?.kind === 'halt') return;
    const now = this.#clock.now();
    const common = { site, pushService: result.pushService, reason: result.reason, since: now };
    if (result.outcome === 'fault') return this.#set({ ...common, kind: 'halt', until: null });
    if (result.outcome !== 'retry' || result.pause !== 'service') return;
    const until = now + (result.retryAfter ?? PAUSE);
    // many answers say the same within a second: one write is enough
    if ((before?.until ?? 0) + 1000 > until) return;
    await this.#set({ ...common, kind: 'pause', until });
  }

  /** Lets a site's halted services be tried again. @returns whether any was halted */
  async lift(site: number): Promise<boolean> {
    const halted = this.of(site).filter(({ kind }) => kind === 'halt');
    for (const hold of halted) {
      this.#holds.delete(keyOf(hold));
      await this.#storage.deliveries.clearHold(site, hold.pushService);
    }
    return halted.length > 0;
  }

  forget(site: number): void {
    for (const [key, hold] of this.#holds) if (hold.site === site) this.#holds.delete(key);
  }

  async #set(hold: ServiceHoldRow): Promise<void> {
    this.#holds.set(keyOf(hold), hold);
    await this.#storage.deliveries.setHold(hold);
  }
}

const keyOf = (hold: { site: number; pushService: string }) => `${hold.site} ${hold.pushService}`;
