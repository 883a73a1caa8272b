import type Database from 'better-sqlite3';
import type {
  KeyCount,
  NewKeyRow,
  NewSiteRow,
  SiteChange,
  SiteRow,
  VapidKeyRow,
} from '../../core/ports/storage.ts';
import { ACTIVE, stateCode } from './subscriber-rows.ts';

interface Stored {
  id: number;
  key: string;
  name: string;
  origins: string;
  subject: string;
  settings: string;
  prompt: string | null;
  practice: number;
  identity_secret: Uint8Array;
  created_at: number;
  asked_at: number | null;
  vapid_key_id: number | null;
}
interface StoredKey {
  id: number;
  public_key: Uint8Array;
  private_key: Uint8Array;
  created_at: number;
}

const toKey = ({ id, public_key, private_key, created_at }: StoredKey): VapidKeyRow => ({
  id,
  publicKey: public_key,
  privateKey: private_key,
  createdAt: created_at,
});

// a merge leaves out what is null, and settings from before there was a cap have none
function toSettings(stored: string): SiteRow['settings'] {
  const settings = JSON.parse(stored);
  return { ...settings, frequencyCap: { perDay: null, perWeek: null, ...settings.frequencyCap } };
}

/** @param keys the site's own, newest first */
const toSite = (row: Stored, keys: VapidKeyRow[]): SiteRow => ({
  id: row.id,
  key: row.key,
  name: row.name,
  origins: JSON.parse(row.origins),
  subject: row.subject,
  settings: toSettings(row.settings),
  prompt: row.prompt === null ? null : JSON.parse(row.prompt),
  practice: row.practice === 1,
  identitySecret: row.identity_secret,
  ...chosen(row.vapid_key_id, keys),
  createdAt: row.created_at,
  askedAt: row.asked_at,
});

// the newest key is the one that new subscriptions are made with, unless another was chosen
function chosen(id: number | null, keys: VapidKeyRow[]): Pick<SiteRow, 'vapidKey' | 'formerKeys'> {
  const vapidKey = keys.find((key) => key.id === id) ?? keys[0];
  if (vapidKey === undefined) throw new Error('a site without a key');
  return { vapidKey, formerKeys: keys.filter((key) => key !== vapidKey) };
}

/** Reads sites with all of their keys. */
function siteReader(db: Database.Database) {
  const keys = db.prepare<[number], StoredKey>('SELECT * FROM vapid_key WHERE site_id = ? ORDER BY id DESC');
  return (row: Stored): SiteRow => toSite(row, keys.all(row.id).map(toKey));
}

export function siteReads(db: Database.Database) {
  const all = db.prepare<[], Stored>('SELECT * FROM site WHERE removed_at IS NULL ORDER BY id');
  const counts = db.prepare<[number], KeyCount>(`
    SELECT k.id AS key, coalesce(sum(s.state = ${ACTIVE}), 0) AS active,
      coalesce(sum(s.state = ${stateCode('foreign')}), 0) AS "foreign",
      coalesce(sum(s.state NOT IN (${ACTIVE}, ${stateCode('foreign')})), 0) AS others
    FROM vapid_key k LEFT JOIN subscriber s ON s.vapid_key_id = k.id WHERE k.site_id = ? GROUP BY k.id`);
  const read = siteReader(db);
  const steps = db.prepare<[{ site: number }], Record<'person' | 'accepted' | 'shown' | 'clicked', number>>(`
    SELECT EXISTS (SELECT 1 FROM subscriber WHERE site_id = @site) AS person,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND accepted > 0) AS accepted,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND shown > 0) AS shown,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND clicked > 0) AS clicked`);
  return {
    'sites.all': () => all.all().map(read),
    'sites.keyCounts': (site: number): KeyCount[] => counts.all(site),
    'sites.firstSteps': (site: number) => {
      const found = steps.get({ site });
      return {
        person: found?.person === 1,
        accepted: found?.accepted === 1,
        shown: found?.shown === 1,
        clicked: found?.clicked === 1,
      };
    },
  };
}

