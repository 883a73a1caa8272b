import type Database from 'better-sqlite3';
import type { SubscriberCounts } from '../../contract/sites.ts';
import { subscriberStates } from '../../contract/subscribers.ts';
import type { SubscriberFilter, SubscriberRow } from '../../core/ports/storage.ts';
import { newestMatching } from './newest-matching.ts';
import type { PeopleSets } from './people-sets.ts';
import {
  everyState,
  SELECT_SUBSCRIBER,
  type StoredSubscriber,
  stateCode,
  toSubscriber,
} from './subscriber-rows.ts';
import { FOUND, foundBy, subscriberSearch } from './subscriber-search.ts';

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
    `${SELECT_SUBSCRIBER} WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY s.id DESC`,
  );
  const allSites = db.prepare<[], number>('SELECT id FROM site WHERE removed_at IS NULL').pluck();
  const { newestOf, search } = subscriberSearch(db);
  const matchingOf = newestMatching(db, sets, newestOf);
  const rowsOf = (ids: number[]) => theseRows.all(JSON.stringify(ids)).map(toSubscriber);

  return {
    'subscribers.get': (id: number): SubscriberRow | null => {
      const row = one.get(id);
      return row ? toSubscriber(row) : null;
    },

    'subscribers.page': (filter: SubscriberFilter, after: number | null, limit: number): SubscriberRow[] => {
      const { site, state, externalId, matching } = filter;
      const text = filter.search?.trim() ?? '';
      const states = state === undefined ? everyState : [stateCode(state)];
      const before = after ?? Number.MAX_SAFE_INTEGER;
      if (matching !== undefined && site === undefined) throw new Error('An expression is about one site.');
      const narrowed = externalId !== undefined || matching !== undefined;
      if (!narrowed && text !== '') {
        const sites = site === undefined ? allSites.all() : [site];
        return rowsOf(sites.flatMap((one) => search(one, states, text, before, limit))).slice(0, limit);
      }
      if (!narrowed && site !== undefined) return rowsOf(newestOf(site, states, before, limit));

      if (matching !== undefined && site !== undefined)
        return rowsOf(matchingOf({ site, state, externalId, text, matching }, before, limit));

      const where: string[] = [];
      const values: Record<string, unknown> = { limit };
      if (site !== undefined) {
        where.push('s.site_id = @site');
        values['site'] = site;
      } else where.push('s.site_id NOT IN (SELECT id FROM site WHERE removed_at IS NOT NULL)');
      if (state !== undefined) {
        // the plus keeps the index of the external id in use, which finds far fewer
        where.push(externalId === undefined ? 's.state = @state' : '+s.state = @state');
        values['state'] = stateCode(state);
      }
      if (externalId !== undefined) {
        where.push('s.external_id = @externalId');
        values['externalId'] = externalId;
      }
      if (after !== null) {
        where.push('s.id < @after');
        values['after'] = after;
      }
      if (text !== '') {
        where.push(FOUND);
        Object.assign(values, foundBy(text));
      }
      const condition = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
      return db
        .prepare<[Record<string, unknown>], StoredSubscriber>(
          `${SELECT_SUBSCRIBER} ${condition} ORDER BY s.id DESC LIMIT @limit`,
        )
        .all(values)
        .map(toSubscriber);
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
