import type { BulkAction, BulkState } from '../../contract/changes.ts';
import type { SubscriberFilter } from './subscribers.ts';

export interface BulkRow {
  id: number;
  site: number;
  action: BulkAction;
  state: BulkState;
  people: number | null;
  looked: number;
  changed: number;
  undone: number;
  kept: number;
  problem: string | null;
  createdAt: number;
  finishedAt: number | null;
}
export type BulkSave = Partial<Pick<BulkRow, 'state' | 'people' | 'problem' | 'finishedAt'>>;

/** Changes to many people at once. Each call that writes is one transaction of some 40 ms at the most. */
export interface Bulk {
  /** The newest first, before the id `after`. */
  page(site: number | null, after: number | null, limit: number): Promise<BulkRow[]>;
  /** Those that an earlier run of the program left under way. */
  underWay(): Promise<BulkRow[]>;
  get(id: number): Promise<BulkRow | null>;
  /** `requestId`: a repeat with the same one gives the change that the first made. */
  insert(
    change: Pick<BulkRow, 'site' | 'action' | 'createdAt'>,
    requestId: string | null,
  ): Promise<{ row: BulkRow; isNew: boolean }>;
  save(id: number, change: BulkSave): Promise<BulkRow | null>;
  /** The id of whoever came last to any site; 0: nobody ever did. */
  newestPerson(): Promise<number>;
  /** Who fits, by ascending id, above `after` and not above `upTo`. */
  find(
    filter: SubscriberFilter & { site: number },
    after: number,
    upTo: number,
    limit: number,
  ): Promise<number[]>;
  /** Adds people to those who are meant. */
  add(id: number, people: number[]): Promise<void>;
  /** Changes some of those who wait. `left`: there are more. Null: the change is gone. */
  step(id: number, now: number): Promise<{ looked: number; left: boolean } | null>;
  /** Takes back some of what was changed. */
  undoStep(id: number, now: number): Promise<{ looked: number; left: boolean } | null>;
  /** Forgets who still waits to be changed. */
  dropWaiting(id: number): Promise<void>;
  /** Forgets some of what was changed by changes that ended before; 0: nothing was left. */
  dropOld(endedBefore: number): Promise<number>;
}
