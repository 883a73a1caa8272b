import type { LiveEvent } from '../../contract/system.ts';
import type { Ids } from '../ids.ts';
import type { Live } from '../live.ts';
import type { Push } from '../ports/push.ts';
import type { AudienceRow, CampaignRow, SiteRow, Storage } from '../ports/storage.ts';
import type { Clock, Logger, Random } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import { audienceRow } from './audience.ts';
import type { Holds } from './holds.ts';
import { Pace } from './pace.ts';
import type { PayloadSurroundings } from './payload.ts';
import { Preparations } from './preparations.ts';
import { Run } from './run.ts';

export interface SendingParts {
  storage: Storage;
  push: Push;
  directory: SiteDirectory;
  holds: Holds;
  pace: Pace;
  ids: Ids;
  clock: Clock;
  random: Random;
  log: Logger;
  payloadSurroundings(site: SiteRow): PayloadSurroundings;
  /** Tells the world of campaigns as they are now. */
  changed(campaigns: CampaignRow[]): void;
  peopleChanged(site: number): void;
  /** How many deliveries of this campaign may be under way, beside the others. */
  share(campaign: CampaignRow): number;
  /** Notes that a campaign gets nothing since others have all that may be under way, or (null) that it does not. */
  setHungry(campaign: number, site: number | null): void;
  /** How many other campaigns of the site get nothing. */
  hungryBeside(campaign: number, site: number): number;
  /** Answers came: whoever gets nothing at this site looks again. */
  feed(site: number): void;
  /** Whether a run of the campaign that was stopped still waits for answers. */
  answersAwaited(campaign: number): boolean;
}

/** Deliveries between claim and settlement, over all campaigns: what a crash may send twice. */
const UNDER_WAY = 600;
const OVERTAKING = 50;
const FEW_PEOPLE = 10;
const overtakes = ({ kind, counts }: CampaignRow) => kind === 'transactional' || counts.total <= FEW_PEOPLE;

/** No push service makes anyone wait longer than a day, nor do we. Milliseconds. */
const LONGEST_WAIT = 25 * 60 * 60 * 1000;
/** A stopping program waits this long for answers on their way, in milliseconds. */
const LAST_ANSWERS = 2500;
/** After the database refused (a full disk): try again to start what is scheduled. Milliseconds. */
const SCHEDULE_RETRY = 2000;
/** A timer stands still while the computer sleeps: the schedule is looked at by the clock this often. Milliseconds. */
const LONGEST_TIMER = 60 * 1000;

/** What a sender is made with; the rest is its own. */
type Given =
  | 'storage'
  | 'push'
  | 'directory'
  | 'holds'
  | 'ids'
  | 'clock'
  | 'random'
  | 'log'
  | 'payloadSurroundings';

