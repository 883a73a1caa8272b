import type Database from 'better-sqlite3';
import type { PeopleChanges } from '../../core/ports/storage.ts';

/** Who came and went; kept by triggers (migration 0002). */
export function peopleTallyReads(db: Database.Database) {
  const before = db
    .prepare<[number, number], number>(`
      SELECT coalesce(sum(joined + imported + returned - expired - unsubscribed - removed), 0)
      FROM people_tally WHERE site_id = ? AND at < ?`)
    .pluck();
  const between = db.prepare<[number, number, number], PeopleChanges>(`
    SELECT coalesce(sum(joined), 0) AS joined, coalesce(sum(imported), 0) AS imported,
      coalesce(sum(returned), 0) AS returned, coalesce(sum(expired), 0) AS expired,
      coalesce(sum(unsubscribed), 0) AS unsubscribed, coalesce(sum(removed), 0) AS removed
    FROM people_tally WHERE site_id = ? AND at >= ? AND at < ?`);

  return {
    // one transaction: a change between two of the sums would be in neither, or in both
    'subscribers.changes': db.transaction((site: number, edges: number[]) => ({
      before: before.get(site, edges[0] ?? 0) ?? 0,
      changes: edges.slice(1).flatMap((end, i) => between.get(site, edges[i] ?? 0, end) ?? []),
    })),
  };
}
