import type { PushRequest, PushResult } from '../ports/push.ts';
import type { CampaignRow, Claimed } from '../ports/storage.ts';
import { FaultWatch } from './faults.ts';
import { GoneGuard } from './guard.ts';
import { DEFAULT_TTL, payloadOf } from './payload.ts';
import { Progress } from './progress.ts';
import { settlementOf, tooLate } from './retries.ts';
import type { SendingParts } from './sender.ts';
import { Settlements } from './settlements.ts';
import { Throttle } from './throttle.ts';

/**
 * Small claims and settlements cost more than they bring, while much is under way: each is a commit. A part of the
 * share, so that the rest goes on meanwhile.
 */
const BATCH = 1 / 3;
const SMALLEST_SETTLEMENT = 100;
/** After the database refused (a full disk): try again, and lose nothing meanwhile. Milliseconds. */
const STORAGE_RETRY = 1000;
const ANSWERS_OF_OTHERS = 200;
/** A service may fall silent while a run waits for its answers. Milliseconds. */
const LOOK_AGAIN = 1000;

type Payload = ReturnType<typeof payloadOf>;

/**
 * One run of a campaign: claims what is due, hands it to the senders, settles the answers, until nothing is left,
 * or it is told to stop. It holds no state that matters: all of that is in the database.
 */
export class Run {
  readonly campaign: CampaignRow;
  readonly progress: Progress;
  readonly done: Promise<void>;
  readonly #parts: SendingParts;
  readonly #throttle: Throttle;
  readonly #settlements: Settlements;
  readonly #faults = new FaultWatch();
  readonly #underWay = new Map<number, Claimed>();
  #guard: GoneGuard | null = null;
  #stopped = false;
  /** Set by `wake` until the next look, so that what happens during a look is not missed. */
  #woken = false;
  #endSleep: () => void = () => {};

