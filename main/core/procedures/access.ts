import type { ApiKey } from '../../contract/access.ts';
import type { ApiKeyRow } from '../ports/storage.ts';
import { after, missing, open, os, type Parts, paged, siteOf, time, timeOrNull } from './base.ts';

export function apiKeyProcedures(parts: Parts) {
  const { gate, ids } = parts;

  const shown = (row: ApiKeyRow): ApiKey => ({
    id: ids.seal('key', row.id),
    site: ids.seal('site', row.site),
    name: row.name,
    scopes: row.scopes,
    hint: row.hint,
    createdAt: time(row.createdAt),
    lastUsedAt: timeOrNull(row.lastUsedAt),
    revokedAt: timeOrNull(row.revokedAt),
  });

  return {
    list: os.apiKeys.list.handler(({ input, context }) => {
      const site = input.site === undefined ? null : siteOf(parts, context.actor, input.site).id;
      const from = after(parts, 'key', input.cursor) ?? Number.POSITIVE_INFINITY;
      const rows = gate.keys().filter((key) => (site === null || key.site === site) && key.id < from);
      return paged(rows, input.limit, shown, (row) => ids.seal('key', row.id));
    }),
    create: os.apiKeys.create.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const { secret, ...key } = await gate.createKey(site.id, input.name, input.scopes);
      return { ...shown(key), secret };
    }),
    revoke: os.apiKeys.revoke.handler(async ({ input }) => {
      const key = await gate.revokeKey(open(parts, 'key', input.id));
      if (key === null) throw missing('key');
      return shown(key);
    }),
  };
}
