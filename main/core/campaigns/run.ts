import type { PushRequest, PushResult } from '../ports/push.ts';
import type { CampaignRow, Claimed, Settlement } from '../ports/storage.ts';
import { DEFAULT_TTL, payloadOf } from './payload.ts';
import { Progress } from './progress.ts';
import { settlementOf, tooLate } from './retries.ts';
import type { SendingParts } from './sender.ts';

/** Deliveries of one campaign between claim and settlement: what a crash may send twice. */
const MOST_UNDER_WAY = 200;
const SMALLEST_CLAIM = 25;
/** Of these to one push service, so that one that does not answer leaves room for the others. */
const MOST_TO_ONE_SERVICE = 100;
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
  #settlements: { settlement: Settlement; result: PushResult | null }[] = [];
  #settling: Promise<void> | null = null;
  #stopped = false;
  #leaving = false;
  /** Set by `wake` until the next look, so that what happens during a look is not missed. */
  #woken = false;
  #endSleep: () => void = () => {};

  constructor(campaign: CampaignRow, parts: SendingParts) {
    this.#parts = parts;
    this.#campaign = campaign;
    this.progress = new Progress(parts.clock);
    this.done = this.#run();
  }

  get campaign(): number {
    return this.#campaign.id;
  }

  /**
   * Claims nothing more; what is under way is still settled. `done` resolves then.
   * @param options.leaving the program ends: what cannot be written now is left to the next start
   */
  stop({ leaving = false } = {}): void {
    this.#stopped = true;
    this.#leaving ||= leaving;
    this.wake();
  }

  /** Something changed (a hold was lifted, an answer settled): look again. */
  wake(): void {
    this.#woken = true;
    this.#endSleep();
  }

  async #run(): Promise<void> {
    const site = this.#parts.directory.get(this.#campaign.site);
    if (site === undefined) return;
    const payload = payloadOf(this.#campaign.message, this.#parts.payloadSurroundings(site));
    while (!this.#stopped) {
      this.#woken = false;
      try {
        if ((await this.#step(payload)) === 'over') break;
      } catch (error) {
        if (this.#stopped) break;
        this.#parts.log.error({ error: String(error) }, 'The database refused; sending goes on when it can');
        await this.#sleep(STORAGE_RETRY);
      }
    }
    while (this.#underWay.size > 0 || this.#settling !== null) {
      this.#woken = false;
      await this.#sleep(null);
    }
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
    const without = [...held.map(({ pushService }) => pushService), ...this.#busyServices()];
    const claimed = await storage.deliveries.claim(id, room, without, clock.now());
    if (claimed === null) return 'over';
    if (claimed.length > 0) {
      if (this.#stopped) {
        await storage.deliveries.release(claimed.map(({ ref }) => ref));
        return 'over';
      }
      this.#send(claimed, payload);
      return 'on';
    }
    const due = await storage.deliveries.nextDue(id, without);
    const paused = held.flatMap(({ until }) => until ?? []);
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, ...paused);
    const waits = Number.isFinite(next) ? Math.min(60_000, Math.max(10, next - clock.now())) : null;
    const out = this.#underWay.size > 0 || this.#settling !== null;
    const heldBack = due !== null || out || (await storage.deliveries.nextDue(id, [])) !== null;
    if (!heldBack) return this.#finish();
    if (waits === null && !out && !this.#woken) return this.#end('halted');
    await this.#sleep(waits);
    return 'on';
  }

  /** The push services that have all that they may have under way. */
  #busyServices(): string[] {
    const numbers = new Map<string, number>();
    for (const { pushService } of this.#underWay.values())
      numbers.set(pushService, (numbers.get(pushService) ?? 0) + 1);
    return [...numbers].flatMap(([pushService, n]) => (n >= MOST_TO_ONE_SERVICE ? pushService : []));
  }

  /** Nothing is left to claim: the end, unless something is still out. */
  async #finish(): Promise<'on' | 'over'> {
    const { storage, log, answersAwaited } = this.#parts;
    const { id } = this.#campaign;
    const left = (await storage.campaigns.get(id))?.counts.pending ?? 0;
    if (left === 0) return this.#end('finished');
    // a run that was paused may still wait for answers, and one of them may ask for a retry
    if (answersAwaited(id)) await this.#sleep(ANSWERS_OF_OTHERS);
    else {
      // a claim or an answer was lost on its way from or to the database
      const found = await storage.deliveries.recover(id);
      if (found.length > 0) log.warn({ campaign: id, count: left }, 'These deliveries may be sent twice');
      else await this.#sleep(ANSWERS_OF_OTHERS);
    }
    return 'on';
  }

  async #end(state: 'finished' | 'halted'): Promise<'over'> {
    const { storage, clock } = this.#parts;
    const campaign = await storage.campaigns.move(this.#campaign.id, ['sending'], state, clock.now());
    if (campaign !== null) this.#parts.changed([campaign]);
    return 'over';
  }

  #send(claimed: Claimed[], payload: ReturnType<typeof payloadOf>): void {
    const { push, ids, log, clock } = this.#parts;
    const { message } = this.#campaign;
    const ttl = message.ttl ?? DEFAULT_TTL;
    const requests: PushRequest[] = [];
    for (const delivery of claimed) {
      const { attempts: _, firstAttemptAt: __, ...request } = delivery;
      this.#underWay.set(request.ref.subscriber, delivery);
      const settlement = tooLate(delivery, ttl, clock.now());
      if (settlement !== null) {
        this.#settlements.push({ settlement, result: null });
        continue;
      }
      requests.push({
        ...request,
        payload: payload.of(ids.token(request.ref.campaign, request.ref.subscriber)),
        ttl,
        urgency: message.urgency ?? 'normal',
        topic: message.topic ?? null,
      });
    }
    if (this.#settlements.length > 0) this.#settling ??= this.#settle();
    push
      .send(requests, (results) => this.#take(results))
      .catch((error) => {
        log.error({ error: String(error) }, 'The senders refused a batch');
        void this.#parts.storage.deliveries.release(requests.map(({ ref }) => ref)).catch(() => {});
        for (const { ref } of requests) this.#underWay.delete(ref.subscriber);
        this.wake();
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
    const { storage } = this.#parts;
    while (this.#settlements.length > 0) {
      const batch = this.#settlements;
      this.#settlements = [];
      // in force before anything that it holds back can be claimed again
      const noted = this.#note(batch.flatMap(({ result }) => result ?? []));
      try {
        const campaigns = await storage.deliveries.settle(batch.map(({ settlement }) => settlement));
        // at once: from here on the next claim may hold the same deliveries again
        for (const { settlement } of batch) this.#underWay.delete(settlement.subscriber);
        this.progress.add(batch.filter(({ settlement }) => settlement.state !== 'pending').length);
        this.#parts.changed(campaigns);
        if (batch.some(({ settlement }) => settlement.state === 'expired'))
          this.#parts.peopleChanged(this.#campaign.site);
        this.wake();
      } catch (error) {
        // settling twice changes nothing, so try until the database takes it
        this.#settlements = [...batch, ...this.#settlements];
        this.#parts.log.error({ error: String(error) }, 'Results could not be written; trying again');
        await new Promise((resolve) => setTimeout(resolve, STORAGE_RETRY));
        if (this.#leaving) {
          // the next start finds them under way and sends them again, counted as repeated
          this.#settlements = [];
          this.#underWay.clear();
        }
      }
      await noted;
    }
    this.#settling = null;
    this.wake();
  }

  async #note(results: PushResult[]): Promise<void> {
    const { holds, log } = this.#parts;
    try {
      await Promise.all(results.map((result) => holds.note(this.#campaign.site, result)));
    } catch (error) {
      log.error(
        { error: String(error) },
        'A hold on a push service was not written; it holds until a restart',
      );
    }
  }

  /** @param milliseconds null: until woken */
  #sleep(milliseconds: number | null): Promise<void> {
    if (this.#woken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = milliseconds === null ? null : setTimeout(resolve, milliseconds);
      this.#endSleep = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}
