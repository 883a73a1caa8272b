import type { SubscriberFilter } from '../../core/ports/storage.ts';
import { conditionSql, type Sql } from './segment-sql.ts';
import { stateCode } from './subscriber-rows.ts';
import { FOUND, foundBy } from './subscriber-search.ts';

/** A filter of people as a condition on `subscriber s`, with all that it needs bound. */
export function filterSql(filter: SubscriberFilter): Sql {
  const { site, state, externalId, search, only, matching } = filter;
  const where: string[] = [];
  const values: Record<string, unknown> = {};
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
  if (only !== undefined) {
    where.push('s.id IN (SELECT value FROM json_each(@only))');
    values['only'] = JSON.stringify(only);
  }
  const text = search?.trim() ?? '';
  if (text !== '') {
    where.push(FOUND);
    Object.assign(values, foundBy(text));
  }
  if (matching !== undefined) {
    const { sql, values: bound } = conditionSql(matching);
    where.push(sql);
    Object.assign(values, bound, { campaign: 0 });
  }
  return { sql: where.join(' AND '), values };
}
