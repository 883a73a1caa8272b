import type {
  Audience,
  CampaignCounts,
  CampaignState,
  DeliveryState,
  Pace,
} from '../../contract/campaigns.ts';
import type { Message } from '../../contract/messages.ts';
import type { Matching } from './segments.ts';

export interface CampaignRow {
  id: number;
  site: number;
  state: CampaignState;
  kind: 'campaign' | 'transactional';
  message: Message;
  audience: Audience;
  pace: Pace | null;
  /** It goes also to those who have had as many messages as the site's frequency cap allows. */
  ignoreCap: boolean;
  /** For how many people deliveries are being made; 0: that is not known yet. Null: all are made. */
  preparing: number | null;
  at: number | null;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** When its single deliveries began to be dropped, of which only the sums are left. */
  detailDroppedAt: number | null;
  /** None of them is left. */
  detailGone: boolean;
  counts: CampaignCounts;
}
export interface ServiceCounts {
  pushService: string;
  accepted: number;
  expired: number;
  rejected: number;
  failed: number;
  /** Of all encrypted bodies that were answered. */
  bytes: number;
  goneIsReal: boolean;
}
export interface OutcomeRow {
  state: DeliveryState;
  reason: string;
  pushService: string;
  status: number | null;
  count: number;
}

/** An audience with the database's own ids. */
export type AudienceRow = Matching | { subscribers: number[] } | { externalIds: string[] };

export interface Campaigns {
  /** `requestId`: a repeat with the same one gives the campaign that the first made. */
  insert(
    campaign: Pick<
      CampaignRow,
      'site' | 'state' | 'kind' | 'message' | 'audience' | 'pace' | 'at' | 'createdAt'
    > &
      Partial<Pick<CampaignRow, 'ignoreCap'>>,
    requestId: string | null,
  ): Promise<CampaignRow>;
  get(id: number): Promise<CampaignRow | null>;
  page(
    filter: { site?: number; state?: CampaignState },
    after: number | null,
    limit: number,
  ): Promise<CampaignRow[]>;
  /**
   * Changes a draft or scheduled one; null when it is no longer either. A scheduled one whose time is taken away is a
   * draft again.
   */
  edit(
    id: number,
    change: Partial<Pick<CampaignRow, 'message' | 'audience' | 'pace' | 'ignoreCap' | 'at'>>,
  ): Promise<CampaignRow | null>;
  removeDraft(id: number): Promise<boolean>;
  /** Moves between states only from one of `from`; null when it was in none of them. */
  move(id: number, from: CampaignState[], to: CampaignState, at: number): Promise<CampaignRow | null>;
  /**
   * Sets a campaign `sending` and makes its deliveries at once, or, for a site with many people, leaves that to
   * `prepare`. People named one by one who cannot
   * be sent to are `skipped` with the reason, and so are those whom the site's frequency cap spares, as `capped`.
   */
  snapshot(id: number, audience: AudienceRow, at: number): Promise<CampaignRow | null>;
  /** What a campaign's deliveries are to be made by; null when all are made, or it was cancelled. */
  preparation(id: number): Promise<{ audience: AudienceRow; lastId: number } | null>;
  /** Who has no delivery yet of those whom a preparation means, in ascending order. */
  unprepared(
    site: number,
    id: number,
    preparation: { audience: AudienceRow; lastId: number },
  ): Promise<Float64Array<ArrayBuffer>>;
  /**
   * Makes some of the deliveries of a campaign, for as many of these people as a short transaction can.
   * @param people for how many there will be deliveries in all
   * @param isLast nobody comes after these
   * @returns how many of them it took; null when the campaign is paused, or not being prepared any more
   */
  prepare(
    id: number,
    ids: Float64Array<ArrayBuffer>,
    people: number,
    isLast: boolean,
  ): Promise<{ taken: number; campaign: CampaignRow } | null>;
  /** Cancels: what is pending is skipped; what is under way settles as it will. */
  cancel(id: number, at: number): Promise<CampaignRow | null>;
  /** Ids in a state, oldest first. */
  inState(state: CampaignState): Promise<number[]>;
  /** The next scheduled one: when, or null. */
  nextScheduled(): Promise<{ id: number; at: number } | null>;
  /**
   * How many would get it now.
   * @param signal a count that is aborted before it has begun is given up. @throws its reason
   */
  audienceSize(site: number, audience: AudienceRow, signal?: AbortSignal): Promise<number>;
  /** How many of an audience were imported and have not been seen yet. */
  foreignIn(site: number, audience: AudienceRow): Promise<number>;
  /**
   * How many of an audience have had as many messages as the site's frequency cap allows, as of `now`.
   * @param signal as for `audienceSize`
   */
  cappedIn(site: number, audience: AudienceRow, now: number, signal?: AbortSignal): Promise<number>;
  outcomes(id: number): Promise<OutcomeRow[]>;
  clicks(id: number): Promise<{ action: string; count: number }[]>;
  /** The counts of a campaign by push service. */
  services(id: number): Promise<ServiceCounts[]>;
  /**
   * How many of all who were sent to were gone, by push service, over the site's last campaigns before this one.
   */
  goneBefore(id: number): Promise<{ pushService: string; gone: number; answered: number }[]>;
  /** The operator said that those who are gone are really gone: the guard is off for this campaign and service. */
  trustGone(id: number, pushService: string): Promise<void>;
}
