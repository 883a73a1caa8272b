import type { DeliveryState } from '../../contract/campaigns.ts';
import type { ReportType } from '../../contract/public.ts';
import type { CampaignRow } from './campaigns.ts';
import type { PushRequest } from './push.ts';

export interface DeliveryRow {
  campaign: number;
  subscriber: number;
  pushService: string;
  state: DeliveryState;
  status: number | null;
  reason: string | null;
  attempts: number;
  repeated: boolean;
  settledAt: number | null;
  dueAt: number | null;
  duration: number | null;
  bytes: number | null;
  shownAt: number | null;
  clickedAt: number | null;
  closedAt: number | null;
  exists: boolean;
}

export interface AttemptRow {
  campaign: number;
  title: string;
  pushService: string;
  number: number;
  at: number;
  status: number | null;
  reason: string;
  duration: number;
}

/** A delivery handed to a sender: leased until it is settled, or until the next start of the program. */
export type Claimed = Pick<
  PushRequest,
  'ref' | 'endpoint' | 'pushService' | 'p256dh' | 'auth' | 'vapidKey'
> & {
  attempts: number;
  firstAttemptAt: number;
};

export interface Settlement {
  campaign: number;
  subscriber: number;
  /** The endpoint that was sent to: a gone answer expires the subscriber only if it is still theirs. */
  endpoint: string;
  /** As it was claimed. */
  pushService: string;
  state: 'pending' | 'accepted' | 'expired' | 'rejected' | 'failed';
  status: number | null;
  reason: string;
  /** For `pending`: when to try again. */
  dueAt: number | null;
  /** Nothing was sent after all: the attempt does not count. */
  unsent: boolean;
  /** For `pending`: no answer came, so the next attempt may be a repetition. */
  doubtful: boolean;
  duration: number;
  bytes: number;
  /** For `pending`: the fault was ours, so that the time to live begins anew with the next attempt. */
  startOver: boolean;
  at: number;
}

/** A span of a campaign's course in which something happened; `bucket` counts from 0. */
export interface CourseRow {
  bucket: number;
  accepted: number;
  shown: number;
  clicked: number;
}

export interface Deliveries {
  /**
   * Takes due deliveries of a campaign and marks them as under way: up to `limit` in all, and from each push service
   * at most what `rooms` says of it, or `otherwise`. People who have left since are skipped on the way. Null when
   * the campaign is not being sent any more.
   */
  claim(
    campaign: number,
    take: { limit: number; rooms: Record<string, number>; otherwise: number },
    now: number,
  ): Promise<Claimed[] | null>;
  /** Writes results in one commit; gone subscribers expire. Resolves to the campaigns as they are then. */
  settle(results: Settlement[]): Promise<CampaignRow[]>;
  /** Gives back what was claimed and not sent. */
  release(refs: { campaign: number; subscriber: number }[]): Promise<void>;
  /**
   * What is under way in the database and in nobody's hands, of one campaign or (null) of all: it becomes pending
   * again and is marked as repeated, and is skipped where the campaign was cancelled.
   */
  recover(campaign: number | null): Promise<{ campaign: number; count: number }[]>;
  /** The clock was set back by so many milliseconds: what waits for another try waits as long as it was to. */
  shift(by: number, now: number): Promise<void>;
  /** After the clock was wrong: nothing waits for another try until later than `latest`. */
  notLaterThan(latest: number): Promise<void>;
  /** When the next pending delivery of a campaign is due that is not sent to one of `without`; null: none pending. */
  nextDue(campaign: number, without: string[]): Promise<number | null>;
  /**
   * Makes pending again what was refused with one of these reasons by a service; a finished campaign goes on, and
   * people whom that had quarantined are active again.
   */
  requeue(
    campaign: number,
    pushService: string,
    state: 'rejected' | 'failed',
    reasons: string[],
    at: number,
  ): Promise<number>;
  /**
   * Brings back the subscribers whom this campaign expired at a push service, and makes their deliveries pending
   * again. Resolves to how many.
   */
  bringBack(campaign: number, pushService: string, at: number): Promise<number>;
  page(
    campaign: number,
    state: DeliveryState | null,
    after: number | null,
    limit: number,
  ): Promise<DeliveryRow[]>;
  /**
   * How many were accepted, shown and clicked in each of `buckets` spans of `step` milliseconds from `from` on. What
   * happened before or after is left out.
   */
  course(campaign: number, from: number, step: number, buckets: number): Promise<CourseRow[]>;
  /** What was sent to one subscriber, newest campaign first. */
  ofSubscriber(subscriber: number, limit: number): Promise<(DeliveryRow & { title: string })[]>;
  /** The attempts for one subscriber that did not settle their delivery, newest campaign first. */
  attemptsOf(subscriber: number, limit: number): Promise<AttemptRow[]>;
  /** What browsers reported. Each (delivery, type, action) counts once. Resolves to the campaigns that changed. */
  report(
    reports: { campaign: number; subscriber: number; type: ReportType; action: string; at: number }[],
  ): Promise<CampaignRow[]>;
  /** The holds on push services, kept so that a restart goes on with them. */
  holds(): Promise<ServiceHoldRow[]>;
  setHold(hold: ServiceHoldRow): Promise<void>;
  clearHold(site: number, pushService: string): Promise<void>;
}

export interface ServiceHoldRow {
  site: number;
  pushService: string;
  kind: 'pause' | 'halt' | 'ask';
  until: number | null;
  reason: string;
  /** Milliseconds that the clock here was ahead of the push service's, where that is the reason. */
  clockOff: number | null;
  since: number;
}
