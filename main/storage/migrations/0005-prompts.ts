import type Database from 'better-sqlite3';

/** How a site asks its visitors. Null: nobody has chosen yet. */
export function prompts(db: Database.Database) {
  // beside the settings and not in them: those are merged when they change, and this is replaced as a whole
  db.exec('ALTER TABLE site ADD COLUMN prompt TEXT');
}
