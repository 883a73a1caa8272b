import type Database from 'better-sqlite3';

/**
 * How many people came and went, by quarter of an hour: every time zone's midnight is the beginning of one, so that
 * days can be added up in any. Triggers keep it, in the transaction of each change, so that whoever writes subscribers
 * need not know of it: what came less what went is always how many are active or imported (states 0 and 1).
 */
export function peopleTally(db: Database.Database) {
  const quarter = (time: string) => `${time} - ${time} % 900000`;
  const add = (values: string, ...columns: string[]) => `
    INSERT INTO people_tally (site_id, at, ${columns.join(', ')}) VALUES (${values})
    ON CONFLICT DO UPDATE SET ${columns.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')};`;
  const went = (at: string, row: string) =>
    add(
      `${row}.site_id, ${at}, ${row}.state = 2, ${row}.state = 3 AND ${row}.state_reason IS 'left',
       ${row}.state <> 2 AND NOT (${row}.state = 3 AND ${row}.state_reason IS 'left')`,
      'expired',
      'unsubscribed',
      'removed',
    );
  db.exec(`
    CREATE TABLE people_tally (
      site_id INTEGER NOT NULL REFERENCES site ON DELETE CASCADE,
      at INTEGER NOT NULL,
      joined INTEGER NOT NULL DEFAULT 0,
      imported INTEGER NOT NULL DEFAULT 0,
      returned INTEGER NOT NULL DEFAULT 0,     -- after having expired, left or been removed
      expired INTEGER NOT NULL DEFAULT 0,
      unsubscribed INTEGER NOT NULL DEFAULT 0, -- by their own wish
      removed INTEGER NOT NULL DEFAULT 0,      -- by the operator, erased people too
      PRIMARY KEY (site_id, at)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO people_tally (site_id, at, joined, imported, expired, unsubscribed, removed)
    SELECT site_id, at, sum(joined), sum(imported), sum(expired), sum(unsubscribed), sum(removed) FROM (
      SELECT site_id, ${quarter('iif(state = 1, state_since, first_seen)')} AS at, state <> 1 AS joined,
        state = 1 AS imported, 0 AS expired, 0 AS unsubscribed, 0 AS removed FROM subscriber
      UNION ALL
      SELECT site_id, ${quarter('state_since')}, 0, 0, state = 2, state = 3 AND state_reason IS 'left',
        state = 3 AND state_reason IS NOT 'left' FROM subscriber WHERE state > 1
    ) GROUP BY site_id, at;

    CREATE TRIGGER people_came AFTER INSERT ON subscriber BEGIN
      ${add(
        `NEW.site_id, ${quarter('iif(NEW.state = 1, NEW.state_since, NEW.first_seen)')}, NEW.state <> 1, NEW.state = 1`,
        'joined',
        'imported',
      )}
    END;
    CREATE TRIGGER people_came_late AFTER INSERT ON subscriber WHEN NEW.state > 1 BEGIN
      ${went(quarter('NEW.state_since'), 'NEW')}
    END;
    CREATE TRIGGER people_went AFTER UPDATE OF state ON subscriber WHEN OLD.state <= 1 AND NEW.state > 1 BEGIN
      ${went(quarter('NEW.state_since'), 'NEW')}
    END;
    CREATE TRIGGER people_returned AFTER UPDATE OF state ON subscriber WHEN OLD.state > 1 AND NEW.state <= 1 BEGIN
      ${add(`NEW.site_id, ${quarter('NEW.state_since')}, 1`, 'returned')}
    END;
    -- who is deleted without having been marked as gone before goes now
    CREATE TRIGGER people_deleted AFTER DELETE ON subscriber WHEN OLD.state <= 1 BEGIN
      ${went(quarter("CAST(unixepoch('subsec') * 1000 AS INTEGER)"), 'OLD')}
    END;
  `);
}
