import type Database from 'better-sqlite3';

/** What was imported, and with which run of ids, so that it can be taken back. */
export function imports(db: Database.Database) {
  db.exec(`
    CREATE TABLE import (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      name TEXT NOT NULL,
      size INTEGER NOT NULL,
      state TEXT NOT NULL,
      options TEXT,                   -- JSON
      checked TEXT,                   -- JSON, what a dry run found
      counts TEXT,                    -- JSON, what was done
      problem TEXT,
      added INTEGER NOT NULL DEFAULT 0,
      filled INTEGER NOT NULL DEFAULT 0,
      known INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      finished_at INTEGER
    ) STRICT;
    CREATE INDEX import_site ON import (site_id);

    -- the subscribers that one commit added have ids in a row
    CREATE TABLE import_range (
      import_id INTEGER NOT NULL REFERENCES import ON DELETE CASCADE,
      first_id INTEGER NOT NULL,
      last_id INTEGER NOT NULL,
      PRIMARY KEY (import_id, first_id)
    ) STRICT, WITHOUT ROWID;
  `);
}
