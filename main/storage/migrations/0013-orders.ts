import type Database from 'better-sqlite3';

/**
 * The orders that a list of people can have. The one by external id takes the place of the index that searches used:
 * it holds people without one too, who stand at its beginning, and every state by itself.
 */
export function orders(db: Database.Database) {
  db.exec(`
    CREATE INDEX subscriber_last_seen ON subscriber (site_id, state, last_seen);
    CREATE INDEX subscriber_by_external_id ON subscriber (site_id, state, external_id COLLATE NOCASE);
    DROP INDEX subscriber_find_external_id;
  `);
}
