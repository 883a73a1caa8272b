import type Database from 'better-sqlite3';

/** Rows that one transaction removes: some ten milliseconds of the database's time. */
const AT_ONCE = 5000;

/** In this order, children first: a cascade over a million rows would keep everyone else waiting. */
const statements = [
  `DELETE FROM attempt WHERE (campaign_id, subscriber_id, number) IN (
     SELECT a.campaign_id, a.subscriber_id, a.number FROM campaign c JOIN attempt a ON a.campaign_id = c.id
     WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  `DELETE FROM delivery WHERE (campaign_id, subscriber_id) IN (
     SELECT d.campaign_id, d.subscriber_id FROM campaign c JOIN delivery d ON d.campaign_id = c.id
     WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  `DELETE FROM click WHERE (campaign_id, subscriber_id, action) IN (
     SELECT k.campaign_id, k.subscriber_id, k.action FROM campaign c JOIN click k ON k.campaign_id = c.id
     WHERE c.site_id = ? LIMIT ${AT_ONCE})`,
  `DELETE FROM subscriber WHERE id IN (SELECT id FROM subscriber WHERE site_id = ? LIMIT ${AT_ONCE / 5})`,
  `DELETE FROM campaign WHERE id IN (SELECT id FROM campaign WHERE site_id = ? LIMIT ${AT_ONCE / 5})`,
  `DELETE FROM erased WHERE (site_id, endpoint_mac) IN (
     SELECT site_id, endpoint_mac FROM erased WHERE site_id = ? LIMIT ${AT_ONCE})`,
  `DELETE FROM tag WHERE id IN (SELECT id FROM tag WHERE site_id = ? LIMIT ${AT_ONCE})`,
];

/** Gives a function that removes some of what belongs to a site and says how many rows; 0 when only the site is left. */
export function siteEraser(db: Database.Database): (site: number) => number {
  const removals = statements.map((sql) => db.prepare(sql));
  return (site) => {
    for (const removal of removals) {
      const { changes } = removal.run(site);
      if (changes > 0) return changes;
    }
    return 0;
  };
}
