import type { Prompt } from '../../contract/prompts.ts';
import type { SiteSettings } from '../../contract/sites.ts';

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
export type NewSiteRow = Omit<
  SiteRow,
  'id' | 'settings' | 'vapidKey' | 'formerKeys' | 'prompt' | 'askedAt'
> & {
  /** Without a frequency cap there is none. */
  settings: Omit<SiteSettings, 'frequencyCap'> & Partial<SiteSettings>;
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
