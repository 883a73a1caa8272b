import type {
  Audience,
  CampaignCounts,
  CampaignState,
  DeliveryState,
  Pace,
} from '../../contract/campaigns.ts';
import type { Message } from '../../contract/messages.ts';
import type { Prompt } from '../../contract/prompts.ts';
import type { ReportType } from '../../contract/public.ts';
import type { SiteSettings, SubscriberCounts } from '../../contract/sites.ts';
import type { Attributes, SubscriberState } from '../../contract/subscribers.ts';
import type { Imports } from './imports.ts';
import type { PushRequest } from './push.ts';
import type { PracticeStorage } from './rehearsal.ts';
import type { Matching, Segments } from './segments.ts';

/**
 * The ports to the database. All are asynchronous, take and give batches, and no transaction crosses a call, so
 * that another engine is another adapter. Ids here are the database's integers; times are milliseconds since the
 * epoch.
 */

export interface SiteRow {
  id: number;
  key: string;
  name: string;
  origins: string[];
  subject: string;
  settings: SiteSettings;
  /** How visitors are asked; null: as it is before anybody has chosen. */
  prompt: Prompt | null;
  practice: boolean;
  identitySecret: Uint8Array; // sealed
  /** The one that browsers subscribe with now. */
  vapidKey: VapidKeyRow;
  /** Those that subscribers were made with before, or that came in with them; newest first. */
  formerKeys: VapidKeyRow[];
  createdAt: number;
  /** When a browser first asked for its configuration. */
  askedAt: number | null;
}
export interface VapidKeyRow {
  id: number;
  publicKey: Uint8Array;
  privateKey: Uint8Array; // sealed
  createdAt: number;
}
export type NewKeyRow = Omit<VapidKeyRow, 'id'>;
export type NewSiteRow = Omit<SiteRow, 'id' | 'vapidKey' | 'formerKeys' | 'prompt' | 'askedAt'> & {
  vapidKey: Omit<NewKeyRow, 'createdAt'>;
};
/** Who can still be sent to with a key: `active` and `foreign` people. */
export interface KeyCount {
  key: number;
  active: number;
  foreign: number;
  others: number;
}
export type SiteChange = Partial<
  Pick<SiteRow, 'name' | 'origins' | 'subject' | 'identitySecret' | 'askedAt'>
> & {
  /** Those that are left out stay as they are. */
  settings?: Partial<SiteSettings>;
  prompt?: Prompt;
};

export interface Sites {
  /** All of them: there are few, and the core keeps them in memory. Every former key of a site too. */
  all(): Promise<SiteRow[]>;
  insert(site: NewSiteRow): Promise<SiteRow>;
  update(id: number, change: SiteChange): Promise<SiteRow | null>;
  /** What has ever happened on a site, of what a first notification takes. */
  firstSteps(id: number): Promise<Record<'person' | 'accepted' | 'shown' | 'clicked', boolean>>;
  /**
   * Deletes the site for everyone, its secrets with it. What else belongs to it goes by and by: see
   * `Upkeep.sweepSites`.
   */
  remove(id: number, at: number): Promise<void>;
  /** Adds a key. With `current`, browsers subscribe with it from now on. Null when the site is gone. */
  addKey(site: number, key: NewKeyRow, current: boolean): Promise<SiteRow | null>;
  /** Makes one of the site's keys the current one. Null when the site has no such key. */
  chooseKey(site: number, key: number): Promise<SiteRow | null>;
  /** Removes a former key that nobody was made with. Null when somebody was, or it is the current one. */
  removeKey(site: number, key: number): Promise<SiteRow | null>;
  keyCounts(site: number): Promise<KeyCount[]>;
}

export interface SubscriberRow {
  id: number;
  site: number;
  vapidKey: number;
  endpoint: string;
  pushService: string;
  p256dh: Uint8Array;
  auth: Uint8Array;
  state: SubscriberState;
  stateReason: string | null;
  stateSince: number;
  browser: string | null;
  browserVersion: string | null;
  system: string | null;
  device: string | null;
  language: string | null;
  country: string | null;
  timeZone: string | null;
  page: string | null;
  externalId: string | null;
  attributes: Attributes;
  tags: string[];
  consentVersion: string | null;
  consentAt: number | null;
  testDevice: boolean;
  firstSeen: number;
  lastSeen: number;
}

