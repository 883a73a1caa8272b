import type Database from 'better-sqlite3';
import type { Attributes } from '../../contract/subscribers.ts';
import { type ImportRow, unpackRows } from '../../core/ports/import-rows.ts';
import type { AddedPeople, ImportChange, ImportRecord } from '../../core/ports/imports.ts';
import type { Packed } from '../../core/ports/rehearsal.ts';
import { endpointMac, stateCode, UNSUBSCRIBED } from './subscriber-rows.ts';
import { tagWriter } from './tags.ts';

interface Stored extends Omit<ImportRecord, 'site' | 'options' | 'createdAt' | 'finishedAt'> {
  site_id: number;
  options: string | null;
  created_at: number;
  finished_at: number | null;
}
const toRecord = ({ site_id, created_at, finished_at, options, ...row }: Stored): ImportRecord => ({
  ...row,
  site: site_id,
  options: options === null ? null : JSON.parse(options),
  createdAt: created_at,
  finishedAt: finished_at,
});

const FOREIGN = stateCode('foreign');
/** Ids that one transaction takes back. */
const AT_ONCE = 2000;

interface Known {
  id: number;
  state: number;
  attributes: string;
}

/** What the rows of a file meet: nobody, someone who is here, who left, or who was erased. */
function meeting(db: Database.Database, secret: Uint8Array) {
  const byEndpoint = db.prepare<[number, Uint8Array], Known>(
    'SELECT id, state, attributes FROM subscriber WHERE site_id = ? AND endpoint_hash = ?',
  );
  const anyErased = db.prepare<[number], 1>('SELECT 1 FROM erased WHERE site_id = ? LIMIT 1');
  const wasErased = db.prepare<[number, Uint8Array], 1>(
    'SELECT 1 FROM erased WHERE site_id = ? AND endpoint_mac = ?',
  );
  return (site: number) => {
    const looksForErased = anyErased.get(site) !== undefined;
    return {
      /** Nobody was ever erased here: whoever is not here is new. */
      mayInsertFirst: !looksForErased,
      met: (endpoint: string, hash: Uint8Array): Known | 'left' | 'erased' | null => {
        const known = byEndpoint.get(site, hash);
        if (known !== undefined) return known.state === UNSUBSCRIBED ? 'left' : known;
        if (!looksForErased) return null;
        return wasErased.get(site, endpointMac(secret, endpoint)) === undefined ? null : 'erased';
      },
    };
  };
}

/** JSON of what is known with what is not; null when there is nothing more. */
function merged(known: Known, row: ImportRow): string | null {
  const attributes: Attributes = JSON.parse(known.attributes);
  const isMore = Object.keys(row.attributes).some((name) => !Object.hasOwn(attributes, name));
  return isMore ? JSON.stringify({ ...row.attributes, ...attributes }) : null;
}

const nobodyYet = (): AddedPeople => ({ added: 0, filled: 0, known: 0, left: [], erased: [] });

export function importReads(db: Database.Database, secret: Uint8Array) {
  const all = db.prepare<[], Stored>('SELECT * FROM import ORDER BY id DESC');
  const meet = meeting(db, secret);
  return {
    'imports.all': (): ImportRecord[] => all.all().map(toRecord),
    'imports.lookAtPeople': (site: number, packed: Packed<ImportRow[]>): AddedPeople => {
      const result = nobodyYet();
      const { met } = meet(site);
      for (const [i, { endpoint, endpointHash }] of unpackRows(packed).entries()) {
        const known = met(endpoint, endpointHash);
        if (known === null) result.added++;
        else if (known === 'left' || known === 'erased') result[known].push(i);
        else result.known++;
      }
      return result;
    },
  };
}

