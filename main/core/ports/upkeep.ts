import type { CampaignRow } from './campaigns.ts';

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

/** What is wrong with the disk or the file right now. Times in milliseconds. */
export type StorageTrouble = { since: number; last?: number } & (
  | { kind: 'full' | 'busy' | 'failing' | 'restarting' }
  | { kind: 'low'; freeBytes: number }
  /** `rescued`: where all of it was copied to, if it could be. */
  | { kind: 'missing'; rescued: string | null }
);
