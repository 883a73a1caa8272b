import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Access, ApiKeyRow } from '../../core/ports/storage.ts';

interface StoredKey {
  id: number;
  site_id: number;
  name: string;
  scopes: string;
  hash: Uint8Array;
  hint: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}
interface StoredRequest {
  hash: Uint8Array;
  run: string;
  status: number | null;
  body: string | null;
}
type Begun = Awaited<ReturnType<Access['beginRequest']>>;

/** How long an Idempotency-Key is remembered, in milliseconds. */
const REMEMBERED = 24 * 60 * 60 * 1000;

const toKey = (row: StoredKey): ApiKeyRow => ({
  id: row.id,
  site: row.site_id,
  name: row.name,
  scopes: JSON.parse(row.scopes),
  hash: row.hash,
  hint: row.hint,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});

export function accessReads(db: Database.Database) {
  const keys = db.prepare<[], StoredKey>('SELECT * FROM api_key ORDER BY id DESC');
  const setting = db.prepare<[string], string>('SELECT value FROM setting WHERE name = ?').pluck();
  return {
    'access.apiKeys': (): ApiKeyRow[] => keys.all().map(toKey),
    'access.setting': (name: string): string | null => setting.get(name) ?? null,
  };
}

export function accessWrites(db: Database.Database) {
  const run = randomUUID();
  const one = db.prepare<[number], StoredKey>('SELECT * FROM api_key WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO api_key (site_id, name, scopes, hash, hint, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const revoke = db.prepare('UPDATE api_key SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?');
  const touch = db.prepare(
    'UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
  );
  const forgetOld = db.prepare('DELETE FROM request WHERE at < ?');
  const known = db.prepare<[string], StoredRequest>('SELECT * FROM request WHERE key = ?');
  const note = db.prepare(`
    INSERT INTO request (key, hash, run, at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET run = excluded.run`);
  const answer = db.prepare('UPDATE request SET status = ?, body = ? WHERE key = ?');
  const forget = db.prepare('DELETE FROM request WHERE key = ?');
  const setSetting = db.prepare(
    'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const key = (id: number): ApiKeyRow | null => {
    const row = one.get(id);
    return row ? toKey(row) : null;
  };

  return {
    'access.insertApiKey': (made: Parameters<Access['insertApiKey']>[0]): ApiKeyRow => {
      const { lastInsertRowid } = insert.run(
        made.site,
        made.name,
        JSON.stringify(made.scopes),
        made.hash,
        made.hint,
        made.createdAt,
      );
      const stored = key(Number(lastInsertRowid));
      if (stored === null) throw new Error('the key was not stored');
      return stored;
    },
    'access.revokeApiKey': (id: number, at: number): ApiKeyRow | null => {
      revoke.run(at, id);
      return key(id);
    },
    'access.touchApiKeys': db.transaction((used: { id: number; at: number }[]): void => {
      for (const { id, at } of used) touch.run(at, id);
    }),

    'access.beginRequest': db.transaction((request: Parameters<Access['beginRequest']>[0]): Begun => {
      forgetOld.run(request.at - REMEMBERED);
      const before = known.get(request.key);
      if (before !== undefined) {
        if (Buffer.compare(before.hash, request.hash) !== 0) return { outcome: 'mismatch' };
        if (before.status !== null)
          return { outcome: 'done', status: before.status, body: before.body ?? '' };
        if (before.run === run) return { outcome: 'running' };
      }
      note.run(request.key, request.hash, run, request.at);
      return { outcome: 'fresh' };
    }),
    'access.finishRequest': (name: string, given: { status: number; body: string } | null): void => {
      if (given === null) forget.run(name);
      else answer.run(given.status, given.body, name);
    },
    'access.setSetting': (name: string, value: string): void => {
      setSetting.run(name, value);
    },
  };
}
