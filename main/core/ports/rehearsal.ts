import type { CampaignState, DeliveryState } from '../../contract/campaigns.ts';
import type { Message } from '../../contract/messages.ts';
import type { Behaviour, RehearsalTotals, SimulatedService } from '../../contract/rehearsal.ts';
import type { Attributes, SubscriberState } from '../../contract/subscribers.ts';

export type { SimulatedService } from '../../contract/rehearsal.ts';

/**
 * Every endpoint of a practice site is under this name, which never leads anywhere (RFC 6761, 6.4): whoever does
 * not know where the rehearsal listens cannot send there, and the rehearsal may listen elsewhere after a restart.
 */
const practiceDomain = 'rehearsal.invalid';
export const practiceOrigin = (service: SimulatedService) => `https://${service}.${practiceDomain}`;
export const isPracticeHost = (hostname: string) =>
  hostname === practiceDomain || hostname.endsWith(`.${practiceDomain}`);

/** Where the running rehearsal serves each practice origin: origin by origin. Null: there is none. */
export type PracticeRoutes = Readonly<Record<string, string>> | null;

export interface RehearsalDefinition {
  seed: number;
  people: number;
  history: boolean;
  /** When the people were made; what they did before follows from it. Milliseconds. */
  anchor: number;
  siteKey: string;
  siteOrigin: string;
  /** The key that the people subscribed with: 65 bytes. */
  vapidPublicKey: Uint8Array;
  /** Origin of the public listener on this machine, to which people report. */
  reportTo: string;
  behaviour: Behaviour;
}

/** The simulated push services and people, on a thread of their own. */
export interface RehearsalService {
  /** How the push services behave until the operator says otherwise. */
  readonly usualBehaviour: Behaviour;
  /** Starts listening. `moved` is told whenever the routes change, also when the thread had to be started again. */
  open(definition: RehearsalDefinition, moved: (routes: PracticeRoutes) => void): Promise<void>;
  setBehaviour(behaviour: Behaviour): Promise<void>;
  totals(): Promise<RehearsalTotals>;
  /** The campaigns of the past, oldest first. */
  pastCampaigns(): Promise<PastCampaign[]>;
  /** The people from number `from` on, with what they did. */
  people(from: number, count: number): Promise<Packed<PracticePerson[]>>;
  /** Ends it and forgets what it counted. */
  close(): Promise<void>;
}

/** JSON in UTF-8, so that many rows cross threads without a copy. */
export type Packed<T> = Uint8Array<ArrayBuffer> & { readonly holds?: T };
export const pack = <T>(rows: T): Packed<T> => new Uint8Array(Buffer.from(JSON.stringify(rows)));
export const unpack = <T>(packed: Packed<T>): T =>
  JSON.parse(Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).toString());

export interface PastCampaign {
  message: Message;
  state: CampaignState;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Push services that it waits for, and why. */
  holds: { pushService: string; reason: string }[];
}

export interface PracticePerson {
  endpoint: string;
  pushService: string;
  /** base64url, as is auth. */
  p256dh: string;
  auth: string;
  state: SubscriberState;
  stateReason: string | null;
  stateSince: number;
  browser: string;
  browserVersion: string;
  system: string;
  device: string;
  language: string;
  country: string;
  timeZone: string;
  page: string;
  externalId: string | null;
  attributes: Attributes;
  tags: string[];
  firstSeen: number;
  lastSeen: number;
  deliveries: PastDelivery[];
}

export interface PastDelivery {
  /** The position in the list of past campaigns. */
  campaign: number;
  state: DeliveryState;
  status: number | null;
  reason: string | null;
  attempts: number;
  firstAt: number | null;
  settledAt: number | null;
  /** Of the last attempt, in milliseconds, with the bytes of its body; 0 when there was none. */
  duration: number;
  bytes: number;
  /** The attempts before the last, in order, all with the same answer. */
  tries?: { status: number; reason: string; at: number[]; duration: number };
  shownAt?: number;
  clicks?: { action: string; at: number }[];
  closedAt?: number;
  leftAt?: number;
}

/** What the database does for practice sites, and for no other. */
export interface PracticeStorage {
  /** What the rehearsal is, as text of the core's own; null forgets it. */
  define(definition: string | null): Promise<void>;
  /** @returns the campaigns' ids, in order */
  addCampaigns(site: number, campaigns: PastCampaign[]): Promise<number[]>;
  /** Adds people with their deliveries in one transaction. The campaigns' counts grow with them. */
  addPeople(
    site: number,
    vapidKey: number,
    campaigns: number[],
    people: Packed<PracticePerson[]>,
  ): Promise<void>;
  /**
   * Removes some of what belongs to the site, for a few ten milliseconds. Resolves to how many people, deliveries and
   * clicks that were; null when only the site itself is left.
   */
  erase(site: number): Promise<number | null>;
  /** Gives the room that was taken back to the system, where that is quick. */
  giveBack(): Promise<void>;
}
