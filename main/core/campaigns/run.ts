import type { PushResult } from '../ports/push.ts';
import type { CampaignRow, Claimed, Settlement } from '../ports/storage.ts';
import { DEFAULT_TTL, payloadOf } from './payload.ts';
import { Progress } from './progress.ts';
import { settlementOf } from './retries.ts';
import type { SendingParts } from './sender.ts';

/** Deliveries of one campaign between claim and settlement: what a crash may send twice. */
const MOST_UNDER_WAY = 200;
const SMALLEST_CLAIM = 25;
/** After the database refused a write (a full disk): try again, and lose nothing meanwhile. Milliseconds. */
const STORAGE_RETRY = 1000;
const ANSWERS_OF_OTHERS = 200;

/**
 * One run of a campaign: claims what is due, hands it to the senders, settles the answers, until nothing is left,
 * or it is told to stop. It holds no state that matters: all of that is in the database.
 */
export class Run {
  readonly progress: Progress;
  readonly done: Promise<void>;
  readonly #parts: SendingParts;
  readonly #campaign: CampaignRow;
  readonly #underWay = new Map<number, Claimed>();
  #settlements: { settlement: Settlement; result: PushResult }[] = [];
  #settling: Promise<void> | null = null;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(campaign: CampaignRow, parts: SendingParts) {
    this.#parts = parts;
    this.#campaign = campaign;
    this.progress = new Progress(parts.clock);
    this.done = this.#run();
  }

  /** Claims nothing more; what is under way is still settled. `done` resolves then. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Something changed (a hold was lifted): look again. */
  wake(): void {
    this.#wake();
  }

  async #run(): Promise<void> {
    const site = this.#parts.directory.get(this.#campaign.site);
    if (site === undefined) return;
    const payload = payloadOf(this.#campaign.message, this.#parts.payloadSurroundings(site));
    while (!this.#stopped) {
      try {
        if ((await this.#step(payload)) === 'over') break;
      } catch (error) {
        if (this.#stopped) break;
        this.#parts.log.error({ error: String(error) }, 'The database refused; sending goes on when it can');
        await this.#sleep(STORAGE_RETRY);
      }
    }
    while (this.#underWay.size > 0 || this.#settling !== null) await this.#sleep(null);
  }

  async #step(payload: ReturnType<typeof payloadOf>): Promise<'on' | 'over'> {
    const room = MOST_UNDER_WAY - this.#underWay.size;
    if (room < SMALLEST_CLAIM) {
      await this.#sleep(null);
      return 'on';
    }
    const { storage, clock, holds } = this.#parts;
    const { id, site } = this.#campaign;
    const held = holds.of(site);
    const without = held.map(({ pushService }) => pushService);
    const claimed = await storage.deliveries.claim(id, room, without, clock.now());
    if (claimed.length > 0) {
      if (this.#stopped) {
        await storage.deliveries.release(claimed.map(({ ref }) => ref));
        return 'over';
      }
      this.#send(claimed, payload);
      return 'on';
    }
    if (this.#underWay.size > 0 || this.#settling !== null) {
      await this.#sleep(null);
      return 'on';
    }
    const due = await storage.deliveries.nextDue(id, without);
    const paused = held.flatMap(({ until }) => until ?? []);
    const heldBack = (await storage.deliveries.nextDue(id, [])) !== null;
    if (due === null && !heldBack) {
      // a run that was paused may still wait for answers, and one of them may ask for a retry
      const left = (await storage.campaigns.get(id))?.counts.pending ?? 0;
      if (left === 0) return this.#end('finished');
      await this.#sleep(ANSWERS_OF_OTHERS);
      return 'on';
    }
    if (due === null && paused.length === 0) return this.#end('halted');
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, ...paused);
    await this.#sleep(Math.min(60_000, Math.max(10, next - clock.now())));
    return 'on';
  }

  async #end(state: 'finished' | 'halted'): Promise<'over'> {
    const { storage, clock } = this.#parts;
    const campaign = await storage.campaigns.move(this.#campaign.id, ['sending'], state, clock.now());
    if (campaign !== null) this.#parts.changed([campaign]);
    return 'over';
  }

  #send(claimed: Claimed[], payload: ReturnType<typeof payloadOf>): void {
    const { push, ids, log } = this.#parts;
    const { message } = this.#campaign;
    for (const delivery of claimed) this.#underWay.set(delivery.ref.subscriber, delivery);
    const requests = claimed.map(({ attempts: _, firstAttemptAt: __, ...request }) => ({
      ...request,
      payload: payload.of(ids.token(request.ref.campaign, request.ref.subscriber)),
      ttl: message.ttl ?? DEFAULT_TTL,
      urgency: message.urgency ?? 'normal',
      topic: message.topic ?? null,
    }));
    push
      .send(requests, (results) => this.#take(results))
      .catch((error) => {
        log.error({ error: String(error) }, 'The senders refused a batch');
        void this.#parts.storage.deliveries.release(claimed.map(({ ref }) => ref)).catch(() => {});
        for (const { ref } of claimed) this.#underWay.delete(ref.subscriber);
        this.#wake();
      });
  }

  #take(results: PushResult[]): void {
    const { clock, random } = this.#parts;
    const ttl = this.#campaign.message.ttl ?? DEFAULT_TTL;
    for (const result of results) {
      const delivery = this.#underWay.get(result.ref.subscriber);
      if (delivery === undefined) continue;
      const settlement = settlementOf(result, delivery, ttl, clock.now(), random.fraction());
      this.#settlements.push({ settlement, result });
    }
    this.#settling ??= this.#settle();
  }

  async #settle(): Promise<void> {
    const { storage, holds } = this.#parts;
    while (this.#settlements.length > 0) {
      const batch = this.#settlements;
      this.#settlements = [];
      try {
        const campaigns = await storage.deliveries.settle(batch.map(({ settlement }) => settlement));
        for (const { result } of batch) await holds.note(this.#campaign.site, result);
        for (const { settlement } of batch) this.#underWay.delete(settlement.subscriber);
        this.progress.add(batch.filter(({ settlement }) => settlement.state !== 'pending').length);
        this.#parts.changed(campaigns);
        if (batch.some(({ settlement }) => settlement.state === 'expired'))
          this.#parts.peopleChanged(this.#campaign.site);
        this.#wake();
      } catch (error) {
        // settling twice changes nothing, so try until the database takes it
        this.#settlements = [...batch, ...this.#settlements];
        this.#parts.log.error({ error: String(error) }, 'Results could not be written; trying again');
        await new Promise((resolve) => setTimeout(resolve, STORAGE_RETRY));
        if (!this.#stopped) continue;
        // the next start finds them under way and sends them again, counted as repeated
        this.#settlements = [];
        this.#underWay.clear();
      }
    }
    this.#settling = null;
    this.#wake();
  }

  /** @param milliseconds null: until woken */
  #sleep(milliseconds: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? null : setTimeout(resolve, milliseconds);
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}
