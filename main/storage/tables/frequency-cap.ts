import type Database from 'better-sqlite3';
import { ACCEPTED, PENDING, UNDER_WAY } from './delivery-rows.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

interface Cap {
  perDay: number | null;
  perWeek: number | null;
}
/** A condition on a subscriber `s`, with what is to be bound beside what else is. */
export interface Capped {
  sql: string;
  values: { perDay: number | null; perWeek: number | null; dayAgo: number; weekAgo: number };
}

/**
 * Gives a function that says who has been reached as often as a site's frequency cap allows, as of `now`, by other
 * campaigns than the one named: a message counts from when it is meant for someone, and for a day or a week after
 * the push service took it. Null when that is nobody, whoever it is.
 */
export function cappedBy(db: Database.Database) {
  const capOf = db.prepare<[number], Cap>(`
    SELECT json_extract(settings, '$.frequencyCap.perDay') AS perDay,
      json_extract(settings, '$.frequencyCap.perWeek') AS perWeek FROM site WHERE id = ?`);
  // an hour more: what was under way when a campaign was cancelled was answered later than it ended
  const recent = db.prepare<[Record<string, number>], { id: number; cancelled: number }>(`
    SELECT id, state = 'cancelled' AS cancelled FROM campaign
    WHERE site_id = @site AND id <> @campaign AND kind = 'campaign' AND started_at IS NOT NULL
      AND (finished_at IS NULL OR finished_at > @weekAgo - ${HOUR})`);
  return (site: number, campaign: number, now: number): Capped | null => {
    const cap = capOf.get(site);
    if (cap === undefined || (cap.perDay === null && cap.perWeek === null)) return null;
    const [dayAgo, weekAgo] = [now - DAY, now - WEEK];
    const campaigns = recent.all({ site, campaign, weekAgo });
    if (campaigns.length === 0) return null;
    const given = campaigns.filter(({ cancelled }) => cancelled === 1).map(({ id }) => id);
    // a campaign at a time, by the deliveries' own key: there are few in a week, and many people
    const sql = `(
      SELECT count(*) FILTER (WHERE d.state <> ${ACCEPTED} OR d.settled_at > @dayAgo) >= @perDay OR count(*) >= @perWeek
      FROM delivery d WHERE d.campaign_id IN (${campaigns.map(({ id }) => id).join(', ')}) AND d.subscriber_id = s.id
        AND (d.state = ${ACCEPTED} AND d.settled_at > @weekAgo OR d.state = ${UNDER_WAY}
          -- what is still pending of a cancelled one is never sent
          OR d.state = ${PENDING} AND d.campaign_id NOT IN (${given.join(', ')})))`;
    return { sql, values: { ...cap, dayAgo, weekAgo } };
  };
}
