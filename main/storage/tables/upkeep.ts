import type Database from 'better-sqlite3';
import type { CampaignRow, Keep } from '../../core/ports/storage.ts';
import { campaignGetter } from './campaigns.ts';
import { PENDING, SKIPPED } from './delivery-rows.ts';
import { siteEraser } from './site-removal.ts';
import { EXPIRED } from './subscriber-rows.ts';

/** Deliveries that one transaction drops or skips: some ten milliseconds of the database's time. */
const AT_ONCE = 4000;
const PEOPLE_AT_ONCE = 1000;

export function upkeepReads(db: Database.Database) {
  const expired = db
    .prepare<[number, number], number>(`
      SELECT s.id FROM site JOIN subscriber s ON s.site_id = site.id AND s.state = ${EXPIRED}
      WHERE site.practice = 0 AND s.state_since < ? LIMIT ?`)
    .pluck();
  const size = db.prepare<[], { deliveries: number | null; campaigns: number }>(
    'SELECT sum(total) AS deliveries, count(*) AS campaigns FROM campaign WHERE detail_gone = 0 AND started_at IS NOT NULL',
  );
  return {
    'upkeep.expiredBefore': (before: number): number[] => expired.all(before, PEOPLE_AT_ONCE),
    'upkeep.size': () => {
      const { deliveries, campaigns } = size.get() ?? { deliveries: 0, campaigns: 0 };
      const pages = db.pragma('page_count', { simple: true }) as number;
      const free = db.pragma('freelist_count', { simple: true }) as number;
      const bytes = db.pragma('page_size', { simple: true }) as number;
      return { deliveries: deliveries ?? 0, campaigns, bytes: pages * bytes, freeBytes: free * bytes };
    },
  };
}

/** What goes with time, in transactions short enough to let everyone else in between. */
export function upkeepWrites(db: Database.Database) {
  const get = campaignGetter(db);
  const cancelled = db
    .prepare<[], number>(`
      SELECT c.id FROM campaign c WHERE c.state = 'cancelled' AND c.pending > 0 AND EXISTS (
        SELECT 1 FROM delivery d INDEXED BY delivery_due WHERE d.state = ${PENDING} AND d.campaign_id = c.id) LIMIT 1`)
    .pluck();
  const skip = db.prepare(`
    UPDATE delivery SET state = ${SKIPPED}, reason = 'cancelled',
      settled_at = (SELECT finished_at FROM campaign WHERE id = @id)
    WHERE (campaign_id, subscriber_id) IN (
      SELECT campaign_id, subscriber_id FROM delivery INDEXED BY delivery_due
      WHERE state = ${PENDING} AND campaign_id = @id LIMIT ${AT_ONCE})`);
  const countSkipped = db.prepare(
    'UPDATE campaign SET skipped = skipped + @n, pending = pending - @n WHERE id = @id',
  );

  const kept = db
    .prepare<[], number | null>(
      'SELECT sum(total) FROM campaign WHERE detail_gone = 0 AND started_at IS NOT NULL',
    )
    .pluck();
  const oldest = db.prepare<[], { id: number; finished_at: number }>(`
    SELECT c.id, c.finished_at FROM campaign c JOIN site s ON s.id = c.site_id
    WHERE c.detail_gone = 0 AND c.finished_at IS NOT NULL AND c.pending = 0 AND s.practice = 0
    ORDER BY c.finished_at LIMIT 1`);
  const last = db
    .prepare<[number], number | null>(
      `SELECT max(subscriber_id) FROM (
         SELECT subscriber_id FROM delivery WHERE campaign_id = ? ORDER BY subscriber_id LIMIT ${AT_ONCE})`,
    )
    .pluck();
  const sumUp = [
    `INSERT INTO campaign_outcome (campaign_id, push_service, state, reason, status, count)
     SELECT campaign_id, push_service, state, coalesce(reason, ''), coalesce(status, 0), count(*) FROM delivery
     WHERE campaign_id = @id AND subscriber_id <= @last GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    `INSERT INTO campaign_click (campaign_id, action, count)
     SELECT campaign_id, action, count(*) FROM click WHERE campaign_id = @id AND subscriber_id <= @last GROUP BY 1, 2
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    'DELETE FROM attempt WHERE campaign_id = @id AND subscriber_id <= @last',
    'DELETE FROM click WHERE campaign_id = @id AND subscriber_id <= @last',
  ].map((sql) => db.prepare(sql));
  const drop = db.prepare('DELETE FROM delivery WHERE campaign_id = @id AND subscriber_id <= @last');
  const mark = db.prepare(`
    UPDATE campaign SET detail_dropped_at = coalesce(detail_dropped_at, @now),
      detail_gone = NOT EXISTS (SELECT 1 FROM delivery WHERE campaign_id = @id) WHERE id = @id`);

  const purge = db.prepare(
    `DELETE FROM subscriber WHERE id IN (SELECT value FROM json_each(?)) AND state = ${EXPIRED} AND state_since < ?`,
  );

  const removed = db.prepare<[], number>('SELECT id FROM site WHERE removed_at IS NOT NULL LIMIT 1').pluck();
  const isRemoved = db.prepare<[number], 1>('SELECT 1 FROM site WHERE id = ? AND removed_at IS NOT NULL');
  const erase = siteEraser(db);
  const removeSite = db.prepare('DELETE FROM site WHERE id = ?');

  return {
    'upkeep.skipCancelled': db.transaction((): CampaignRow | null => {
      const id = cancelled.get();
      if (id === undefined) return null;
      const { changes } = skip.run({ id });
      countSkipped.run({ id, n: changes });
      return get(id);
    }),

    'upkeep.dropDetail': db.transaction((keep: Keep, now: number): number => {
      const next = oldest.get();
      if (next === undefined) return 0;
      if (next.finished_at >= keep.finishedAfter && (kept.get() ?? 0) <= keep.deliveries) return 0;
      const { id } = next;
      const upTo = last.get(id) ?? null;
      if (upTo !== null) for (const statement of sumUp) statement.run({ id, last: upTo });
      const changes = upTo === null ? 0 : drop.run({ id, last: upTo }).changes;
      mark.run({ id, now });
      return Math.max(1, changes); // a campaign to nobody is something done, too
    }),

    'upkeep.purge': (ids: number[], before: number): number => purge.run(JSON.stringify(ids), before).changes,

    'upkeep.sweepSites': db.transaction((only: number | null): number => {
      const site = only ?? removed.get();
      if (site === undefined || isRemoved.get(site) === undefined) return 0;
      const went = erase(site);
      return went === null ? removeSite.run(site).changes : Math.max(1, went);
    }),
  };
}
