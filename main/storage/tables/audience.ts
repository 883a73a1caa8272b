import type { AudienceRow } from '../../core/ports/storage.ts';
import { conditionSql } from './segment-sql.ts';
import { ACTIVE } from './subscriber-rows.ts';

/**
 * Who an audience is, as SQL after FROM, with `subscriber` as `s`, `@site` to be bound beside the values given.
 * Of those who are meant, who is active. People named one by one are taken in any state: the snapshot says who was
 * skipped.
 * @param campaign the one that is being sent: it is none of "the last campaigns" that its audience may speak of
 */
export function audienceSql(
  audience: AudienceRow,
  campaign = 0,
): { from: string; values: Record<string, unknown> } {
  if ('where' in audience) {
    const { sql, values } = conditionSql(audience);
    return {
      from: `subscriber s WHERE s.site_id = @site AND s.state = ${ACTIVE} AND ${sql}`,
      values: { campaign, ...values },
    };
  }
  const named = 'subscribers' in audience ? audience.subscribers : audience.externalIds;
  const column = 'subscribers' in audience ? 's.id' : 's.external_id';
  return {
    from: `subscriber s WHERE s.site_id = @site AND ${column} IN (SELECT value FROM json_each(@named))`,
    values: { named: JSON.stringify(named) },
  };
}
