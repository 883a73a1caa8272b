import type Database from 'better-sqlite3';

/**
 * What a search of people begins from, so that it takes as long with a million of them as with a thousand. The state
 * is in each index: a list of one state reads nothing of the others. The id, which every index ends with, gives the
 * order.
 */
export function search(db: Database.Database) {
  db.exec(`
    CREATE INDEX subscriber_find_external_id ON subscriber (site_id, external_id COLLATE NOCASE, state)
      WHERE external_id IS NOT NULL;
    CREATE INDEX subscriber_find_tail ON subscriber (site_id, lower(substr(endpoint, -8)), state);
    CREATE INDEX subscriber_browser ON subscriber (site_id, browser, state);
    CREATE INDEX subscriber_system ON subscriber (site_id, system, state);
    CREATE INDEX subscriber_language ON subscriber (site_id, language, state);
    CREATE INDEX subscriber_country ON subscriber (site_id, country, state);
  `);
}