  constructor(campaign: CampaignRow, parts: SendingParts) {
    this.#parts = parts;
    this.campaign = campaign;
    this.progress = new Progress(parts.clock);
    this.#throttle = new Throttle(campaign.pace, campaign.counts.total, parts.clock);
    this.#settlements = new Settlements(parts, campaign.site, {
      settled: (settled) => {
        // at once: from here on the next claim may hold the same deliveries again
        for (const { subscriber } of settled) this.#underWay.delete(subscriber);
        this.progress.add(settled.filter(({ state }) => state !== 'pending').length);
        parts.feed(campaign.site);
        this.wake();
      },
      abandoned: () => this.#underWay.clear(),
      idle: () => this.wake(),
      more: (answers) => this.#underWay.size > answers,
      enough: () => Math.max(SMALLEST_SETTLEMENT, parts.share(campaign) * BATCH),
    });
    this.done = this.#run();
  }

  /**
   * Claims nothing more; what is under way is still settled. `done` resolves then.
   * @param options.leaving the program ends: what cannot be written now is left to the next start
   */
  stop({ leaving = false } = {}): void {
    this.#stopped = true;
    if (leaving) this.#settlements.leave();
    this.wake();
  }

  /** The operator said what is true of those whom a push service calls gone. */
  settleGone(pushService: string, answer: 'real' | 'mistake'): void {
    this.#guard?.settle(pushService, answer);
  }

  /** Something changed (a hold was lifted, an answer settled): look again. */
  wake(): void {
    this.#woken = true;
    this.#endSleep();
  }

  async #run(): Promise<void> {
    const site = this.#parts.directory.get(this.campaign.site);
    if (site === undefined) return;
    const payload = payloadOf(this.campaign.message, this.#parts.payloadSurroundings(site));
    while (!this.#stopped) {
      this.#woken = false;
      try {
        this.#guard ??= await GoneGuard.open(this.campaign.id, this.#parts.storage);
        if ((await this.#step(payload, this.#guard)) === 'over') break;
      } catch (error) {
        if (this.#stopped) break;
        this.#parts.log.error({ error: String(error) }, 'The database refused; sending goes on when it can');
        await this.#sleep(STORAGE_RETRY);
      }
    }
    while (this.#isOut()) {
      this.#woken = false;
      await this.#sleep(null);
    }
  }

  /** Whether anything is between its claim and its settlement. */
  #isOut(): boolean {
    return this.#underWay.size > 0 || this.#settlements.busy;
  }

  #outByService(): Record<string, number> {
    const out: Record<string, number> = {};
    for (const { pushService } of this.#underWay.values()) out[pushService] = (out[pushService] ?? 0) + 1;
    return out;
  }

  async #step(payload: Payload, guard: GoneGuard): Promise<'on' | 'over'> {
    const { storage, clock, holds, pace, hungryBeside, setHungry } = this.#parts;
    const { id, site } = this.campaign;
    const share = this.#parts.share(this.campaign);
    const room = share - this.#underWay.size;
    const out = this.#outByService();
    // what lies at a service that says nothing is no reason to wait: others are to have what it leaves them
    const lost = Object.keys(out).reduce(
      (sum, name) => sum + (pace.isSilent(site, name) ? (out[name] ?? 0) : 0),
      0,
    );
    if (this.#underWay.size > lost && room < (share - lost) * BATCH) {
      await this.#sleep(LOOK_AGAIN);
      return 'on';
    }
    const allowed = this.#throttle.allowed();
    if (allowed < 1) {
      setHungry(id, null);
      await this.#sleep(this.#throttle.wait());
      return 'on';
    }
    const held = holds.of(site);
    const { rooms, sizes, first } = pace.rooms(site);
    const sharers = 1 + hungryBeside(id, site);
    // each service may hold half of what the others leave of the share, so that a slow one never has all of it
    for (const name of Object.keys(rooms)) {
      const has = out[name] ?? 0;
      // of what it may have at all, campaigns that get nothing are to have their part
      const most = Math.min(Math.ceil((room + has) / 2), Math.ceil((sizes[name] ?? 0) / sharers));
      rooms[name] = Math.max(0, Math.min(rooms[name] ?? 0, most - has));
    }
    const full = Object.keys(rooms).filter((service) => rooms[service] === 0);
    for (const { pushService } of held) rooms[pushService] = 0;
    const take = { limit: Math.min(room, allowed), rooms, otherwise: Math.min(first, Math.ceil(room / 2)) };
    const claimed = await storage.deliveries.claim(id, take, clock.now());
    if (claimed === null) return 'over';
    if (claimed.length > 0) {
      if (this.#stopped) {
        await storage.deliveries.release(claimed.map(({ ref }) => ref));
        return 'over';
      }
      setHungry(id, null);
      this.#throttle.take(claimed.length);
      this.#send(claimed, payload, guard);
      return 'on';
    }
    const without = [...held.map(({ pushService }) => pushService), ...full];
    const due = await storage.deliveries.nextDue(id, without);
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, ...held.flatMap(({ until }) => until ?? []));
    let waits = Number.isFinite(next) ? Math.min(60_000, Math.max(10, next - clock.now())) : null;
    const isOut = this.#isOut();
    const left = due !== null || isOut || (await storage.deliveries.nextDue(id, [])) !== null;
    setHungry(id, left && !isOut && full.length > 0 ? site : null);
    if (!left) return this.#finish();
    // another campaign of the site fills what may be under way at these services: its answers wake nobody here
    if (full.length > 0 && !isOut) waits = Math.min(waits ?? ANSWERS_OF_OTHERS, ANSWERS_OF_OTHERS);
    const slow = pace.wait(site);
    if (slow !== null && full.length > 0) waits = Math.min(waits ?? slow, slow);
    if (waits === null && !isOut && !this.#woken) return this.#end('halted');
    await this.#sleep(waits);
    return 'on';
  }

  /** Nothing is left to claim: the end, unless something is still out. */
  async #finish(): Promise<'on' | 'over'> {
    const { storage, log, answersAwaited } = this.#parts;
    const { id } = this.campaign;
    const left = (await storage.campaigns.get(id))?.counts.pending ?? 0;
    if (left === 0) return this.#end((await this.#isAsked()) ? 'halted' : 'finished');
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

  /** Whether it is still open if those whom this campaign expired are really gone: they may have to be sent to again. */
  async #isAsked(): Promise<boolean> {
    const { storage, holds } = this.#parts;
    const asked = holds.of(this.campaign.site).filter(({ kind }) => kind === 'ask');
    if (asked.length === 0) return false;
    const services = await storage.campaigns.services(this.campaign.id);
    return services.some(
      (one) => one.expired > 0 && asked.some(({ pushService }) => pushService === one.pushService),
    );
  }

  async #end(state: 'finished' | 'halted'): Promise<'over'> {
    const { storage, clock } = this.#parts;
    const campaign = await storage.campaigns.move(this.campaign.id, ['sending'], state, clock.now());
    if (campaign !== null) this.#parts.changed([campaign]);
    return 'over';
  }

  #send(claimed: Claimed[], payload: Payload, guard: GoneGuard): void {
    const { push, ids, log, clock, pace } = this.#parts;
    const { message, site } = this.campaign;
    const ttl = message.ttl ?? DEFAULT_TTL;
    const requests: PushRequest[] = [];
    const tokens = ids.tokens(claimed.map(({ ref }) => ref));
    for (const [i, delivery] of claimed.entries()) {
      const { attempts: _, firstAttemptAt: __, ...request } = delivery;
      this.#underWay.set(request.ref.subscriber, delivery);
      const late = tooLate(delivery, ttl, clock.now());
      if (late !== null) {
        this.#settlements.add([{ settlement: late, hold: null }]);
        continue;
      }
      pace.begin(site, delivery.pushService);
      requests.push({
        ...request,
        payload: payload.of(tokens[i] ?? ''),
        ttl,
        urgency: message.urgency ?? 'normal',
        topic: message.topic ?? null,
      });
    }
    push
      .send(requests, (results) => this.#take(results, guard))
      .catch((error) => {
        log.error({ error: String(error) }, 'The senders refused a batch');
        void this.#parts.storage.deliveries.release(requests.map(({ ref }) => ref)).catch(() => {});
        for (const { ref, pushService } of requests)
          if (this.#underWay.delete(ref.subscriber)) pace.giveUp(site, pushService);
        this.wake();
      });
  }

  /** Decides what each answer means for its delivery, and for all else that would go to the same service. */
  #take(results: PushResult[], guard: GoneGuard): void {
    const { clock, random, pace } = this.#parts;
    const ttl = this.campaign.message.ttl ?? DEFAULT_TTL;
    const answered = results.flatMap((result) => {
      const delivery = this.#underWay.get(result.ref.subscriber);
      if (delivery === undefined) return [];
      const fault = this.#faults.note(result, delivery.attempts);
      const rest = pace.answered(this.campaign.site, result);
      const settlement = settlementOf(result, delivery, {
        ttl,
        now: clock.now(),
        fraction: random.fraction(),
        fault,
      });
      const { pushService, reason, clockOff = null } = result;
      if (fault === 'systematic')
        return { settlement, hold: { kind: 'halt' as const, pushService, reason, clockOff } };
      if (guard.note(result)) {
        const open = () => guard.isImplausible(pushService);
        return { settlement, hold: { kind: 'ask' as const, pushService, open } };
      }
      if (rest === null) return { settlement, hold: null };
      return { settlement, hold: { kind: 'pause' as const, pushService, ...rest } };
    });
    this.#settlements.add(answered);
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
