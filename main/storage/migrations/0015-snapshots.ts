import type Database from 'better-sqlite3';

/** What a campaign's deliveries are made by: whom its site's frequency cap spares, and how far they are made. */
export function snapshots(db: Database.Database) {
  db.exec(`
    -- 1: it goes also to those who have had as many messages as the cap allows
    ALTER TABLE campaign ADD COLUMN ignore_cap INTEGER NOT NULL DEFAULT 0;
    -- for how many people deliveries are being made (0: not known yet); NULL: all are made
    ALTER TABLE campaign ADD COLUMN preparing INTEGER;

    CREATE TABLE preparation (
      campaign_id INTEGER PRIMARY KEY REFERENCES campaign ON DELETE CASCADE,
      audience TEXT NOT NULL,           -- JSON, as it was when it began, with the database's own ids
      at INTEGER NOT NULL,
      last_id INTEGER NOT NULL          -- the newest person then: nobody who came later gets it
    ) STRICT;
  `);
}
