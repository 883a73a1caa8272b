import type Database from 'better-sqlite3';

/** Changes to what a site's attributes are, and what people had before each, so that it can be undone. */
export function attributeChanges(db: Database.Database) {
  db.exec(`
    CREATE TABLE attribute_change (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      change TEXT NOT NULL,             -- JSON
      state TEXT NOT NULL,
      at INTEGER NOT NULL,
      position INTEGER NOT NULL,        -- the last subscriber that was looked at
      last_id INTEGER NOT NULL,         -- and the last one that will be: whoever comes later has not what it changes
      people INTEGER NOT NULL DEFAULT 0,
      former_gone INTEGER NOT NULL DEFAULT 0 -- 1: being forgotten, 2: forgotten
    ) STRICT;
    CREATE INDEX attribute_change_site ON attribute_change (site_id, id);

    -- in the order of people, so that what was known of someone who is erased goes with them
    CREATE TABLE attribute_former (
      subscriber_id INTEGER NOT NULL REFERENCES subscriber ON DELETE CASCADE,
      change_id INTEGER NOT NULL,
      former TEXT NOT NULL,             -- JSON
      PRIMARY KEY (subscriber_id, change_id)
    ) STRICT, WITHOUT ROWID;
  `);
}
