import type Database from 'better-sqlite3';
import type { NewSiteRow, SiteChange, SiteRow } from '../../core/ports/storage.ts';

interface Stored {
  id: number;
  key: string;
  name: string;
  origins: string;
  subject: string;
  settings: string;
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
  FROM site s JOIN vapid_key k ON k.id = (SELECT max(id) FROM vapid_key WHERE site_id = s.id)`;

const toSite = (row: Stored): SiteRow => ({
  id: row.id,
  key: row.key,
  name: row.name,
  origins: JSON.parse(row.origins),
  subject: row.subject,
  settings: JSON.parse(row.settings),
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
  const one = db.prepare<[number], Stored>(`${SELECT} WHERE s.id = ?`);
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
       identity_secret = coalesce(@identitySecret, identity_secret),
       asked_at = coalesce(@askedAt, asked_at) WHERE id = @id`,
  );
  // children first: the subscribers' reference to their key would stop a cascade that deletes keys before them
  const removals = ['subscriber', 'campaign', 'vapid_key'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE site_id = ?`),
  );
  const removeSite = db.prepare('DELETE FROM site WHERE id = ?');

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
        identitySecret: change.identitySecret ?? null,
        askedAt: change.askedAt ?? null,
      });
      return get(id);
    },
    'sites.remove': db.transaction((id: number): void => {
      for (const removal of removals) removal.run(id);
      removeSite.run(id);
    }),
  };
}
