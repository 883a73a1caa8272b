import type Database from 'better-sqlite3';
import type { NewSiteRow, SiteChange, SiteRow } from '../../core/ports/storage.ts';

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
  key_id: number;
  public_key: Uint8Array;
  private_key: Uint8Array;
}

// the newest key is the one that new subscriptions are made with
const SELECT = `
  SELECT s.*, k.id AS key_id, k.public_key, k.private_key
  FROM site s JOIN vapid_key k ON k.id = (SELECT max(id) FROM vapid_key WHERE site_id = s.id)
  WHERE s.removed_at IS NULL`;

const toSite = (row: Stored): SiteRow => ({
  id: row.id,
  key: row.key,
  name: row.name,
  origins: JSON.parse(row.origins),
  subject: row.subject,
  settings: JSON.parse(row.settings),
  prompt: row.prompt === null ? null : JSON.parse(row.prompt),
  practice: row.practice === 1,
  identitySecret: row.identity_secret,
  vapidKey: { id: row.key_id, publicKey: row.public_key, privateKey: row.private_key },
  createdAt: row.created_at,
  askedAt: row.asked_at,
});

export function siteReads(db: Database.Database) {
  const all = db.prepare<[], Stored>(`${SELECT} ORDER BY s.id`);
  const steps = db.prepare<[{ site: number }], Record<'person' | 'accepted' | 'shown' | 'clicked', number>>(`
    SELECT EXISTS (SELECT 1 FROM subscriber WHERE site_id = @site) AS person,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND accepted > 0) AS accepted,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND shown > 0) AS shown,
      EXISTS (SELECT 1 FROM campaign WHERE site_id = @site AND clicked > 0) AS clicked`);
  return {
    'sites.all': () => all.all().map(toSite),
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
  const one = db.prepare<[number], Stored>(`${SELECT} AND s.id = ?`);
  const get = (id: number) => {
    const row = one.get(id);
    return row ? toSite(row) : null;
  };
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
    'sites.remove': db.transaction((id: number, at: number): void => {
      for (const removal of removals) removal.run({ id, at });
    }),
  };
}
