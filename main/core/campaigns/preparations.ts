import { pause } from '../pause.ts';
import type { CampaignRow, Storage } from '../ports/storage.ts';
import type { Logger } from '../ports/surroundings.ts';

/** More than one piece ever takes. */
const PEOPLE = 20_000;
/** After the database refused (a full disk): try again. Milliseconds. */
const RETRY = 1000;

/**
 * Makes the deliveries of a campaign that has many of them, a piece at a time, so that whoever else writes waits for
 * no more than one. What an earlier run of the program made of them stays, and the rest is made.
 * @param heard told of the campaign after each piece; says whether to go on
 */
export async function prepare(
  storage: Storage,
  { id, site, counts }: CampaignRow,
  heard: (campaign: CampaignRow) => boolean,
): Promise<void> {
  const preparation = await storage.campaigns.preparation(id);
  if (preparation === null) return;
  // read once, beside the writer: who is meant is one moment's answer, however long the rest takes
  const ids = await storage.campaigns.unprepared(site, id, preparation);
  const people = counts.total + ids.length;
  for (let done = 0; ; ) {
    const some = ids.slice(done, done + PEOPLE);
    const step = await storage.campaigns.prepare(id, some, people, done + some.length === ids.length);
    // paused or cancelled
    if (step === null) return;
    done += step.taken;
    if (!heard(step.campaign) || step.campaign.preparing === null) return;
  }
}

interface Parts {
  storage: Storage;
  log: Logger;
  /** A piece more is made. */
  changed(campaign: CampaignRow): void;
  /** All are made. */
  ready(campaign: CampaignRow): void;
}

/** The campaigns whose deliveries are being made. What there is of it is in the database: a restart goes on with it. */
export class Preparations {
  readonly #parts: Parts;
  readonly #running = new Map<number, Promise<void>>();
  /** Asked for while it was going on: it may just have been found paused. */
  readonly #again = new Set<number>();
  readonly #stop = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Goes on with a campaign's, unless that is being done. */
  go(id: number): void {
    if (this.#stop.signal.aborted) return;
    if (this.#running.has(id)) this.#again.add(id);
    else this.#running.set(id, this.#run(id));
  }

  /** Ends with the piece that is being made. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #run(id: number): Promise<void> {
    const { storage, log, changed, ready } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#again.delete(id);
        const campaign = await storage.campaigns.get(id);
        if (campaign === null || campaign.state !== 'sending') {
          if (this.#again.has(id)) continue;
          break;
        }
        if (campaign.preparing === null) {
          this.#running.delete(id);
          return ready(campaign);
        }
        // one that was paused and resumed meanwhile is taken up again
        await prepare(storage, campaign, (row) => {
          if (row.preparing !== null) changed(row);
          return !signal.aborted;
        });
      } catch (error) {
        if (signal.aborted) break;
        log.error({ error: String(error) }, 'A campaign could not be prepared yet; trying again');
        await pause(RETRY, signal);
      }
    }
    this.#running.delete(id);
  }
}
