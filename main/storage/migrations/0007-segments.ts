import type Database from 'better-sqlite3';

/** Names that occur for the first time; most often there are none. */
const define = `INSERT INTO attribute (site_id, name) SELECT new.site_id, j.key FROM json_each(new.attributes) j
  WHERE NOT EXISTS (SELECT 1 FROM attribute WHERE site_id = new.site_id AND name = j.key);`;

/** Whether a text is a date of the years 1000 to 2999, or RFC 3339: SQLite by itself would take more. */
const isDate = (
  text: string,
) => `${text} GLOB '[12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND length(${text}) <= 29
  AND (length(${text}) = 10 OR ${text} GLOB '??????????T[0-2][0-9]:[0-9][0-9]*' AND ${text} NOT GLOB '*T24:*'
    AND (${text} GLOB '*Z' OR ${text} GLOB '*[-+][0-9][0-9]:[0-9][0-9]') AND ${text} NOT GLOB '*[^0-9T:.Z+-]*'
    AND ${text} NOT GLOB '*.[0-9][0-9][0-9][0-9]*')
  AND unixepoch(${text}, 'subsec') IS NOT NULL`;

/**
 * What the mirror holds of someone, by the name that the statement has for their row: a row for each value, of a list
 * for each element, and a second one for a text that is a date.
 */
export function entries(row: string, from = ''): string {
  const select = (kind: string, value: string) => `
    SELECT (SELECT id FROM attribute WHERE site_id = ${row}.site_id AND name = j.key) AS attribute_id, ${kind} AS kind,
      ${value} AS value, ${row}.id AS subscriber_id
    FROM ${from} json_each(${row}.attributes) j`;
  const at = (text: string) => `CAST(round(unixepoch(${text}, 'subsec') * 1000) AS INTEGER)`;
  const elements = `CROSS JOIN json_each(iif(j.type = 'array', j.value, '[]')) e WHERE j.type = 'array' AND e.type = 'text'`;
  return [
    // whole numbers are made real too: 1 and 1.0 are one value
    `${select(
      "CASE j.type WHEN 'text' THEN 1 WHEN 'integer' THEN 2 WHEN 'real' THEN 2 ELSE 3 END",
      "iif(j.type IN ('integer', 'real'), CAST(j.atom AS REAL), j.atom)",
    )} WHERE j.type IN ('text', 'integer', 'real', 'true', 'false')`,
    `${select('4', at('j.atom'))} WHERE j.type = 'text' AND ${isDate('j.atom')}`,
    `${select('1', 'e.atom')} ${elements}`,
    `${select('4', at('e.atom'))} ${elements} AND ${isDate('e.atom')}`,
  ].join(' UNION ALL ');
}

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
    -- what the mirror holds when it is right
    CREATE VIEW attribute_entry AS ${entries('s', 'subscriber s CROSS JOIN')};

    CREATE TRIGGER subscriber_attribute_made AFTER INSERT ON subscriber WHEN new.attributes <> '{}' BEGIN
      ${define}
      INSERT INTO subscriber_attribute ${entries('new')} ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER subscriber_attribute_changed AFTER UPDATE OF attributes ON subscriber
    WHEN old.attributes <> new.attributes BEGIN
      DELETE FROM subscriber_attribute WHERE (attribute_id, kind, value, subscriber_id) IN (${entries('old')});
      ${define}
      INSERT INTO subscriber_attribute ${entries('new')} ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER subscriber_attribute_gone AFTER DELETE ON subscriber WHEN old.attributes <> '{}' BEGIN
      DELETE FROM subscriber_attribute WHERE (attribute_id, kind, value, subscriber_id) IN (${entries('old')});
    END;

    INSERT INTO attribute (site_id, name)
      SELECT DISTINCT s.site_id, j.key FROM subscriber s, json_each(s.attributes) j ORDER BY 1, 2;
    INSERT INTO subscriber_attribute SELECT DISTINCT * FROM attribute_entry ORDER BY 1, 2, 3, 4;

    CREATE INDEX subscriber_facets ON subscriber (site_id, state, language COLLATE NOCASE, browser, system, country,
      device, push_service, time_zone, browser_version, last_seen, first_seen);
    CREATE INDEX delivery_clicked ON delivery (campaign_id, subscriber_id) WHERE clicked_at IS NOT NULL;
  `);
}
