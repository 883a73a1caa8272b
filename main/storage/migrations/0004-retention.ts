import type Database from 'better-sqlite3';

/** What stays of a campaign once its single deliveries are dropped, sites on their way out, and test devices. */
export function retention(db: Database.Database) {
  db.exec(`
    -- the deliveries of a campaign that were dropped, counted as they ended
    CREATE TABLE campaign_outcome (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      push_service TEXT NOT NULL,
      state INTEGER NOT NULL,
      reason TEXT NOT NULL,
      status INTEGER NOT NULL,        -- 0: there was no answer
      count INTEGER NOT NULL,
      PRIMARY KEY (campaign_id, push_service, state, reason, status)
    ) STRICT, WITHOUT ROWID;

    -- and their clicks
    CREATE TABLE campaign_click (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      action TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (campaign_id, action)
    ) STRICT, WITHOUT ROWID;

    -- when the first of its deliveries was dropped, and whether any is left
    ALTER TABLE campaign ADD COLUMN detail_dropped_at INTEGER;
    ALTER TABLE campaign ADD COLUMN detail_gone INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX campaign_detail ON campaign (finished_at) WHERE detail_gone = 0 AND finished_at IS NOT NULL;

    -- a site that was deleted: nobody sees it any more, and its rows go little by little
    ALTER TABLE site ADD COLUMN removed_at INTEGER;

    ALTER TABLE service_hold ADD COLUMN clock_off INTEGER;

    -- the operator's own devices, for test sends
    ALTER TABLE subscriber ADD COLUMN test_device INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX subscriber_test_device ON subscriber (site_id) WHERE test_device = 1;
  `);
}