/** What a browser (or a server) says of itself; null: leave as it is. */
export interface SubscriberFacts {
  browser: string | null;
  browserVersion: string | null;
  system: string | null;
  device: string | null;
  language: string | null;
  country: string | null;
  timeZone: string | null;
  page: string | null;
  externalId: string | null;
  /** Merged into what is there. */
  attributes: Attributes | null;
  /** Added to what is there. */
  tags: string[] | null;
  /** Taken from what is there. */
  removedTags?: string[];
  consentVersion: string | null;
}

export interface Registration {
  site: number;
  vapidKey: number;
  endpoint: string;
  oldEndpoint: string | null;
  pushService: string;
  p256dh: Uint8Array;
  auth: Uint8Array;
  /** `subscribe`: the person asked now. `sync`: a check on a page load, which never revives someone who left. */
  intent: 'subscribe' | 'sync';
  facts: SubscriberFacts;
  at: number;
}
export type RegistrationResult =
  | { outcome: 'created' | 'updated' | 'revived' | 'moved'; id: number }
  | { outcome: 'gone' }
  /** The site was removed in the meantime. */
  | { outcome: 'no-site' };

export interface SubscriberFilter {
  site?: number;
  state?: SubscriberState;
  externalId?: string;
  search?: string;
  /** Of one site only. */
  matching?: Matching;
}

export interface PeopleChanges {
  joined: number;
  imported: number;
  /** After having expired, left or been removed. */
  returned: number;
  expired: number;
  /** By their own wish. */
  unsubscribed: number;
  /** By the operator, erased people too. */
  removed: number;
}

