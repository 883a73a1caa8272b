import type { Access } from './access.ts';
import type { AttributeChanges } from './attributes.ts';
import type { Bulk } from './bulk.ts';
import type { Campaigns } from './campaigns.ts';
import type { Deliveries } from './deliveries.ts';
import type { Imports } from './imports.ts';
import type { PracticeStorage } from './rehearsal.ts';
import type { Segments } from './segments.ts';
import type { Sites } from './sites.ts';
import type { Subscribers } from './subscribers.ts';
import type { StorageTrouble, Upkeep } from './upkeep.ts';

export type * from './access.ts';
export type * from './bulk.ts';
export type * from './campaigns.ts';
export type * from './deliveries.ts';
export type * from './sites.ts';
export type * from './subscribers.ts';
export type * from './upkeep.ts';

/**
 * The ports to the database. All are asynchronous, take and give batches, and no transaction crosses a call, so
 * that another engine is another adapter. Ids here are the database's integers; times are milliseconds since the
 * epoch.
 */
export interface Storage {
  sites: Sites;
  subscribers: Subscribers;
  bulk: Bulk;
  segments: Segments;
  attributes: AttributeChanges;
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
