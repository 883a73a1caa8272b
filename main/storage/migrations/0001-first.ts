import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';

/** Sites with their keys, subscribers, campaigns with their deliveries, and who may ask. */
export function first(db: Database.Database) {
  db.exec(`
    CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE site (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      origins TEXT NOT NULL,          -- JSON list
      subject TEXT NOT NULL,
      settings TEXT NOT NULL,         -- JSON
      practice INTEGER NOT NULL,
      identity_secret BLOB NOT NULL,  -- sealed
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE vapid_key (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      public_key BLOB NOT NULL,       -- P-256 point, 65 bytes
      private_key BLOB NOT NULL,      -- sealed
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX vapid_key_site ON vapid_key (site_id);

    CREATE TABLE subscriber (
      -- never given again: a delivery token of someone erased must not become another person's
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      vapid_key_id INTEGER NOT NULL REFERENCES vapid_key,
      state INTEGER NOT NULL,         -- the position in subscriberStates
      state_since INTEGER NOT NULL,
      state_reason TEXT,
      endpoint_hash BLOB NOT NULL,    -- the first 16 bytes of SHA-256
      endpoint TEXT NOT NULL,
      push_service TEXT NOT NULL,
      p256dh BLOB NOT NULL,
      auth BLOB NOT NULL,
      browser TEXT, browser_version TEXT, system TEXT, device TEXT,
      language TEXT, country TEXT, time_zone TEXT, page TEXT,
      external_id TEXT,
      attributes TEXT NOT NULL DEFAULT '{}',
      consent_version TEXT, consent_at INTEGER,
      first_seen INTEGER NOT NULL,
      last_seen INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX subscriber_endpoint ON subscriber (site_id, endpoint_hash);
    CREATE INDEX subscriber_state ON subscriber (site_id, state);
    CREATE INDEX subscriber_external_id ON subscriber (site_id, external_id) WHERE external_id IS NOT NULL;
    CREATE INDEX subscriber_vapid_key ON subscriber (vapid_key_id);

    CREATE TABLE tag (
      id INTEGER PRIMARY KEY,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      name TEXT NOT NULL,
      UNIQUE (site_id, name)
    ) STRICT;
    CREATE TABLE subscriber_tag (
      tag_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
      subscriber_id INTEGER NOT NULL REFERENCES subscriber ON DELETE CASCADE,
      PRIMARY KEY (tag_id, subscriber_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subscriber_tag_subscriber ON subscriber_tag (subscriber_id);

    -- what is left of people who were erased: enough to refuse a sync, too little to find anyone
    CREATE TABLE erased (
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      endpoint_mac BLOB NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (site_id, endpoint_mac)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE campaign (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      state TEXT NOT NULL,
      kind TEXT NOT NULL,
      message TEXT NOT NULL,          -- JSON
      audience TEXT NOT NULL,         -- JSON, as it was asked for
      pace TEXT,                      -- JSON, the operator's own limit
      at INTEGER,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      finished_at INTEGER,
      request_id TEXT UNIQUE,
      total INTEGER NOT NULL DEFAULT 0,
      pending INTEGER NOT NULL DEFAULT 0,
      accepted INTEGER NOT NULL DEFAULT 0,
      expired INTEGER NOT NULL DEFAULT 0,
      rejected INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      skipped INTEGER NOT NULL DEFAULT 0,
      shown INTEGER NOT NULL DEFAULT 0,
      clicked INTEGER NOT NULL DEFAULT 0,
      closed INTEGER NOT NULL DEFAULT 0,
      unsubscribed INTEGER NOT NULL DEFAULT 0,
      repeated INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX campaign_site ON campaign (site_id, id);
    CREATE INDEX campaign_state ON campaign (state, at);

    CREATE TABLE delivery (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      subscriber_id INTEGER NOT NULL, -- outlives the subscriber, so that the campaign's numbers stay true
      push_service TEXT NOT NULL,
      state INTEGER NOT NULL,         -- 0 pending, 1 under way, then as in tables/deliveries.ts
      attempts INTEGER NOT NULL DEFAULT 0,
      repeated INTEGER NOT NULL DEFAULT 0,
      due_at INTEGER NOT NULL,
      first_at INTEGER,
      settled_at INTEGER,
      status INTEGER,
      reason TEXT,
      duration INTEGER,               -- of the last attempt, ms
      bytes INTEGER,                  -- of its encrypted body
      shown_at INTEGER, clicked_at INTEGER, closed_at INTEGER, left_at INTEGER,
      PRIMARY KEY (campaign_id, subscriber_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX delivery_due ON delivery (campaign_id, push_service, due_at, subscriber_id) WHERE state = 0;
    CREATE INDEX delivery_under_way ON delivery (campaign_id, subscriber_id) WHERE state = 1;

    -- every attempt that did not settle its delivery, with the delivery's own row as the last one
    CREATE TABLE attempt (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      subscriber_id INTEGER NOT NULL,
      number INTEGER NOT NULL,
      at INTEGER NOT NULL,
      status INTEGER,
      reason TEXT NOT NULL,
      duration INTEGER NOT NULL,
      PRIMARY KEY (campaign_id, subscriber_id, number)
    ) STRICT, WITHOUT ROWID;

    -- the counts of a campaign by push service, so that its history need not be counted again
    CREATE TABLE campaign_service (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      push_service TEXT NOT NULL,
      accepted INTEGER NOT NULL DEFAULT 0,
      expired INTEGER NOT NULL DEFAULT 0,
      rejected INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      bytes INTEGER NOT NULL DEFAULT 0,
      gone_is_real INTEGER NOT NULL DEFAULT 0, -- the operator said so: the guard is off
      PRIMARY KEY (campaign_id, push_service)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE click (
      campaign_id INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE,
      subscriber_id INTEGER NOT NULL,
      action TEXT NOT NULL,           -- empty: the notification itself
      at INTEGER NOT NULL,
      PRIMARY KEY (campaign_id, subscriber_id, action)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE service_hold (
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      push_service TEXT NOT NULL,
      kind TEXT NOT NULL,
      until INTEGER,
      reason TEXT NOT NULL,
      since INTEGER NOT NULL,
      PRIMARY KEY (site_id, push_service)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE api_key (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,           -- JSON list
      hash BLOB NOT NULL UNIQUE,      -- SHA-256 of the secret
      hint TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      last_used_at INTEGER,
      revoked_at INTEGER
    ) STRICT;

    CREATE TABLE request (
      key TEXT PRIMARY KEY,           -- the caller and its Idempotency-Key
      hash BLOB NOT NULL,
      run TEXT NOT NULL,              -- of the program: one left by an earlier run is no longer being worked on
      status INTEGER,
      body TEXT,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX request_at ON request (at);
  `);
  db.prepare('INSERT INTO setting (name, value) VALUES (?, ?)').run('id_secret', randomBytes(32));
}
