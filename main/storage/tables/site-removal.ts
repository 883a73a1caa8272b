import type Database from 'better-sqlite3';

/** Rows that one statement removes, and milliseconds for which one call goes on: others wait as long. */
const AT_ONCE = 250;
const TIME_AT_ONCE = 40;

/** In this order, children first: a cascade over a million rows would keep everyone else waiting. */
const statements = [
  {
    told: false,
    sql: `DELETE FROM attempt WHERE (campaign_id, subscriber_id, number) IN (
      SELECT a.campaign_id, a.subscriber_id, a.number FROM campaign c JOIN attempt a ON a.campaign_id = c.id
      WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: true,
    sql: `DELETE FROM delivery WHERE (campaign_id, subscriber_id) IN (
      SELECT d.campaign_id, d.subscriber_id FROM campaign c JOIN delivery d ON d.campaign_id = c.id
      WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: true,
    sql: `DELETE FROM click WHERE (campaign_id, subscriber_id, action) IN (
      SELECT k.campaign_id, k.subscriber_id, k.action FROM campaign c JOIN click k ON k.campaign_id = c.id
      WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: true,
    sql: `DELETE FROM subscriber WHERE id IN (SELECT id FROM subscriber WHERE site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: false,
    sql: `DELETE FROM bulk_piece WHERE (bulk_change_id, number) IN (
      SELECT p.bulk_change_id, p.number FROM bulk_change b JOIN bulk_piece p ON p.bulk_change_id = b.id
      WHERE b.site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: false,
    sql: `DELETE FROM campaign WHERE id IN (SELECT id FROM campaign WHERE site_id = ? LIMIT ${AT_ONCE})`,
  },
  {
    told: false,
    sql: `DELETE FROM erased WHERE (site_id, endpoint_mac) IN (
      SELECT site_id, endpoint_mac FROM erased WHERE site_id = ? LIMIT ${AT_ONCE})`,
  },
  { told: false, sql: `DELETE FROM tag WHERE id IN (SELECT id FROM tag WHERE site_id = ? LIMIT ${AT_ONCE})` },
];

/**
 * Gives a function that removes some of what belongs to a site, within a transaction of the caller's. It says how many
 * people, deliveries and clicks went (an operator is told of these), or null when only the site itself is left.
 */
export function siteEraser(db: Database.Database): (site: number) => number | null {
  const removals = statements.map(({ sql, told }) => ({ told, removal: db.prepare(sql) }));
  return (site) => {
    const until = performance.now() + TIME_AT_ONCE;
    let went = 0;
    let any = false;
    for (const { removal, told } of removals) {
      for (;;) {
        const { changes } = removal.run(site);
        if (changes === 0) break;
        any = true;
        if (told) went += changes;
        if (performance.now() > until) return went;
      }
    }
    return any ? went : null;
  };
}