export function siteWrites(db: Database.Database) {
  const one = db.prepare<[number], Stored>('SELECT * FROM site WHERE removed_at IS NULL AND id = ?');
  const read = siteReader(db);
  const get = (id: number) => {
    const row = one.get(id);
    return row ? read(row) : null;
  };
  const chooseKey = db.prepare(
    'UPDATE site SET vapid_key_id = @key WHERE id = @site AND EXISTS (SELECT 1 FROM vapid_key WHERE id = @key AND site_id = @site)',
  );
  const keepKey = db.prepare<[number], number>(
    'SELECT coalesce(vapid_key_id, (SELECT max(id) FROM vapid_key WHERE site_id = site.id)) FROM site WHERE id = ?',
  );
  const removeKey = db.prepare(
    `DELETE FROM vapid_key WHERE id = ? AND site_id = ? AND NOT EXISTS (SELECT 1 FROM subscriber WHERE vapid_key_id = vapid_key.id)`,
  );
  const insertSite = db.prepare(
    `INSERT INTO site (key, name, origins, subject, settings, practice, identity_secret, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertKey = db.prepare(
    'INSERT INTO vapid_key (site_id, public_key, private_key, created_at) VALUES (?, ?, ?, ?)',
  );
  const update = db.prepare(
    `UPDATE site SET name = coalesce(@name, name), origins = coalesce(@origins, origins),
       subject = coalesce(@subject, subject), settings = json_patch(settings, coalesce(@settings, '{}')),
       prompt = coalesce(@prompt, prompt),
       identity_secret = coalesce(@identitySecret, identity_secret),
       asked_at = coalesce(@askedAt, asked_at) WHERE id = @id`,
  );
  // at once what is secret, and what could still do something; the rows go afterwards, in upkeep.ts
  const removals = [
    "UPDATE site SET removed_at = @at, identity_secret = x'' WHERE id = @id",
    "UPDATE vapid_key SET private_key = x'' WHERE site_id = @id",
    'DELETE FROM api_key WHERE site_id = @id',
    'DELETE FROM service_hold WHERE site_id = @id',
    `UPDATE campaign SET state = 'cancelled', finished_at = @at
     WHERE site_id = @id AND state NOT IN ('finished', 'cancelled')`,
  ].map((sql) => db.prepare(sql));

  return {
    'sites.insert': db.transaction((site: NewSiteRow): SiteRow => {
      const id = Number(
        insertSite.run(
          site.key,
          site.name,
          JSON.stringify(site.origins),
          site.subject,
          JSON.stringify(site.settings),
          site.practice ? 1 : 0,
          site.identitySecret,
          site.createdAt,
        ).lastInsertRowid,
      );
      insertKey.run(id, site.vapidKey.publicKey, site.vapidKey.privateKey, site.createdAt);
      const made = get(id);
      if (made === null) throw new Error('the site was not stored');
      return made;
    }),
    'sites.update': (id: number, change: SiteChange): SiteRow | null => {
      update.run({
        id,
        name: change.name ?? null,
        origins: change.origins ? JSON.stringify(change.origins) : null,
        subject: change.subject ?? null,
        settings: change.settings ? JSON.stringify(change.settings) : null,
        prompt: change.prompt ? JSON.stringify(change.prompt) : null,
        identitySecret: change.identitySecret ?? null,
        askedAt: change.askedAt ?? null,
      });
      return get(id);
    },
    'sites.addKey': db.transaction((site: number, key: NewKeyRow, isCurrent: boolean): SiteRow | null => {
      const before = keepKey.pluck().get(site);
      if (before === undefined) return null;
      const id = Number(insertKey.run(site, key.publicKey, key.privateKey, key.createdAt).lastInsertRowid);
      chooseKey.run({ site, key: isCurrent ? id : before });
      return get(site);
    }),
    'sites.chooseKey': (site: number, key: number): SiteRow | null =>
      chooseKey.run({ site, key }).changes > 0 ? get(site) : null,
    'sites.removeKey': db.transaction((site: number, key: number): SiteRow | null => {
      if (keepKey.pluck().get(site) === key) return null;
      return removeKey.run(key, site).changes > 0 ? get(site) : null;
    }),
    'sites.remove': db.transaction((id: number, at: number): void => {
      for (const removal of removals) removal.run({ id, at });
    }),
  };
}