export interface Subscribers {
  /** Stores durably before it resolves; registrations that come together share one commit. */
  upsertMany(registrations: Registration[]): Promise<RegistrationResult[]>;
  /** Newest first, after the id `after`; keyset, never an offset. */
  page(filter: SubscriberFilter, after: number | null, limit: number): Promise<SubscriberRow[]>;
  counts(site: number | null): Promise<SubscriberCounts>;
  /**
   * Who came and went between each two of `edges` (ascending, whole quarters of an hour), and how many people there
   * were before the first: those who came less those who went.
   */
  changes(site: number, edges: number[]): Promise<{ before: number; changes: PeopleChanges[] }>;
  get(id: number): Promise<SubscriberRow | null>;
  change(
    id: number,
    change: {
      externalId?: string | null;
      attributes?: Attributes;
      tags?: string[];
      language?: string;
      timeZone?: string;
      country?: string | null;
      testDevice?: boolean;
    },
  ): Promise<SubscriberRow | null>;
  /** Someone left by the endpoint that only they know. Resolves to the id, or null when nobody is stored there. */
  leave(site: number, endpoint: string, at: number): Promise<number | null>;
  /** Only from the state in which they were read; null when they are in another one by now, or gone. */
  setState(
    from: Pick<SubscriberRow, 'id' | 'state' | 'stateReason'>,
    state: SubscriberState,
    reason: string | null,
    at: number,
  ): Promise<SubscriberRow | null>;
  /** Deletes the person and keeps a keyed hash of the endpoint, so that a sync cannot bring them back. */
  erase(id: number, at: number): Promise<boolean>;
  /** The operator's own devices of a site that can be sent to. */
  testDevices(site: number): Promise<SubscriberRow[]>;
  /** The ids among `ids` that exist in the site. */
  existing(site: number, ids: number[]): Promise<number[]>;
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

export interface CampaignRow {
  id: number;
  site: number;
  state: CampaignState;
  kind: 'campaign' | 'transactional';
  message: Message;
  audience: Audience;
  pace: Pace | null;
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
    >,
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
    change: Partial<Pick<CampaignRow, 'message' | 'audience' | 'pace' | 'at'>>,
  ): Promise<CampaignRow | null>;
  removeDraft(id: number): Promise<boolean>;
  /** Moves between states only from one of `from`; null when it was in none of them. */
  move(id: number, from: CampaignState[], to: CampaignState, at: number): Promise<CampaignRow | null>;
  /**
   * Makes the deliveries of a campaign in one statement and sets it `sending`. People named one by one who cannot
   * be sent to are `skipped` with the reason.
   */
  snapshot(id: number, audience: AudienceRow, at: number): Promise<CampaignRow | null>;
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

/** How long single deliveries are kept: of campaigns that ended later than this, and so many in all. */
export interface Keep {
  finishedAfter: number;
  deliveries: number;
}

/** What goes with time. Each call is one short transaction, to be repeated until it says that nothing is left. */
export interface Upkeep {
  /** Skips some of what is pending of cancelled campaigns. Resolves to the campaign; null: nothing was left. */
  skipCancelled(): Promise<CampaignRow | null>;
  /**
   * Drops the oldest single deliveries that need not be kept, with their attempts and clicks, and adds them to the
   * sums of their campaign. Resolves to how many; 0: nothing was left. Practice sites keep theirs.
   */
  dropDetail(keep: Keep, now: number): Promise<number>;
  /** Some of the subscribers who expired before; none of practice sites. */
  expiredBefore(before: number): Promise<number[]>;
  /** Deletes those of `ids` who are still expired since before. They are new people when they come back. */
  purge(ids: number[], before: number): Promise<number>;
  /** Deletes some of what belongs to removed sites (or the one named), at last the site; 0: nothing was left. */
  sweepSites(site: number | null): Promise<number>;
  /** Deliveries of campaigns whose single deliveries are kept, and bytes of the database (of them unused). */
  size(): Promise<{ deliveries: number; campaigns: number; bytes: number; freeBytes: number }>;
}

export interface ApiKeyRow {
  id: number;
  site: number;
  name: string;
  scopes: ('read' | 'send' | 'manage')[];
  hash: Uint8Array; // SHA-256 of the secret
  hint: string;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface Access {
  apiKeys(): Promise<ApiKeyRow[]>;
  insertApiKey(key: Omit<ApiKeyRow, 'id' | 'lastUsedAt' | 'revokedAt'>): Promise<ApiKeyRow>;
  revokeApiKey(id: number, at: number): Promise<ApiKeyRow | null>;
  touchApiKeys(used: { id: number; at: number }[]): Promise<void>;
  /**
   * Begins a request that carries an Idempotency-Key. `fresh`: go on, then call `finish`. `done`: the first
   * answer. `running`: another is still at it. `mismatch`: the key was used for another request.
   */
  beginRequest(request: {
    key: string; // with the caller in it
    hash: Uint8Array;
    at: number;
  }): Promise<
    | { outcome: 'fresh' }
    | { outcome: 'done'; status: number; body: string }
    | { outcome: 'running' | 'mismatch' }
  >;
  /** Stores the answer, or forgets the request when there is none worth keeping (a 5xx). */
  finishRequest(key: string, answer: { status: number; body: string } | null): Promise<void>;
  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string): Promise<void>;
}

/** What is wrong with the disk or the file right now. Times in milliseconds. */
export type StorageTrouble = { since: number; last?: number } & (
  | { kind: 'full' | 'busy' | 'failing' | 'restarting' }
  | { kind: 'low'; freeBytes: number }
  /** `rescued`: where all of it was copied to, if it could be. */
  | { kind: 'missing'; rescued: string | null }
);

export interface Storage {
  sites: Sites;
  subscribers: Subscribers;
  segments: Segments;
  campaigns: Campaigns;
  deliveries: Deliveries;
  access: Access;
  practice: PracticeStorage;
  upkeep: Upkeep;
  troubles(): StorageTrouble[];
  /** Calls `listener` whenever they have become others. */
  onTroubles(listener: () => void): void;
  imports: Imports;
  /** 32 random bytes made with the database: seals public ids and delivery tokens. */
  readonly idSecret: Uint8Array;
  close(): Promise<void>;
}
