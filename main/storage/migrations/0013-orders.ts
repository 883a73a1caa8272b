import type Database from 'better-sqlite3';

/** People of a state by when they were last seen. By external id, the index that searches use gives the order too. */
export function orders(db: Database.Database) {
  db.exec('CREATE INDEX subscriber_last_seen ON subscriber (site_id, state, last_seen)');
}
