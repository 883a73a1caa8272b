import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Opens the database of a Belfry, running or not, beside it. */
export const openBeside = (data: string, options: Database.Options = { readonly: true }) =>
  new Database(join(data, 'belfry.db'), options);

/**
 * Puts many subscribers into the newest site of a Belfry that is stopped, in one statement: nobody stands behind
 * them, and their keys are of the right length only.
 */
export function addCrowd(
  data: string,
  people: number,
  endpoint = 'https://fcm.googleapis.com/fcm/send/',
  pushService = 'fcm',
): void {
  const db = openBeside(data, {});
  try {
    db.prepare(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @people)
      INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
        auth, first_seen, last_seen)
      SELECT k.site_id, k.id, 0, 1, randomblob(16), @endpoint || hex(randomblob(40)), @pushService, randomblob(65), randomblob(16), 1, 1
      FROM n, (SELECT max(id) AS id, site_id FROM vapid_key WHERE site_id = (SELECT max(id) FROM site)) k`).run(
      { people, endpoint, pushService },
    );
  } finally {
    db.close();
  }
}
