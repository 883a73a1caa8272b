import type Database from 'better-sqlite3';
import type { SubscriberCounts } from '../../contract/sites.ts';
import { type SubscriberState, subscriberStates } from '../../contract/subscribers.ts';
import type { PeopleOrder, PeoplePlace, SubscriberFilter, SubscriberRow } from '../../core/ports/storage.ts';
import { newestMatching } from './newest-matching.ts';
import type { PeopleSets } from './people-sets.ts';
import { filterSql } from './subscriber-filter.ts';
import { subscriberOrder } from './subscriber-order.ts';
import {
  everyState,
  SELECT_SUBSCRIBER,
  type StoredSubscriber,
  stateCode,
  toSubscriber,
} from './subscriber-rows.ts';
import { subscriberSearch } from './subscriber-search.ts';

export function subscriberReads(db: Database.Database, sets: PeopleSets) {
  const one = db.prepare<[number], StoredSubscriber>(`${SELECT_SUBSCRIBER} WHERE s.id = ?`);
  const testDevices = db.prepare<[number], StoredSubscriber>(`
    ${SELECT_SUBSCRIBER} WHERE s.site_id = ? AND s.test_device = 1 AND s.state <= 1 ORDER BY s.id LIMIT 1000`);
  const countsOfAll = db.prepare<[], { state: number; n: number }>(
    `SELECT s.state, count(*) AS n FROM site JOIN subscriber s ON s.site_id = site.id
     WHERE site.removed_at IS NULL GROUP BY s.state`,
  );
  const countsOfSite = db.prepare<[number], { state: number; n: number }>(
    'SELECT state, count(*) AS n FROM subscriber WHERE site_id = ? GROUP BY state',
  );
  const existing = db.prepare<[number, string], { id: number }>(
    'SELECT id FROM subscriber WHERE site_id = ? AND id IN (SELECT value FROM json_each(?))',
  );

  const theseRows = db.prepare<[string], StoredSubscriber>(
    `${SELECT_SUBSCRIBER} WHERE s.id IN (SELECT value FROM json_each(?))`,
  );
  const allSites = db.prepare<[], number>('SELECT id FROM site WHERE removed_at IS NULL').pluck();
  const { newestOf, oldestOf, search } = subscriberSearch(db);
  const matchingOf = newestMatching(db, sets, newestOf);
  const ordered = subscriberOrder(db);
  /** In the order of the ids. */
  const rowsOf = (ids: number[]) => {
    const rows = new Map(theseRows.all(JSON.stringify(ids)).map((row) => [row.id, toSubscriber(row)]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  };

  return {
    'subscribers.get': (id: number): SubscriberRow | null => {
      const row = one.get(id);
      return row ? toSubscriber(row) : null;
    },

    'subscribers.page': (
      filter: SubscriberFilter,
      after: number | null,
      limit: number,
      way: 'newest' | 'oldest' = 'newest',
    ): SubscriberRow[] => {
      const { site, state, externalId, only, matching } = filter;
      const text = filter.search?.trim() ?? '';
      const states = state === undefined ? everyState : [stateCode(state)];
      const before = after ?? Number.MAX_SAFE_INTEGER;
      if (matching !== undefined && site === undefined) throw new Error('An expression is about one site.');
      const narrowed = [externalId, only, matching].some((one) => one !== undefined);
      if (!narrowed && text !== '') {
        const sites = site === undefined ? allSites.all() : [site];
        const found = sites.flatMap((one) => search(one, states, text, before, limit));
        return rowsOf(found.sort((a, b) => b - a).slice(0, limit));
      }
      if (!narrowed && site !== undefined)
        return rowsOf(
          way === 'newest'
            ? newestOf(site, states, before, limit)
            : oldestOf(site, states, after ?? 0, limit),
        );

      if (matching !== undefined && site !== undefined && only === undefined)
        return rowsOf(matchingOf({ site, state, externalId, text, matching }, before, limit));

      const { sql, values } = filterSql(filter);
      return db
        .prepare<[Record<string, unknown>], StoredSubscriber>(
          `${SELECT_SUBSCRIBER} WHERE ${sql} ${after === null ? '' : 'AND s.id < @after'} ORDER BY s.id DESC LIMIT @limit`,
        )
        .all({ ...values, after, limit })
        .map(toSubscriber);
    },

    'subscribers.ordered': (
      { site, state }: { site: number; state?: SubscriberState },
      order: PeopleOrder,
      after: PeoplePlace | null,
      limit: number,
    ): SubscriberRow[] =>
      rowsOf(
        ordered({ site, states: state === undefined ? everyState : [stateCode(state)], order, after, limit }),
      ),

    'subscribers.count': (filter: SubscriberFilter): number => {
      const { site, state, externalId, search: text, only, matching } = filter;
      if (
        matching !== undefined &&
        site !== undefined &&
        externalId === undefined &&
        !text &&
        only === undefined
      )
        return sets.atOneMoment(() => {
          const population = { site, state: state === undefined ? null : stateCode(state) };
          return sets.matching(population, matching, () => false).size;
        });
      const { sql, values } = filterSql(filter);
      return db
        .prepare<[Record<string, unknown>], number>(`SELECT count(*) FROM subscriber s WHERE ${sql}`)
        .pluck()
        .get(values) as number;
    },

    'subscribers.counts': (site: number | null): SubscriberCounts => {
      const counts: SubscriberCounts = { active: 0, foreign: 0, expired: 0, unsubscribed: 0, quarantined: 0 };
      for (const { state, n } of site === null ? countsOfAll.iterate() : countsOfSite.iterate(site)) {
        const name = subscriberStates[state];
        if (name !== undefined) counts[name] = n;
      }
      return counts;
    },

    'subscribers.testDevices': (site: number): SubscriberRow[] => testDevices.all(site).map(toSubscriber),

    'subscribers.existing': (site: number, ids: number[]): number[] =>
      existing.all(site, JSON.stringify(ids)).map(({ id }) => id),
  };
}
