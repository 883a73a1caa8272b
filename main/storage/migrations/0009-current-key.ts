import type Database from 'better-sqlite3';

/** Which of a site's keys browsers subscribe with: the newest one, unless another was chosen. */
export function currentKey(db: Database.Database) {
  // no reference: the keys of a site that is removed go before it
  db.exec('ALTER TABLE site ADD COLUMN vapid_key_id INTEGER');
}
