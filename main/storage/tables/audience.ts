import type { AudienceRow } from '../../core/ports/storage.ts';
import { ACTIVE } from './subscriber-rows.ts';

/**
 * Who an audience is, as SQL after FROM, with `subscriber` as `s`, `@site` to be bound beside the values given.
 * Everyone is who is active. People named one by one are taken in any state: the snapshot says who was skipped.
 */
export function audienceSql(audience: AudienceRow): { from: string; values: Record<string, string> } {
  if ('everyone' in audience)
    return { from: `subscriber s WHERE s.site_id = @site AND s.state = ${ACTIVE}`, values: {} };
  const named = 'subscribers' in audience ? audience.subscribers : audience.externalIds;
  const column = 'subscribers' in audience ? 's.id' : 's.external_id';
  return {
    from: `subscriber s WHERE s.site_id = @site AND ${column} IN (SELECT value FROM json_each(@named))`,
    values: { named: JSON.stringify(named) },
  };
}
