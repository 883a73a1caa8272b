import type Database from 'better-sqlite3';

/** When a browser first asked for a site's configuration: its page, or the landing page, was opened. */
export function asked(db: Database.Database) {
  db.exec('ALTER TABLE site ADD COLUMN asked_at INTEGER');
}
