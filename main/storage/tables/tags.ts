import type Database from 'better-sqlite3';

/** Writes the tags of subscribers; to be called inside a transaction. */
export function tagWriter(db: Database.Database) {
  const define = db.prepare('INSERT INTO tag (site_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const attach = db.prepare(
    `INSERT INTO subscriber_tag (tag_id, subscriber_id)
     SELECT id, ? FROM tag WHERE site_id = ? AND name = ? ON CONFLICT DO NOTHING`,
  );
  const detach = db.prepare(
    'DELETE FROM subscriber_tag WHERE subscriber_id = ? AND tag_id = (SELECT id FROM tag WHERE site_id = ? AND name = ?)',
  );
  const detachAll = db.prepare('DELETE FROM subscriber_tag WHERE subscriber_id = ?');

  /** @returns how many they did not have */
  function add(site: number, subscriber: number, names: string[]): number {
    let added = 0;
    for (const name of names) {
      define.run(site, name);
      added += attach.run(subscriber, site, name).changes;
    }
    return added;
  }
  return {
    add,
    remove(site: number, subscriber: number, names: string[]) {
      for (const name of names) detach.run(subscriber, site, name);
    },
    replace(site: number, subscriber: number, names: string[]) {
      detachAll.run(subscriber);
      add(site, subscriber, names);
    },
  };
}