/** Keeps a run going for each campaign that is being sent, and starts the scheduled ones when their time comes. */
export class Sender {
  readonly #parts: SendingParts;
  readonly #live: Live;
  /** The one run that claims, of each campaign that is being sent. */
  readonly #runs = new Map<number, Run>();
  /** Every run that has not ended, also those that only wait for answers after a pause. */
  readonly #ending = new Set<Run>();
  /** Campaigns that get nothing at the moment, with their sites. */
  readonly #hungry = new Map<number, number>();
  readonly #preparations: Preparations;
  #timer: NodeJS.Timeout | null = null;
  /** The time that was last told of. */
  #nextAt: number | null = null;
  #scheduling: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: Pick<SendingParts, Given>, live: Live) {
    this.#live = live;
    this.#preparations = new Preparations({
      storage: parts.storage,
      log: parts.log,
      changed: (campaign) => this.publish([campaign]),
      ready: (campaign) => this.take(campaign),
    });
    this.#parts = {
      ...parts,
      // by a clock that nobody can set
      pace: new Pace({ now: () => performance.now() }),
      share: (campaign) => this.#share(campaign),
      setHungry: (campaign, site) => {
        if (site === null) this.#hungry.delete(campaign);
        else this.#hungry.set(campaign, site);
      },
      hungryBeside: (campaign, site) =>
        [...this.#hungry].filter(([other, at]) => other !== campaign && at === site).length,
      feed: (site) => {
        for (const [campaign, at] of this.#hungry) if (at === site) this.#runs.get(campaign)?.wake();
      },
      changed: (campaigns) => this.publish(campaigns),
      peopleChanged: (site) => live.publish({ type: 'subscribers', site: parts.ids.seal('site', site) }),
      answersAwaited: (campaign) =>
        [...this.#ending].some((run) => run.campaign.id === campaign && run !== this.#runs.get(campaign)),
    };
  }

  /** Takes back what an earlier run of the program had under way; before anything is sent by this one. */
  async recover(): Promise<void> {
    const { storage, log, clock } = this.#parts;
    await storage.deliveries.notLaterThan(clock.now() + LONGEST_WAIT);
    for (const { campaign, count } of await storage.deliveries.recover(null))
      log.warn(
        { campaign, count },
        'Belfry ended in the middle of a send; these deliveries may be sent twice',
      );
  }

  /** Takes up what an earlier run of the program left. */
  async start(): Promise<void> {
    const { storage } = this.#parts;
    for (const id of await storage.campaigns.inState('sending')) {
      const campaign = await storage.campaigns.get(id);
      if (campaign !== null) this.take(campaign);
    }
    this.rescheduled();
    await this.#scheduling;
  }

  /** Claims nothing more and waits a little for answers on their way. What has none by then is repeated at start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const runs = [...this.#ending];
    for (const run of runs) run.stop({ leaving: true });
    const prepared = this.#preparations.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, LAST_ANSWERS);
    });
    await Promise.race([Promise.all([prepared, ...runs.map(({ done }) => done)]), late]);
    clearTimeout(timer);
  }

  /** Sends a campaign, once its deliveries are made, unless that is being done already. */
  take(campaign: CampaignRow): void {
    if (this.#stopped || campaign.state !== 'sending') return;
    if (campaign.preparing !== null) {
      this.publish([campaign]);
      this.#preparations.go(campaign.id);
      return;
    }
    const going = this.#runs.get(campaign.id);
    if (going !== undefined) {
      going.wake();
      return;
    }
    const run = new Run(campaign, this.#parts);
    this.#runs.set(campaign.id, run);
    this.#ending.add(run);
    void run.done.then(() => {
      this.#ending.delete(run);
      if (this.#runs.get(campaign.id) === run) this.#runs.delete(campaign.id);
      this.#hungry.delete(campaign.id);
    });
    this.publish([campaign]);
  }

  /** Sends nothing more of a campaign; what is under way is settled as it comes. */
  halt(campaign: number): void {
    this.#runs.get(campaign)?.stop();
    this.#runs.delete(campaign);
    this.#hungry.delete(campaign);
  }

  /** The operator said what is true of those whom a push service calls gone. */
  settleGone(campaign: number, pushService: string, answer: 'real' | 'mistake'): void {
    for (const run of this.#ending) if (run.campaign.id === campaign) run.settleGone(pushService, answer);
  }

  /** A hold was lifted: whoever waits for it looks again. */
  wake(): void {
    for (const run of this.#runs.values()) run.wake();
  }

  /** The clock was set by so many milliseconds, or stood still while the computer slept. */
  async clockJumped(by: number): Promise<void> {
    const { storage, holds, clock, log } = this.#parts;
    log.warn({ seconds: Math.round(by / 1000) }, 'The clock of this computer jumped');
    try {
      if (by < 0) await Promise.all([storage.deliveries.shift(-by, clock.now()), holds.shift(-by)]);
    } catch (error) {
      log.error({ error: String(error) }, 'What waits for another try may wait longer than it was to');
    }
    this.wake();
    this.rescheduled();
  }

  /** Looks at the schedule again: a campaign was scheduled, moved or taken off it. */
  rescheduled(): void {
    // one after the other: an older answer must not set the timer last
    this.#scheduling = this.#scheduling.then(() => this.#schedule());
  }

  progressOf(campaign: CampaignRow): { rate: number | null; secondsLeft: number | null } {
    const progress = campaign.state === 'sending' ? this.#runs.get(campaign.id)?.progress : undefined;
    return {
      rate: progress?.rate() ?? null,
      secondsLeft: progress?.secondsLeft(campaign.counts.pending) ?? null,
    };
  }

  publish(campaigns: CampaignRow[]): void {
    const { ids } = this.#parts;
    for (const campaign of campaigns)
      this.#live.publish({
        type: 'campaign',
        site: ids.seal('site', campaign.site),
        id: ids.seal('cmp', campaign.id),
        state: campaign.state,
        counts: campaign.counts,
        preparing: campaign.preparing,
        ...this.progressOf(campaign),
      } satisfies LiveEvent);
  }

  /**
   * Campaigns share what may be under way; a transactional message or one to a few people has a share of its own, so
   * that it overtakes a million.
   */
  #share(campaign: CampaignRow): number {
    if (overtakes(campaign)) return OVERTAKING;
    const sharing = [...this.#runs.values()].filter((run) => !overtakes(run.campaign)).length;
    return Math.max(OVERTAKING, Math.floor(UNDER_WAY / Math.max(1, sharing)));
  }

  forgetSite(site: number): void {
    this.#parts.pace.forget(site);
  }

  async #schedule(): Promise<void> {
    const { storage, clock, log } = this.#parts;
    try {
      let next = await storage.campaigns.nextScheduled();
      while (next !== null && next.at <= clock.now() && !this.#stopped) {
        await this.begin(next.id);
        next = await storage.campaigns.nextScheduled();
      }
      if (next !== null) {
        this.#lookAgainIn(Math.min(LONGEST_TIMER, next.at - clock.now()));
        if (next.at !== this.#nextAt)
          log.info({ at: new Date(next.at).toISOString() }, 'The next scheduled campaign');
      }
      this.#nextAt = next?.at ?? null;
    } catch (error) {
      log.error({ error: String(error) }, 'A scheduled campaign could not be started; trying again');
      this.#lookAgainIn(SCHEDULE_RETRY);
    }
  }

  #lookAgainIn(milliseconds: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.#stopped ? null : setTimeout(() => this.rescheduled(), milliseconds).unref();
  }

  /** Makes the deliveries of a draft or scheduled campaign and sends it. Null when it is neither any more. */
  async begin(id: number): Promise<CampaignRow | null> {
    const { storage, clock } = this.#parts;
    const campaign = await storage.campaigns.get(id);
    if (campaign === null) return null;
    let audience: AudienceRow;
    try {
      audience = await audienceRow(campaign.audience, campaign.site, this.#parts, clock.now());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (campaign.state !== 'scheduled') throw error;
      await this.#unschedule(campaign, error);
      return null;
    }
    const begun = await storage.campaigns.snapshot(id, audience, clock.now());
    if (begun !== null) this.take(begun);
    return begun;
  }

  /** Nobody can say any more whom it was for: it is a draft again, and the operator sees it. */
  async #unschedule(campaign: CampaignRow, { message }: Refusal): Promise<void> {
    const { storage, log } = this.#parts;
    log.error(
      { campaign: campaign.id, message },
      'A scheduled campaign has no audience and is a draft again',
    );
    const draft = await storage.campaigns.edit(campaign.id, { at: null });
    if (draft !== null) this.publish([draft]);
  }
}
