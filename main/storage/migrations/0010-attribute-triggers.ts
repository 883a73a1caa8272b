import type Database from 'better-sqlite3';
import { entries } from './0007-segments.ts';

/** The mirror's entries of someone go by its key. Without the select around them SQLite goes through all entries. */
export function attributeTriggers(db: Database.Database) {
  const gone = `DELETE FROM subscriber_attribute WHERE (attribute_id, kind, value, subscriber_id) IN (
    SELECT attribute_id, kind, value, subscriber_id FROM (${entries('old')}));`;
  db.exec(`
    DROP TRIGGER subscriber_attribute_changed;
    DROP TRIGGER subscriber_attribute_gone;
    CREATE TRIGGER subscriber_attribute_changed AFTER UPDATE OF attributes ON subscriber
    WHEN old.attributes <> new.attributes BEGIN
      ${gone}
      INSERT INTO attribute (site_id, name) SELECT new.site_id, j.key FROM json_each(new.attributes) j
        WHERE NOT EXISTS (SELECT 1 FROM attribute WHERE site_id = new.site_id AND name = j.key);
      INSERT INTO subscriber_attribute ${entries('new')} ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER subscriber_attribute_gone AFTER DELETE ON subscriber WHEN old.attributes <> '{}' BEGIN
      ${gone}
    END;
  `);
}
