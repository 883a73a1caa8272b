import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { idSecret } from '../../../main/storage/database.ts';

const browsers = ['Chrome', 'Firefox', 'Safari', 'Microsoft Edge'];
const systems = ['Windows', 'Android', 'macOS', 'Linux'];
const languages = ['en-GB', 'de-DE', 'fr-FR', 'ja-JP'];
const countries = ['GB', 'DE', 'FR', 'JP'];

/** What everyone's external id begins with. */
export const called = 'customer-';

/**
 * Writes people of many kinds, each with an external id and every fifth with a tag, straight into the database of a
 * Belfry that is not running.
 * @param siteName of a site that is there
 */
export function addFindable(data: string, siteName: string, count: number): void {
  const db = new Database(join(data, 'belfry.db'));
  const site = db.prepare('SELECT id FROM site WHERE name = ?').pluck().get(siteName);
  const key = db.prepare('SELECT id FROM vapid_key WHERE site_id = ?').pluck().get(site);
  const insert = db.prepare(`
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
      auth, browser, browser_version, system, language, country, external_id, first_seen, last_seen)
    VALUES (?, ?, 0, 0, ?, ?, 'fcm', ?, ?, ?, '150', ?, ?, ?, ?, 0, 0)`);
  const tag = db.prepare('INSERT INTO tag (site_id, name) VALUES (?, ?)').run(site, 'news').lastInsertRowid;
  const attach = db.prepare('INSERT INTO subscriber_tag (tag_id, subscriber_id) VALUES (?, ?)');
  const [p256dh, auth] = [randomBytes(65), randomBytes(16)];
  db.transaction(() => {
    for (let i = 0; i < count; i++) {
      const endpoint = `https://fcm.googleapis.com/fcm/send/${randomBytes(60).toString('base64url')}`;
      const hash = createHash('sha256').update(endpoint).digest().subarray(0, 16);
      const of = (values: string[], every: number) => values[Math.floor(i / every) % values.length];
      const kind = [of(browsers, 1), of(systems, 3), of(languages, 7), of(countries, 7)];
      const { lastInsertRowid } = insert.run(
        site,
        key,
        hash,
        endpoint,
        p256dh,
        auth,
        ...kind,
        `${called}${i}`,
      );
      if (i % 5 === 0) attach.run(tag, lastInsertRowid);
    }
  })();
  db.pragma('optimize');
  db.close();
}

/**
 * Writes a paused campaign that went to the first `count` people of a site and was accepted for all but one.
 * @returns its id in the database, the people's ids, and the secret that seals their tokens
 */
export function addCampaign(data: string, siteName: string, count: number) {
  const db = new Database(join(data, 'belfry.db'));
  const site = db.prepare('SELECT id FROM site WHERE name = ?').pluck().get(siteName);
  const people = db
    .prepare<[unknown, number], number>('SELECT id FROM subscriber WHERE site_id = ? ORDER BY id LIMIT ?')
    .pluck()
    .all(site, count);
  const campaign = Number(
    db
      .prepare(`
        INSERT INTO campaign (site_id, state, kind, message, audience, created_at, started_at, total, accepted, pending)
        VALUES (?, 'paused', 'campaign', '{"title":"The bells of the week"}', '{"everyone":true}', ?, ?, ?, ?, 1)`)
      .run(site, Date.now(), Date.now(), count, count - 1).lastInsertRowid,
  );
  const insert = db.prepare(`
    INSERT INTO delivery (campaign_id, subscriber_id, push_service, state, attempts, due_at, first_at, settled_at, status)
    VALUES (?, ?, 'fcm', ?, 1, 0, 0, ?, 201)`);
  db.transaction(() => {
    for (const [i, person] of people.entries())
      insert.run(campaign, person, i === 0 ? 0 : 2, i === 0 ? null : Date.now());
  })();
  const secret = idSecret(db);
  db.close();
  return { campaign, people: people.slice(1), secret };
}
