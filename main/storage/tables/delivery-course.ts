import type Database from 'better-sqlite3';
import type { CourseRow } from '../../core/ports/storage.ts';
import { deliveryCode } from './delivery-rows.ts';

/** How a campaign went over time, from the times that its deliveries keep. */
export function deliveryCourseReads(db: Database.Database) {
  const spans = (time: string, condition = '') =>
    db.prepare<[Record<string, number>], { bucket: number; n: number }>(`
      SELECT CAST((${time} - @from) / @step AS INTEGER) AS bucket, count(*) AS n FROM delivery
      WHERE campaign_id = @campaign AND ${time} >= @from AND ${time} < @to ${condition} GROUP BY bucket`);
  const counted = {
    accepted: spans('settled_at', `AND state = ${deliveryCode('accepted')}`),
    shown: spans('shown_at'),
    clicked: spans('clicked_at'),
  };
  const kinds = ['accepted', 'shown', 'clicked'] as const;

  return {
    'deliveries.course': db.transaction(
      (campaign: number, from: number, step: number, buckets: number): CourseRow[] => {
        const rows = new Map<number, CourseRow>();
        for (const kind of kinds)
          for (const { bucket, n } of counted[kind].all({
            campaign,
            from,
            step,
            to: from + step * buckets,
          })) {
            const row = rows.get(bucket) ?? { bucket, accepted: 0, shown: 0, clicked: 0 };
            rows.set(bucket, { ...row, [kind]: n });
          }
        return [...rows.values()].sort((a, b) => a.bucket - b.bucket);
      },
    ),
  };
}
