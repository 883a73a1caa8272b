import type { SubscriberCounts } from '../../contract/sites.ts';
import type { Attributes, SubscriberState } from '../../contract/subscribers.ts';
import type { Matching } from './segments.ts';

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
  /** The browser does not say which key it was made with: that of someone known stays as it is. */
  keyAssumed?: boolean;
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
  /** Of these ids alone. */
  only?: number[];
  /** Of one site only. */
  matching?: Matching;
}

/** An order other than the newest first. Who has no external id stands at the end, the newest first. */
export interface PeopleOrder {
  by: 'lastSeen' | 'externalId';
  way: 'asc' | 'desc';
}
/** Where a page ends: at someone, with what they were ordered by then. */
export interface PeoplePlace {
  id: number;
  key: number | string | null;
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
  /** Newest first (or oldest first, of all or of a state), after the id `after`; keyset, never an offset. */
  page(
    filter: SubscriberFilter,
    after: number | null,
    limit: number,
    way?: 'newest' | 'oldest',
  ): Promise<SubscriberRow[]>;
  /** Everyone of a site, or of one state, in another order. */
  ordered(
    filter: Pick<SubscriberFilter, 'state'> & { site: number },
    order: PeopleOrder,
    after: PeoplePlace | null,
    limit: number,
  ): Promise<SubscriberRow[]>;
  /**
   * How many people fit.
   * @param signal a count that is aborted before it has begun is given up. @throws its reason
   */
  count(filter: SubscriberFilter, signal?: AbortSignal): Promise<number>;
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
  /** The browser has given the subscription up, and nobody wished it: whoever is at the endpoint is expired. */
  lose(site: number, endpoint: string, at: number): Promise<number | null>;
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
