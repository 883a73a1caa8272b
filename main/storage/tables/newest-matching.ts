import type Database from 'better-sqlite3';
import type { Matching } from '../../core/ports/segments.ts';
import type { SubscriberFilter } from '../../core/ports/storage.ts';
import type { IdSet } from './id-set.ts';
import type { PeopleSets } from './people-sets.ts';
import { conditionSql, type Sql } from './segment-sql.ts';
import { everyState, stateCode } from './subscriber-rows.ts';
import { FOUND, foundBy } from './subscriber-search.ts';

/** Of the newest people, those that are looked at one by one before sets are asked: what many are is found there. */
const LOOKED_THROUGH = 1500;
/** People of a set whom one statement looks at for what no set tells. */
const AT_ONCE = 5000;

interface Asked {
  site: number;
  state: SubscriberFilter['state'];
  externalId: string | undefined;
  /** What a search finds, or nothing. */
  text: string;
  matching: Matching;
}

/**
 * The newest people whom an expression is about, a page at a time.
 * @param lookedThrough how many of the newest are looked at first
 */
export function newestMatching(
  db: Database.Database,
  sets: PeopleSets,
  newestOf: (site: number, states: number[], before: number, limit: number) => number[],
  { lookedThrough = LOOKED_THROUGH } = {},
) {
  const among = (ids: number[], { sql, values }: Sql, limit: number): number[] =>
    db
      .prepare<[Record<string, unknown>], number>(
        `SELECT s.id FROM json_each(@ids) j CROSS JOIN subscriber s ON s.id = j.value WHERE ${sql} LIMIT @limit`,
      )
      .pluck()
      .all({ ...values, ids: JSON.stringify(ids), limit });

  /**
   * @param before ids at or above it are left out
   * @returns ids, the newest first
   */
  return ({ site, state, externalId, text, matching }: Asked, before: number, limit: number): number[] =>
    sets.atOneMoment(() => {
      const states = state === undefined ? everyState : [stateCode(state)];
      const more: Sql = {
        sql: `s.site_id = @site${externalId === undefined ? '' : ' AND s.external_id = @externalId'}${text === '' ? '' : ` AND ${FOUND}`}`,
        values: { site, externalId, ...(text !== '' && foundBy(text)) },
      };
      const one = conditionSql(matching, 'test');
      const all = {
        sql: `${more.sql} AND ${one.sql}`,
        values: { campaign: 0, ...more.values, ...one.values },
      };
      const first = newestOf(site, states, before, lookedThrough);
      const found = among(first, all, limit);
      if (found.length >= limit || first.length < lookedThrough) return found;

      const population = { site, state: state === undefined ? null : stateCode(state) };
      const set = sets.matching(population, matching, () => false);
      const ids: number[] = [];
      for (const some of pieces(set, before, externalId === undefined && text === '' ? limit : AT_ONCE)) {
        ids.push(...among(some, more, limit - ids.length));
        if (ids.length >= limit) break;
      }
      return ids;
    });
}

function* pieces(set: IdSet, before: number, size: number): Generator<number[]> {
  let piece: number[] = [];
  for (const id of set.descending(before)) {
    piece.push(id);
    if (piece.length < size) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
