import type { Audience, CampaignState, Pace } from '../../contract/campaigns.ts';
import type { Message } from '../../contract/messages.ts';
import type { Ids } from '../ids.ts';
import type { CampaignRow, SiteRow, Storage } from '../ports/storage.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';
import { checkAudience } from './audience.ts';
import type { Holds } from './holds.ts';
import { MAX_PAYLOAD_BYTES, type PayloadSurroundings, payloadOf } from './payload.ts';
import type { Sender } from './sender.ts';

interface Parts {
  storage: Storage;
  sender: Sender;
  upkeep: Upkeep;
  holds: Holds;
  ids: Ids;
  clock: Clock;
  payloadSurroundings(site: SiteRow): PayloadSurroundings;
}

export interface NewCampaign {
  message: Message;
  audience: Audience;
  pace: Pace | null;
  /** Left out: false. */
  ignoreCap?: boolean;
  at: number | null;
  draft: boolean;
  kind: 'campaign' | 'transactional';
}

const over: CampaignState[] = ['finished', 'cancelled'];
/** Started, and neither finished nor given up. */
const live: CampaignState[] = ['sending', 'paused', 'halted'];

/** What can be done with campaigns. Repeating an act changes nothing; an impossible one is refused (`conflict`). */
export class Campaigns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param requestId of the caller's Idempotency-Key: a repeat, even after a crash, sends nothing twice */
  async create(site: SiteRow, wanted: NewCampaign, requestId: string | null): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    this.#checkSize(site, wanted.message);
    await checkAudience(wanted.audience, site.id, this.#parts, clock.now());
    const later = wanted.at !== null && wanted.at > clock.now();
    const campaign = await storage.campaigns.insert(
      {
        site: site.id,
        state: wanted.draft || !later ? 'draft' : 'scheduled',
        kind: wanted.kind,
        message: wanted.message,
        audience: wanted.audience,
        pace: wanted.pace,
        ignoreCap: wanted.ignoreCap ?? false,
        at: wanted.at,
        createdAt: clock.now(),
      },
      requestId,
    );
    if (campaign.state === 'scheduled') sender.rescheduled();
    sender.publish([campaign]);
    if (wanted.draft || later || campaign.state !== 'draft') return campaign;
    return this.start(campaign);
  }

  /** Sends a message to the operator's own devices, at once, as a campaign of its own. */
  async test(site: SiteRow, message: Message, requestId: string | null): Promise<CampaignRow> {
    const { storage, ids } = this.#parts;
    const devices = await storage.subscribers.testDevices(site.id);
    if (devices.length === 0)
      throw new Refusal(
        'conflict',
        'There is no test device yet. Subscribe with your own browser, find it under Subscribers, and mark it as a test device.',
      );
    const audience = { subscribers: devices.map(({ id }) => ids.seal('sub', id)) };
    const wanted = { message, audience, pace: null, at: null, draft: false, kind: 'transactional' } as const;
    return this.create(site, wanted, requestId);
  }

  async edit(
    campaign: CampaignRow,
    site: SiteRow,
    change: {
      message?: Message | undefined;
      audience?: Audience | undefined;
      pace?: Pace | null | undefined;
      ignoreCap?: boolean | undefined;
      at?: number | null | undefined;
    },
  ): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    if (change.message) this.#checkSize(site, change.message);
    if (change.audience) await checkAudience(change.audience, site.id, this.#parts, clock.now());
    const edited = await storage.campaigns.edit(campaign.id, {
      ...(change.message && { message: change.message }),
      ...(change.audience && { audience: change.audience }),
      ...(change.pace !== undefined && { pace: change.pace }),
      ...(change.ignoreCap !== undefined && { ignoreCap: change.ignoreCap }),
      ...(change.at !== undefined && { at: change.at }),
    });
    if (edited === null)
      throw this.#impossible(campaign, 'changed: only drafts and scheduled campaigns can be');
    sender.rescheduled();
    sender.publish([edited]);
    return edited;
  }

  async removeDraft(campaign: CampaignRow): Promise<void> {
    if (!(await this.#parts.storage.campaigns.removeDraft(campaign.id)))
      throw this.#impossible(campaign, 'deleted: only a draft can be');
  }

  /** Sends a draft now, or at its time; a scheduled one at its time. */
  async start(campaign: CampaignRow): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    if (campaign.state === 'paused' || campaign.state === 'halted') return this.resume(campaign);
    if (campaign.state === 'sending' || campaign.state === 'finished' || campaign.state === 'scheduled')
      return campaign;
    if (campaign.state === 'cancelled') throw this.#impossible(campaign, 'started');
    if (campaign.at !== null && campaign.at > clock.now()) {
      const scheduled = await storage.campaigns.move(campaign.id, ['draft'], 'scheduled', clock.now());
      sender.rescheduled();
      if (scheduled !== null) sender.publish([scheduled]);
      return scheduled ?? this.#now(campaign.id);
    }
    await this.#tryAgain(campaign.site);
    return (await sender.begin(campaign.id)) ?? this.#now(campaign.id);
  }

  async pause(campaign: CampaignRow): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    if (campaign.state === 'paused') return campaign;
    const paused = await storage.campaigns.move(campaign.id, ['sending', 'halted'], 'paused', clock.now());
    if (paused === null) return this.#unless(campaign.id, 'paused', 'paused');
    sender.halt(campaign.id);
    const now = await this.#now(campaign.id);
    sender.publish([now]);
    return now;
  }

  async resume(campaign: CampaignRow): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    if (campaign.state === 'sending') return campaign;
    if (campaign.state !== 'paused' && campaign.state !== 'halted')
      throw this.#impossible(campaign, 'resumed');
    await this.#tryAgain(campaign.site);
    const resumed = await storage.campaigns.move(campaign.id, ['paused', 'halted'], 'sending', clock.now());
    if (resumed === null) return this.#unless(campaign.id, 'sending', 'resumed');
    sender.take(resumed);
    return resumed;
  }

  /**
   * The operator's answer to the guard: the people whom a push service calls gone are so (`real`), or it erred, and
   * they are brought back and sent to again.
   */
  async answerGone(
    campaign: CampaignRow,
    pushService: string,
    answer: 'real' | 'mistake',
  ): Promise<CampaignRow> {
    const { storage, sender, holds, clock } = this.#parts;
    const asked = holds
      .of(campaign.site)
      .some((hold) => hold.kind === 'ask' && hold.pushService === pushService);
    if (!asked || !live.includes(campaign.state))
      throw new Refusal('conflict', 'There is no such question open for this campaign.');
    // the question is of the service: what is answered for one campaign holds for the others that met it
    const others = (await this.#of(campaign.site, live)).filter(({ id }) => id !== campaign.id);
    const met: CampaignRow[] = [];
    for (const other of others) {
      const services = await storage.campaigns.services(other.id);
      if (services.some((one) => one.pushService === pushService && one.expired > 0)) met.push(other);
    }
    // the runs first: what they hear from here on must not raise the question again
    for (const { id } of [campaign, ...met]) sender.settleGone(id, pushService, answer);
    for (const { id } of [campaign, ...met]) {
      if (answer === 'real') await storage.campaigns.trustGone(id, pushService);
      else await storage.deliveries.bringBack(id, pushService, clock.now());
    }
    await holds.lift(campaign.site, pushService);
    sender.wake();
    for (const { id } of others) await this.#goOn(id, ['halted', 'sending']);
    return this.#goOn(campaign.id, ['halted', 'sending']);
  }

  /**
   * Makes pending again what ended badly for one reason at one push service, and sends it. People who expired there
   * are brought back for it, whatever the reason.
   */
  async resend(
    campaign: CampaignRow,
    pushService: string,
    state: 'rejected' | 'failed' | 'expired',
    reason: string,
  ): Promise<CampaignRow> {
    const { storage, clock } = this.#parts;
    if (campaign.state === 'cancelled' || campaign.startedAt === null)
      throw this.#impossible(campaign, 'sent again');
    const count =
      state === 'expired'
        ? await storage.deliveries.bringBack(campaign.id, pushService, clock.now())
        : await storage.deliveries.requeue(campaign.id, pushService, state, [reason], clock.now());
    if (count === 0)
      throw new Refusal(
        'conflict',
        campaign.detailDroppedAt === null
          ? 'Nobody of this campaign is left for whom it ended so.'
          : 'It is not kept any more to whom this campaign went, so that it cannot be sent to them again.',
      );
    await this.#tryAgain(campaign.site);
    return this.#goOn(campaign.id, ['finished', 'halted', 'sending']);
  }

  async cancel(campaign: CampaignRow): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    if (campaign.state === 'cancelled') return campaign;
    const cancelled = await storage.campaigns.cancel(campaign.id, clock.now());
    if (cancelled === null) return this.#unless(campaign.id, 'cancelled', 'cancelled');
    sender.halt(campaign.id);
    sender.rescheduled();
    this.#parts.upkeep.wake();
    const now = await this.#now(campaign.id);
    sender.publish([now]);
    return now;
  }

  /** Sends on, unless the operator paused it in the meantime. */
  async #goOn(id: number, from: CampaignState[]): Promise<CampaignRow> {
    const { storage, sender, clock } = this.#parts;
    const moved = await storage.campaigns.move(id, from, 'sending', clock.now());
    if (moved !== null) sender.take(moved);
    return moved ?? this.#now(id);
  }

  /** Cancels whatever of a site is not over. */
  async cancelAllOf(site: number): Promise<void> {
    for (const campaign of await this.#of(site, [...live, 'scheduled'])) await this.cancel(campaign);
  }

  /** The campaigns of a site in these states. */
  async #of(site: number, states: CampaignState[]): Promise<CampaignRow[]> {
    const { storage } = this.#parts;
    const ids = (await Promise.all(states.map((state) => storage.campaigns.inState(state)))).flat();
    const campaigns = await Promise.all(ids.map((id) => storage.campaigns.get(id)));
    return campaigns.filter((campaign) => campaign?.site === site) as CampaignRow[];
  }

  /** What was halted for a fault of ours may be mended by now: starting or resuming a campaign is a try. */
  async #tryAgain(site: number): Promise<void> {
    if ((await this.#parts.holds.lift(site)).length > 0) this.#parts.sender.wake();
  }

  #checkSize(site: SiteRow, message: Message) {
    const { bytes } = payloadOf(message, this.#parts.payloadSurroundings(site));
    if (bytes <= MAX_PAYLOAD_BYTES) return;
    throw new Refusal(
      'invalid_input',
      `The message is ${bytes} bytes, and a push service takes ${MAX_PAYLOAD_BYTES}. Shorten its text or its addresses.`,
      { errors: [{ pointer: '/message', detail: `${bytes - MAX_PAYLOAD_BYTES} bytes too large` }] },
    );
  }

  async #now(id: number): Promise<CampaignRow> {
    const campaign = await this.#parts.storage.campaigns.get(id);
    if (campaign === null) throw new Refusal('not_found', 'There is no such campaign.');
    return campaign;
  }

  /** Someone else was quicker: fine when it is where it should be. */
  async #unless(id: number, state: CampaignState, done: string): Promise<CampaignRow> {
    const campaign = await this.#now(id);
    if (campaign.state === state) return campaign;
    throw this.#impossible(campaign, done);
  }

  #impossible({ state }: CampaignRow, done: string): Refusal {
    const why = over.includes(state) ? `It is ${state} already` : `It is ${state} at the moment`;
    return new Refusal('conflict', `This campaign cannot be ${done}. ${why}.`);
  }
}
