import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeSubscriptions } from './subject.ts';

/** Keys that people share here: making a million pairs takes longer than sending to them. */
const keyPairs = 1000;

/**
 * Writes subscribers straight into the database of a Belfry that is not running: through its listeners a million
 * would take an hour.
 * @param hosts of the push services, as the operator allowed them
 * @param siteName of a site that is there
 */
export function addPeople(data: string, siteName: string, count: number, hosts: string[]): void {
  const db = new Database(join(data, 'belfry.db'));
  const site = db.prepare('SELECT id FROM site WHERE name = ?').pluck().get(siteName);
  const key = db.prepare('SELECT id FROM vapid_key WHERE site_id = ?').pluck().get(site);
  const insert = db.prepare(`
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service,
      p256dh, auth, browser, system, language, country, first_seen, last_seen)
    VALUES (?, ?, 0, 0, ?, ?, ?, ?, ?, 'Chrome', 'Windows', 'en', 'GB', 0, 0)`);
  const subscriptions = makeSubscriptions(Math.min(count, keyPairs), hosts);
  db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const host = hosts[i % hosts.length] ?? '';
      const endpoint = `https://${host}/send/${randomBytes(90).toString('base64url')}`;
      const hash = createHash('sha256').update(endpoint).digest().subarray(0, 16);
      const keys = subscriptions[i % subscriptions.length];
      insert.run(site, key, hash, endpoint, host, keys?.p256dh, keys?.auth);
    }
  })();
  db.close();
}
