import type Database from 'better-sqlite3';

/** Segments, and what makes any of them quick to count: attributes by value, facets in one index, clicks in another. */
export function segments(db: Database.Database) {
  db.exec(`
    CREATE TABLE segment (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      name TEXT NOT NULL,
      expression TEXT NOT NULL,       -- JSON, as it was asked for
      created_at INTEGER NOT NULL,
      changed_at INTEGER NOT NULL,
      UNIQUE (site_id, name)
    ) STRICT;

    -- a mirror of subscriber.attributes by value; the triggers below keep it, whoever writes
    CREATE TABLE attribute (
      id INTEGER PRIMARY KEY,
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      name TEXT NOT NULL,
      UNIQUE (site_id, name)
    ) STRICT;
    CREATE TABLE subscriber_attribute (
      attribute_id INTEGER NOT NULL,
      kind INTEGER NOT NULL,          -- 1 text, 2 number, 3 yes or no, 4 the date that a text is
      value ANY NOT NULL,             -- of a list, each element; dates in milliseconds since the epoch
      subscriber_id INTEGER NOT NULL,
      PRIMARY KEY (attribute_id, kind, value, subscriber_id)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW attribute_value (subscriber_id, site_id, name, kind, value) AS
      SELECT s.id, s.site_id, j.key, CASE j.type WHEN 'text' THEN 1 WHEN 'true' THEN 3 WHEN 'false' THEN 3 ELSE 2 END,
        -- whole numbers too: 1 and 1.0 are one value
        CASE WHEN j.type IN ('integer', 'real') THEN CAST(j.atom AS REAL) ELSE j.atom END
      FROM subscriber s, json_each(s.attributes) j WHERE j.type IN ('text', 'integer', 'real', 'true', 'false')
      UNION ALL
      SELECT s.id, s.site_id, j.key, 1, e.atom
      FROM subscriber s, json_each(s.attributes) j, json_each(iif(j.type = 'array', j.value, '[]')) e
      WHERE e.type = 'text';
    -- what the mirror holds of someone
    CREATE VIEW attribute_entry (attribute_id, kind, value, subscriber_id) AS
      SELECT a.id, v.kind, v.value, v.subscriber_id
      FROM attribute_value v JOIN attribute a ON a.site_id = v.site_id AND a.name = v.name
      UNION ALL
      SELECT a.id, 4, CAST(round(unixepoch(v.value, 'subsec') * 1000) AS INTEGER), v.subscriber_id
      FROM attribute_value v JOIN attribute a ON a.site_id = v.site_id AND a.name = v.name
      WHERE v.kind = 1 AND v.value GLOB '[12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND length(v.value) <= 29
        AND (length(v.value) = 10 OR v.value GLOB '??????????T[0-2][0-9]:[0-9][0-9]*' AND v.value NOT GLOB '*T24:*'
          AND (v.value GLOB '*Z' OR v.value GLOB '*[-+][0-9][0-9]:[0-9][0-9]') AND v.value NOT GLOB '*[^0-9T:.Z+-]*'
          AND v.value NOT GLOB '*.[0-9][0-9][0-9][0-9]*')
        AND unixepoch(v.value, 'subsec') IS NOT NULL;

    CREATE TRIGGER subscriber_attribute_made AFTER INSERT ON subscriber WHEN new.attributes <> '{}' BEGIN
      INSERT INTO attribute (site_id, name) SELECT site_id, name FROM attribute_value WHERE subscriber_id = new.id
        ON CONFLICT DO NOTHING;
      INSERT INTO subscriber_attribute SELECT * FROM attribute_entry WHERE subscriber_id = new.id ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER subscriber_attribute_leaving BEFORE UPDATE OF attributes ON subscriber
    WHEN old.attributes <> new.attributes BEGIN
      DELETE FROM subscriber_attribute WHERE (attribute_id, kind, value, subscriber_id) IN (
        SELECT * FROM attribute_entry WHERE subscriber_id = old.id);
    END;
    CREATE TRIGGER subscriber_attribute_changed AFTER UPDATE OF attributes ON subscriber
    WHEN old.attributes <> new.attributes BEGIN
      INSERT INTO attribute (site_id, name) SELECT site_id, name FROM attribute_value WHERE subscriber_id = new.id
        ON CONFLICT DO NOTHING;
      INSERT INTO subscriber_attribute SELECT * FROM attribute_entry WHERE subscriber_id = new.id ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER subscriber_attribute_gone BEFORE DELETE ON subscriber WHEN old.attributes <> '{}' BEGIN
      DELETE FROM subscriber_attribute WHERE (attribute_id, kind, value, subscriber_id) IN (
        SELECT * FROM attribute_entry WHERE subscriber_id = old.id);
    END;

    INSERT INTO attribute (site_id, name) SELECT DISTINCT site_id, name FROM attribute_value ORDER BY 1, 2;
    INSERT INTO subscriber_attribute SELECT DISTINCT * FROM attribute_entry ORDER BY 1, 2, 3, 4;

    CREATE INDEX subscriber_facets ON subscriber (site_id, state, language COLLATE NOCASE, browser, system, country,
      device, push_service, time_zone, browser_version, last_seen, first_seen);
    CREATE INDEX delivery_clicked ON delivery (campaign_id, subscriber_id) WHERE clicked_at IS NOT NULL;
  `);
}
