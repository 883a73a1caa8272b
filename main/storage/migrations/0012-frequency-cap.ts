import type Database from 'better-sqlite3';

/** A campaign may go also to those who have had as many messages as the site's frequency cap allows. */
export function frequencyCap(db: Database.Database) {
  db.exec('ALTER TABLE campaign ADD COLUMN ignore_cap INTEGER NOT NULL DEFAULT 0');
}
