import type Database from 'better-sqlite3';
import type { SubscriberCounts } from '../../contract/sites.ts';
import { subscriberStates } from '../../contract/subscribers.ts';
import type { SubscriberFilter, SubscriberRow } from '../../core/ports/storage.ts';
import { conditionSql } from './segment-sql.ts';
import { SELECT_SUBSCRIBER, type StoredSubscriber, stateCode, toSubscriber } from './subscriber-rows.ts';

const likePattern = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&');

export function subscriberReads(db: Database.Database) {
  const one = db.prepare<[number], StoredSubscriber>(`${SELECT_SUBSCRIBER} WHERE s.id = ?`);
  const countsOfAll = db.prepare<[], { state: number; n: number }>(
    'SELECT state, count(*) AS n FROM subscriber GROUP BY state',
  );
  const countsOfSite = db.prepare<[number], { state: number; n: number }>(
    'SELECT state, count(*) AS n FROM subscriber WHERE site_id = ? GROUP BY state',
  );
  const existing = db.prepare<[number, string], { id: number }>(
    'SELECT id FROM subscriber WHERE site_id = ? AND id IN (SELECT value FROM json_each(?))',
  );

  return {
    'subscribers.get': (id: number): SubscriberRow | null => {
      const row = one.get(id);
      return row ? toSubscriber(row) : null;
    },

    'subscribers.page': (filter: SubscriberFilter, after: number | null, limit: number): SubscriberRow[] => {
      const where: string[] = [];
      const values: Record<string, unknown> = { limit };
      if (filter.site !== undefined) {
        where.push('s.site_id = @site');
        values['site'] = filter.site;
      }
      if (filter.state !== undefined) {
        // the plus keeps the index of the external id in use, which finds far fewer
        where.push(filter.externalId === undefined ? 's.state = @state' : '+s.state = @state');
        values['state'] = stateCode(filter.state);
      }
      if (filter.externalId !== undefined) {
        where.push('s.external_id = @externalId');
        values['externalId'] = filter.externalId;
      }
      if (after !== null) {
        where.push('s.id < @after');
        values['after'] = after;
      }
      if (filter.search !== undefined && filter.search.trim() !== '') {
        const text = likePattern(filter.search.trim());
        values['starts'] = `${text}%`;
        values['ends'] = `%${text}`;
        where.push(`(s.external_id LIKE @starts ESCAPE '\\' OR s.endpoint LIKE @ends ESCAPE '\\'
          OR s.browser LIKE @starts ESCAPE '\\' OR s.system LIKE @starts ESCAPE '\\'
          OR s.language LIKE @starts ESCAPE '\\' OR s.country LIKE @starts ESCAPE '\\'
          OR EXISTS (SELECT 1 FROM subscriber_tag st JOIN tag t ON t.id = st.tag_id
                     WHERE st.subscriber_id = s.id AND t.name LIKE @starts ESCAPE '\\'))`);
      }
      if (filter.matching !== undefined) {
        const { sql, values: bound } = conditionSql(filter.matching);
        where.push(sql);
        Object.assign(values, bound, { campaign: 0 });
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
      const counts: SubscriberCounts = { active: 0, foreign: 0, expired: 0, unsubscribed: 0 };
      for (const { state, n } of site === null ? countsOfAll.iterate() : countsOfSite.iterate(site)) {
        const name = subscriberStates[state];
        if (name !== undefined) counts[name] = n;
      }
      return counts;
    },

    'subscribers.existing': (site: number, ids: number[]): number[] =>
      existing.all(site, JSON.stringify(ids)).map(({ id }) => id),
  };
}