/** Imports: their records, and the people they bring, in transactions short enough to let others in between. */
export function importWrites(db: Database.Database, secret: Uint8Array) {
  const one = db.prepare<[number], Stored>('SELECT * FROM import WHERE id = ?');
  const insert = db.prepare(
    "INSERT INTO import (site_id, name, size, state, created_at) VALUES (?, ?, ?, 'receiving', ?)",
  );
  const remove = db.prepare('DELETE FROM import WHERE id = ?');
  const insertPerson = db.prepare(`
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, state_reason, endpoint_hash, endpoint,
      push_service, p256dh, auth, browser, browser_version, system, device, language, country, time_zone, page,
      external_id, attributes, consent_version, consent_at, first_seen, last_seen)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (site_id, endpoint_hash) DO NOTHING`);
  // what is known already wins: a file is older than what a browser said of itself
  const fill = db.prepare(`
    UPDATE subscriber SET browser = coalesce(browser, @browser), browser_version = coalesce(browser_version, @browserVersion),
      system = coalesce(system, @system), device = coalesce(device, @device), language = coalesce(language, @language),
      country = coalesce(country, @country), time_zone = coalesce(time_zone, @timeZone), page = coalesce(page, @page),
      external_id = coalesce(external_id, @externalId), attributes = coalesce(@attributes, attributes),
      first_seen = min(first_seen, @firstSeen)
    WHERE id = @id AND (@attributes IS NOT NULL OR first_seen > @firstSeen
      OR (browser IS NULL AND @browser IS NOT NULL) OR (browser_version IS NULL AND @browserVersion IS NOT NULL)
      OR (system IS NULL AND @system IS NOT NULL) OR (device IS NULL AND @device IS NOT NULL)
      OR (language IS NULL AND @language IS NOT NULL) OR (country IS NULL AND @country IS NOT NULL)
      OR (time_zone IS NULL AND @timeZone IS NOT NULL) OR (page IS NULL AND @page IS NOT NULL)
      OR (external_id IS NULL AND @externalId IS NOT NULL))`);
  const range = db.prepare(`
    INSERT INTO import_range (import_id, first_id, last_id) VALUES (?, ?, ?)`);
  const lastRange = db.prepare<[number], { first_id: number; last_id: number }>(
    'SELECT first_id, last_id FROM import_range WHERE import_id = ? ORDER BY first_id DESC LIMIT 1',
  );
  const stretch = db.prepare('UPDATE import_range SET last_id = ? WHERE import_id = ? AND first_id = ?');
  const dropRange = db.prepare('DELETE FROM import_range WHERE import_id = ? AND first_id = ?');
  const count = db.prepare(
    'UPDATE import SET added = added + ?, filled = filled + ?, known = known + ? WHERE id = ?',
  );
  // whoever was seen since is theirs no longer: their browser reported in
  const takeBack = db.prepare(
    `DELETE FROM subscriber WHERE id BETWEEN ? AND ? AND site_id = ?
       AND (state = ${FOREIGN} OR state_reason IN ('imported', 'left:imported'))`,
  );
  const uncount = db.prepare('UPDATE import SET added = max(0, added - ?) WHERE id = ?');
  const tags = tagWriter(db);
  const meet = meeting(db, secret);

  function noteRange(id: number, first: number, last: number) {
    const before = lastRange.get(id);
    if (before !== undefined && before.last_id + 1 === first) stretch.run(last, id, before.first_id);
    else range.run(id, first, last);
  }

  const get = (id: number): ImportRecord | null => {
    const row = one.get(id);
    return row ? toRecord(row) : null;
  };

  return {
    'imports.insert': (record: Pick<ImportRecord, 'site' | 'name' | 'size' | 'createdAt'>): ImportRecord => {
      const { lastInsertRowid } = insert.run(record.site, record.name, record.size, record.createdAt);
      return get(Number(lastInsertRowid)) as ImportRecord;
    },

    'imports.save': (id: number, change: ImportChange): ImportRecord | null => {
      const columns = Object.entries({
        state: change.state,
        options: change.options && JSON.stringify(change.options),
        checked: change.checked,
        counts: change.counts,
        problem: change.problem,
        finished_at: change.finishedAt,
      }).filter(([, value]) => value !== undefined);
      if (columns.length > 0)
        db.prepare(`UPDATE import SET ${columns.map(([name]) => `${name} = ?`).join(', ')} WHERE id = ?`).run(
          ...columns.map(([, value]) => value),
          id,
        );
      return get(id);
    },

    'imports.remove': (id: number): void => {
      remove.run(id);
    },

    'imports.addPeople': db.transaction(
      (id: number, packed: Packed<ImportRow[]>, isFilling: boolean): AddedPeople => {
        const record = one.get(id);
        if (record === undefined) throw new Error('This import is gone.');
        const result = nobodyYet();
        const { met, mayInsertFirst } = meet(record.site_id);
        let first = 0;
        let last = 0;
        for (const [i, row] of unpackRows(packed).entries()) {
          const inserted = mayInsertFirst ? insertOne(record.site_id, row) : null;
          const known = inserted === null ? met(row.endpoint, row.endpointHash) : null;
          if (known === 'left' || known === 'erased') result[known].push(i);
          else if (known !== null) {
            const changed =
              isFilling && fill.run({ ...row, id: known.id, attributes: merged(known, row) }).changes > 0;
            const tagged = isFilling && tags.add(record.site_id, known.id, row.tags) > 0;
            result[changed || tagged ? 'filled' : 'known']++;
          } else {
            const id = inserted ?? insertOne(record.site_id, row);
            if (id === null) throw new Error('nobody is there, and nobody can be added');
            last = id;
            if (first === 0) first = id;
            result.added++;
          }
        }
        if (first > 0) noteRange(id, first, last);
        count.run(result.added, result.filled, result.known, id);
        return result;
      },
    ),

    'imports.takeBack': db.transaction((id: number): { looked: number; removed: number } => {
      const [record, newest] = [one.get(id), lastRange.get(id)];
      if (record === undefined || newest === undefined) return { looked: 0, removed: 0 };
      const from = Math.max(newest.first_id, newest.last_id - AT_ONCE + 1);
      const { changes } = takeBack.run(from, newest.last_id, record.site_id);
      if (from === newest.first_id) dropRange.run(id, newest.first_id);
      else stretch.run(from - 1, id, newest.first_id);
      uncount.run(changes, id);
      return { looked: newest.last_id - from + 1, removed: changes };
    }),
  };

  /** @returns null when somebody is there */
  function insertOne(site: number, row: ImportRow): number | null {
    const { changes, lastInsertRowid } = insertPerson.run(
      site,
      row.vapidKey,
      stateCode(row.state),
      row.stateSince,
      row.stateReason,
      row.endpointHash,
      row.endpoint,
      row.pushService,
      row.p256dh,
      row.auth,
      row.browser,
      row.browserVersion,
      row.system,
      row.device,
      row.language,
      row.country,
      row.timeZone,
      row.page,
      row.externalId,
      JSON.stringify(row.attributes),
      row.consentVersion,
      row.consentAt,
      row.firstSeen,
      row.lastSeen,
    );
    if (changes === 0) return null;
    const id = Number(lastInsertRowid);
    if (row.tags.length > 0) tags.add(site, id, row.tags);
    return id;
  }
}
