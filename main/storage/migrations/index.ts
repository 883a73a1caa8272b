import type Database from 'better-sqlite3';
import { first } from './0001-first.ts';
import { peopleTally } from './0002-people-tally.ts';
import { search } from './0003-search.ts';
import { retention } from './0004-retention.ts';
import { prompts } from './0005-prompts.ts';
import { asked } from './0006-asked.ts';
import { segments } from './0007-segments.ts';
import { imports } from './0008-imports.ts';
import { currentKey } from './0009-current-key.ts';
import { attributeTriggers } from './0010-attribute-triggers.ts';
import { attributeChanges } from './0011-attribute-changes.ts';
import { bulkChanges } from './0012-bulk-changes.ts';
import { orders } from './0013-orders.ts';
import { audienceIndexes } from './0014-audience-indexes.ts';
import { snapshots } from './0015-snapshots.ts';

/** In order; the position of each, from 1, is the version it leads to. Never change one that was released. */
export const migrations: ((db: Database.Database) => void)[] = [
  first,
  peopleTally,
  search,
  retention,
  prompts,
  asked,
  segments,
  imports,
  currentKey,
  attributeTriggers,
  attributeChanges,
  bulkChanges,
  orders,
  audienceIndexes,
  snapshots,
];
