import type { PushResult } from '../ports/push.ts';
import type { CampaignRow, Claimed, Settlement } from '../ports/storage.ts';
import { FaultWatch } from './faults.ts';
import { GoneGuard } from './guard.ts';
import { DEFAULT_TTL, payloadOf } from './payload.ts';
import { Progress } from './progress.ts';
import { settlementOf } from './retries.ts';
import type { SendingParts } from './sender.ts';
import { Throttle } from './throttle.ts';

/** Small claims cost more than they bring, while much is under way. */
const SMALLEST_CLAIM = 25;
/** After the database refused a write (a full disk): try again, and lose nothing meanwhile. Milliseconds. */
const STORAGE_RETRY = 1000;
const ANSWERS_OF_OTHERS = 200;

interface Settling {
  settlement: Settlement;
  result: PushResult;
  /** For how long to leave the service alone, in milliseconds. */
  rest: number | null;
  /** So many gone cannot be. */
  implausible: boolean;
}

/**
 * One run of a campaign: claims what is due, hands it to the senders, settles the answers, until nothing is left,
 * or it is told to stop. It holds no state that matters: all of that is in the database.
 */
export class Run {
  readonly progress: Progress;
  readonly done: Promise<void>;
  readonly #parts: SendingParts;
  readonly campaign: CampaignRow;
  readonly #throttle: Throttle;
  readonly #faults = new FaultWatch();
  readonly #underWay = new Map<number, Claimed>();
  #settlements: Settling[] = [];
  #settling: Promise<void> | null = null;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(campaign: CampaignRow, parts: SendingParts) {
    this.#parts = parts;
    this.campaign = campaign;
    this.progress = new Progress(parts.clock);
    this.#throttle = new Throttle(campaign.pace, campaign.counts.total, parts.clock);
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
    const site = this.#parts.directory.get(this.campaign.site);
    if (site === undefined) return;
    const payload = payloadOf(this.campaign.message, this.#parts.payloadSurroundings(site));
    let guard: GoneGuard | null = null;
    while (!this.#stopped) {
      try {
        guard ??= await GoneGuard.open(this.campaign.id, this.#parts.storage);
        if ((await this.#step(payload, guard)) === 'over') break;
      } catch (error) {
        if (this.#stopped) break;
        this.#parts.log.error({ error: String(error) }, 'The database refused; sending goes on when it can');
        await this.#sleep(STORAGE_RETRY);
      }
    }
    while (this.#underWay.size > 0 || this.#settling !== null) await this.#sleep(null);
  }

  async #step(payload: ReturnType<typeof payloadOf>, guard: GoneGuard): Promise<'on' | 'over'> {
    const { storage, clock, holds, pace } = this.#parts;
    const { id, site } = this.campaign;
    const room = this.#parts.share(this.campaign) - this.#underWay.size;
    if (this.#underWay.size > 0 && room < SMALLEST_CLAIM) {
      await this.#sleep(null);
      return 'on';
    }
    const allowed = this.#throttle.allowed();
    if (allowed < 1) {
      await this.#sleep(this.#throttle.wait());
      return 'on';
    }
    const held = holds.of(site);
    const without = held.map(({ pushService }) => pushService);
    const { rooms, first } = pace.rooms(site);
    for (const service of without) rooms[service] = 0;
    const take = { limit: Math.min(room, allowed), rooms, otherwise: first };
    const claimed = await storage.deliveries.claim(id, take, clock.now());
    if (claimed.length > 0) {
      if (this.#stopped) {
        await storage.deliveries.release(claimed.map(({ ref }) => ref));
        return 'over';
      }
      this.#throttle.take(claimed.length);
      this.#send(claimed, payload, guard);
      return 'on';
    }
    if (this.#underWay.size > 0 || this.#settling !== null) {
      await this.#sleep(null);
      return 'on';
    }
    // another campaign of the site may fill the windows of all that is due
    const full = Object.values(rooms).some((left) => left === 0);
    const due = await storage.deliveries.nextDue(id, without);
    const paused = held.flatMap(({ until }) => until ?? []);
    const heldBack = (await storage.deliveries.nextDue(id, [])) !== null;
    if (due === null && !heldBack) {
      // a run that was paused may still wait for answers, and one of them may ask for a retry
      const left = (await storage.campaigns.get(id))?.counts.pending ?? 0;
      if (left === 0) return this.#finish();
      await this.#sleep(ANSWERS_OF_OTHERS);
      return 'on';
    }
    if (due === null && paused.length === 0) return this.#end('halted');
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, ...paused);
    await this.#sleep(Math.min(60_000, Math.max(full ? ANSWERS_OF_OTHERS : 10, next - clock.now())));
    return 'on';
  }

  /** Nothing is left to send. What a service refused for a fault of ours waits for the operator all the same. */
  async #finish(): Promise<'over'> {
    const { holds } = this.#parts;
    const { site } = this.campaign;
    const refused = this.#faults.refusedAll();
    for (const { pushService, reason } of refused) await holds.halt(site, pushService, reason);
    return this.#end(refused.length > 0 ? 'halted' : 'finished');
  }

  async #end(state: 'finished' | 'halted'): Promise<'over'> {
    const { storage, clock } = this.#parts;
    const campaign = await storage.campaigns.move(this.campaign.id, ['sending'], state, clock.now());
    if (campaign !== null) this.#parts.changed([campaign]);
    return 'over';
  }

  #send(claimed: Claimed[], payload: ReturnType<typeof payloadOf>, guard: GoneGuard): void {
    const { push, ids, log, pace } = this.#parts;
    const { site } = this.campaign;
    const { message } = this.campaign;
    for (const delivery of claimed) {
      this.#underWay.set(delivery.ref.subscriber, delivery);
      pace.begin(site, delivery.pushService);
    }
    const requests = claimed.map(({ attempts: _, firstAttemptAt: __, ...request }) => ({
      ...request,
      payload: payload.of(ids.token(request.ref.campaign, request.ref.subscriber)),
      ttl: message.ttl ?? DEFAULT_TTL,
      urgency: message.urgency ?? 'normal',
      topic: message.topic ?? null,
    }));
    push
      .send(requests, (results) => this.#take(results, guard))
      .catch((error) => {
        log.error({ error: String(error) }, 'The senders refused a batch');
        void this.#parts.storage.deliveries.release(claimed.map(({ ref }) => ref)).catch(() => {});
        for (const { ref, pushService } of claimed)
          if (this.#underWay.delete(ref.subscriber)) pace.giveUp(site, pushService);
        this.#wake();
      });
  }

  #take(results: PushResult[], guard: GoneGuard): void {
    const { clock, random, pace } = this.#parts;
    const { site } = this.campaign;
    const ttl = this.campaign.message.ttl ?? DEFAULT_TTL;
    for (const result of results) {
      const delivery = this.#underWay.get(result.ref.subscriber);
      if (delivery === undefined) continue;
      const settlement = settlementOf(result, delivery, ttl, clock.now(), random.fraction());
      const rest = pace.answered(site, result);
      const implausible =
        (result.outcome === 'accepted' || result.outcome === 'gone') &&
        guard.note(result.pushService, result.outcome === 'gone');
      this.#settlements.push({ settlement, result, rest, implausible });
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
        for (const { result, rest, implausible } of batch) {
          await holds.note(this.campaign.site, result);
          if (this.#faults.note(result))
            await holds.halt(this.campaign.site, result.pushService, result.reason);
          if (rest !== null) await holds.pause(this.campaign.site, result.pushService, rest, 'not-answering');
          if (implausible) await holds.ask(this.campaign.site, result.pushService);
        }
        for (const { settlement } of batch) this.#underWay.delete(settlement.subscriber);
        this.progress.add(batch.filter(({ settlement }) => settlement.state !== 'pending').length);
        this.#parts.changed(campaigns);
        if (batch.some(({ settlement }) => settlement.state === 'expired'))
          this.#parts.peopleChanged(this.campaign.site);
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
