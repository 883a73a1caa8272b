import type Database from 'better-sqlite3';

/** What was changed of many people at once, and of whom, so that it can be taken up again and taken back. */
export function bulkChanges(db: Database.Database) {
  db.exec(`
    CREATE TABLE bulk_change (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      action TEXT NOT NULL,           -- JSON
      state TEXT NOT NULL,
      people INTEGER,                 -- who is meant; null until they are found
      looked INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      undone INTEGER NOT NULL DEFAULT 0,
      kept INTEGER NOT NULL DEFAULT 0, -- not taken back: changed by somebody else since
      problem TEXT,
      created_at INTEGER NOT NULL,
      finished_at INTEGER,
      request_id TEXT UNIQUE
    ) STRICT;
    CREATE INDEX bulk_change_site ON bulk_change (site_id);

    -- a thousand people each
    CREATE TABLE bulk_piece (
      bulk_change_id INTEGER NOT NULL REFERENCES bulk_change ON DELETE CASCADE,
      number INTEGER NOT NULL,
      waiting TEXT NOT NULL,          -- JSON list of ids: not looked at yet
      changed TEXT NOT NULL,          -- JSON list of ids: changed, and not taken back
      PRIMARY KEY (bulk_change_id, number)
    ) STRICT;
    CREATE INDEX bulk_piece_waiting ON bulk_piece (bulk_change_id, number) WHERE waiting <> '[]';

    -- what an attribute was before, of those who had it; goes with the person
    CREATE TABLE bulk_former (
      subscriber_id INTEGER NOT NULL REFERENCES subscriber ON DELETE CASCADE,
      bulk_change_id INTEGER NOT NULL,
      value TEXT NOT NULL,            -- JSON
      PRIMARY KEY (subscriber_id, bulk_change_id)
    ) STRICT, WITHOUT ROWID;
  `);
}
