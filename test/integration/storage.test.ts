import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../main/contract/errors.ts';
import type { System } from '../../main/contract/system.ts';
import type { Storage } from '../../main/core/ports/storage.ts';
import { openForWriting } from '../../main/storage/database.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';
import { migrations } from '../../main/storage/migrations/index.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';
import { newSite, registration } from '../helpers/stored.ts';

const folders: string[] = [];
const opened: { close(): unknown }[] = [];
const silent = { info() {}, warn() {}, error() {} };

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'belfry-storage-'));
  folders.push(made);
  return made;
}
const fileIn = (where: string) => join(where, 'belfry.db');
async function open(file: string): Promise<Storage> {
  const storage = await openStorage(file, silent);
  opened.push(storage);
  return storage;
}
function write(file: string, steps = migrations): Database.Database {
  const db = openForWriting(file, steps);
  opened.push(db);
  return db;
}
/** Why it is not opened, in words. */
const refusal = (file: string) =>
  open(file).then(
    () => 'opened',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const schemaOf = (db: Database.Database) =>
  db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all();

describe('opening a database', () => {
  test('a fresh one is made, private, in WAL mode, synced at every commit, and tidied up at the end', async () => {
    const file = fileIn(join(folder(), 'new', 'deep'));
    const storage = await openStorage(file, silent);
    await storage.sites.insert(newSite());
    expect(existsSync(`${file}-wal`)).toBe(true);
    await storage.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    if (process.platform !== 'win32') expect(statSync(join(file, '..')).mode & 0o077).toBe(0);
    const db = new Database(file, { readonly: true });
    opened.push(db);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    // how a connection syncs is not kept in the file: ask the one that writes
    const writer = write(file);
    expect(writer.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(writer.pragma('synchronous', { simple: true })).toBe(2); // FULL: each commit is on the disk before it is told
    expect(writer.pragma('fullfsync', { simple: true })).toBe(1); // on macOS also out of the drive's cache
    expect(writer.pragma('checkpoint_fullfsync', { simple: true })).toBe(1);
    expect(writer.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  test('what was answered for is in the file before the answer', async () => {
    const file = fileIn(folder());
    const storage = await open(file);
    const site = await storage.sites.insert(newSite());
    const [made] = await storage.subscribers.upsertMany([
      registration(site.id, site.vapidKey.id, 'https://p/1'),
    ]);
    const other = new Database(file, { readonly: true });
    opened.push(other);
    expect(other.prepare('SELECT count(*) FROM subscriber').pluck().get()).toBe(1);
    expect(made).toMatchObject({ outcome: 'created' });
  });

  test('a registration for a site that is gone spoils nothing for the others in its commit', async () => {
    const storage = await open(fileIn(folder()));
    const [kept, gone] = [await storage.sites.insert(newSite()), await storage.sites.insert(newSite())];
    await storage.sites.remove(gone.id, 2);
    const results = await Promise.all(
      [gone, kept].map(({ id, vapidKey }) =>
        storage.subscribers.upsertMany([registration(id, vapidKey.id, 'https://p/1')]),
      ),
    );
    expect(results.flat().map(({ outcome }) => outcome)).toEqual(['no-site', 'created']);
  });

  // Every version that ever was, by running the migrations up to it: a new one is covered as soon as it is listed.
  test.each(migrations.map((_, i) => i + 1))(
    'one of version %i becomes the newest, with its data',
    (version) => {
      const file = fileIn(folder());
      const old = openForWriting(file, migrations.slice(0, version));
      const secret = old.prepare("SELECT value FROM setting WHERE name = 'id_secret'").pluck().get();
      old.close();
      const now = write(file);
      expect(now.pragma('user_version', { simple: true })).toBe(migrations.length);
      expect(now.prepare("SELECT value FROM setting WHERE name = 'id_secret'").pluck().get()).toEqual(secret);
      expect(schemaOf(now)).toEqual(schemaOf(write(fileIn(folder()))));
      expect(now.pragma('integrity_check', { simple: true })).toBe('ok');
      for (let step = version + 1; step <= migrations.length; step++)
        expect(existsSync(`${file}.before-${String(step).padStart(4, '0')}`)).toBe(true);
    },
  );

  const next = (db: Database.Database) => db.exec('CREATE TABLE later (x INTEGER) STRICT');
  const broken = (db: Database.Database) => {
    db.exec('CREATE TABLE half (x INTEGER) STRICT; DROP TABLE click');
    throw new Error('in the middle of it');
  };
  const nextVersion = migrations.length + 1;
  const copyOf = (file: string) => `${file}.before-${String(nextVersion).padStart(4, '0')}`;

  test('a copy as it was is kept before each migration', () => {
    const file = fileIn(folder());
    openForWriting(file).close();
    const db = write(file, [...migrations, next]);
    expect(db.pragma('user_version', { simple: true })).toBe(nextVersion);
    const copy = new Database(copyOf(file), { readonly: true });
    opened.push(copy);
    expect(copy.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(copy.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").pluck().get()).toBe(0);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(copy.prepare('SELECT count(*) FROM setting').pluck().get()).toBe(1);
  });

  test('a migration that fails leaves the database at its version, whole and usable', () => {
    const file = fileIn(folder());
    openForWriting(file).close();
    expect(() => openForWriting(file, [...migrations, broken])).toThrow('in the middle of it');
    const db = write(file);
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(
      db.prepare("SELECT name FROM sqlite_schema WHERE name IN ('half', 'click')").pluck().all(),
    ).toEqual(['click']);
    expect(existsSync(copyOf(file))).toBe(true);
    // and the repaired program gets through
    db.close();
    expect(write(file, [...migrations, next]).pragma('user_version', { simple: true })).toBe(nextVersion);
  });

  /** What is in a folder, by a hash of each file. */
  const bytesIn = (where: string) =>
    Object.fromEntries(
      readdirSync(where).map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(where, name)))
          .digest('hex'),
      ]),
    );
  // a look into a WAL database may leave its empty companions beside it: the files that were there count
  test('one of a later version is refused in words, and not a byte of it changes', async () => {
    const where = folder();
    openForWriting(fileIn(where), [...migrations, next]).close();
    const before = bytesIn(where);
    expect(await refusal(fileIn(where))).toMatch(/^DatabaseRefused: .* newer Belfry .* nothing was changed/);
    expect(bytesIn(where)).toMatchObject(before);
  });

  test.each([
    ['a text', () => Buffer.from('This is no database at all. '.repeat(200))],
    ['random bytes', () => randomBytes(20_000)],
    [
      'a database with a hole in it',
      (good: Buffer) => Buffer.concat([good.subarray(0, 4096), randomBytes(8192), good.subarray(12_288)]),
    ],
    ['half a database', (good: Buffer) => good.subarray(0, good.length / 2)],
  ])('%s is refused as damaged, and not a byte of it changes', async (_, damage) => {
    const where = folder();
    openForWriting(fileIn(where)).close();
    writeFileSync(fileIn(where), damage(readFileSync(fileIn(where))));
    const before = bytesIn(where);
    expect(await refusal(fileIn(where))).toMatch(/^DatabaseRefused: .* is damaged and was left as it is/);
    expect(bytesIn(where)).toMatchObject(before);
  });

  test.each(['wal', 'delete'])(
    'another program’s database (%s) is refused, and not a byte of it changes',
    async (mode) => {
      const where = folder();
      const theirs = new Database(fileIn(where));
      theirs.pragma(`journal_mode = ${mode}`);
      theirs.exec('CREATE TABLE theirs (x)');
      theirs.close();
      const before = bytesIn(where);
      expect(await refusal(fileIn(where))).toMatch(/^DatabaseRefused: .* another program/);
      expect(bytesIn(where)).toMatchObject(before);
    },
  );

  test('an empty file is a database to be', async () => {
    const file = fileIn(folder());
    writeFileSync(file, '');
    expect(await (await open(file)).sites.all()).toEqual([]);
  });

  test('a second Belfry is refused while the first one runs, and welcome after', async () => {
    const file = fileIn(folder());
    const first = await openStorage(file, silent);
    expect(await refusal(file)).toMatch(/^DatabaseRefused: Another Belfry is using /);
    await first.sites.insert(newSite());
    await first.close();
    expect(await (await open(file)).sites.all()).toHaveLength(1);
  });

  test('a folder where a file is, and a file where a folder is, are refused in words', async () => {
    const where = folder();
    writeFileSync(join(where, 'file'), '');
    expect(await refusal(join(where, 'file', 'belfry.db'))).toMatch(/^DatabaseRefused: .* cannot be written/);
    mkdirSync(join(where, 'folder'));
    expect(await refusal(join(where, 'folder'))).toMatch(/^DatabaseRefused: .* cannot be (read or )?written/);
    expect(() => openKeyFile(join(where, 'file'))).toThrow(/cannot be written/);
  });
});

describe('the key file', () => {
  test('is its owner’s alone, and seals what only it opens', () => {
    const where = folder();
    const secrets = openKeyFile(where);
    const sealed = secrets.seal(Buffer.from('secret'));
    expect(Buffer.from(sealed).includes('secret')).toBe(false);
    expect(Buffer.from(openKeyFile(where).open(sealed)).toString()).toBe('secret');
    expect(secrets.seal(Buffer.from('secret'))).not.toEqual(sealed);
    if (process.platform !== 'win32') {
      expect(statSync(join(where, 'secrets.key')).mode & 0o777).toBe(0o600);
      chmodSync(join(where, 'secrets.key'), 0o644);
      openKeyFile(where);
      expect(statSync(join(where, 'secrets.key')).mode & 0o777).toBe(0o600);
    }
    for (let i = 0; i < sealed.length; i++) {
      const tampered = Uint8Array.from(sealed);
      tampered[i] = (tampered[i] ?? 0) ^ 1;
      expect(() => secrets.open(tampered)).toThrow(/not the key/);
    }
    expect(() => secrets.open(new Uint8Array(5))).toThrow(/not the key/);
    expect(() => openKeyFile(folder()).open(sealed)).toThrow(/not the key/);
  });

  test.skipIf(process.platform === 'win32')('killed while it was being made, it is made anew', async () => {
    const where = folder();
    const file = pathToFileURL(join(import.meta.dirname, '../../main/storage/key-file.ts'));
    const make = `await import('${file}').then(({ openKeyFile }) => openKeyFile(process.argv[1]))`;
    // with no room for a single byte the system ends it where it writes
    const killed = spawnSync('sh', [
      '-c',
      'ulimit -f 0; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      make,
      where,
    ]);
    expect(killed.status).not.toBe(0);
    const secrets = openKeyFile(where);
    expect(Buffer.from(openKeyFile(where).open(secrets.seal(Buffer.from('secret')))).toString()).toBe(
      'secret',
    );
  });

  test.each(['missing', 'changed', 'no key at all'])(
    'when it is %s, Belfry says what to do and does not start',
    async (how) => {
      const where = folder();
      const belfry = await Belfry.start({ data: where });
      await belfry.makeSite();
      await belfry.stop();
      const key = join(where, 'secrets.key');
      const right = readFileSync(key);
      if (how === 'missing') rmSync(key);
      else writeFileSync(key, how === 'changed' ? `${randomBytes(32).toString('hex')}\n` : 'x');
      await expect(belfry.launch()).rejects.toThrow(/secrets\.key.* backup/);
      // nothing was lost: with the right one it goes on
      writeFileSync(key, right);
      await belfry.launch();
      expect((await belfry.api<{ items: unknown[] }>('GET', '/sites')).items).toHaveLength(1);
      await belfry.stop();
    },
  );
});

describe('the writer thread', () => {
  test('is started again when it ends, holds the folder again, and loses nothing that was answered for', async () => {
    const where = folder();
    const belfry = await Belfry.start({ data: where });
    try {
      const site = await belfry.makeSite();
      await belfry.writerThread.terminate();
      await eventually(
        'it is written again',
        async () => (await belfry.call('PATCH', `/sites/${site.id}`, { name: 'After' })).status === 200,
      );
      expect(belfry.log.join()).toContain('started again');
      expect(await belfry.api('GET', `/sites/${site.id}`)).toMatchObject({ name: 'After' });
      // the new one keeps a second Belfry out, too
      expect(await refusal(fileIn(where))).toMatch(/Another Belfry is using/);
    } finally {
      await belfry.stop();
    }
    expect(await (await open(fileIn(where))).sites.all()).toHaveLength(1);
  });

  test('while there is none, what is asked is refused as unavailable, not as a fault', async () => {
    const belfry = await Belfry.start({ data: folder() });
    try {
      const site = await belfry.makeSite();
      const asked = belfry.call<Problem>('PATCH', `/sites/${site.id}`, { name: 'x' });
      const ended = belfry.writerThread.terminate();
      const answer = await asked;
      expect([200, 503]).toContain(answer.status);
      await ended;
    } finally {
      await belfry.stop();
    }
  });
});

describeWith('openssl', 'storage under a running send', () => {
  let certificates: Certificates;
  let service: PushService;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
  });
  afterAll(async () => {
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  test('a writer that ends in the middle of a send: everyone gets it, and the numbers add up', async () => {
    const belfry = await Belfry.start({ service, certificates, data: folder() });
    try {
      const site = await belfry.makeSite();
      const people = await belfry.people(site, service, 300);
      const slow = service.disturb(() => ({ delay: 30 }));
      const { id } = await belfry.send(site);
      await belfry.until(id, ({ counts }) => counts.accepted > 0);
      await belfry.writerThread.terminate();
      const done = await belfry.until(id, 'finished', 40);
      slow();
      expect(done.counts).toMatchObject({ total: 300, accepted: 300, pending: 0 });
      let twice = 0;
      for (const { browser } of people) {
        expect(browser.received.length).toBeGreaterThan(0);
        if (browser.received.length > 1) twice++;
      }
      // what was sent twice is told, and is no more than may be under way
      expect(twice).toBeLessThanOrEqual(done.counts.repeated);
      expect(done.counts.repeated).toBeLessThanOrEqual(200);
    } finally {
      await belfry.stop();
    }
  });

  /** A file system of so many kilobytes of its own; null where this user may not mount one. */
  function smallDisk(kilobytes: number): { path: string; unmount(): void } | null {
    const path = folder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path], { stdio: 'ignore' });
    } catch {
      console.warn('Skipped: a full disk can be tried only by root on Linux, who may mount a small one.');
      return null;
    }
    return { path, unmount: () => execFileSync('umount', ['-l', path]) };
  }

  test('a full disk: 503 and nothing half-written; sending goes on when there is room again', async (context) => {
    const disk = smallDisk(6000);
    if (disk === null) return context.skip();
    const belfry = await Belfry.start({ service, certificates, data: disk.path });
    try {
      const site = await belfry.makeSite();
      const people = await belfry.people(site, service, 30);
      let open: (value?: unknown) => void = () => {};
      const until = new Promise((resolve) => {
        open = resolve;
      });
      const held = service.disturb(() => ({ until }));
      const before = service.requests.length;
      const { id } = await belfry.send(site);
      await eventually('it is under way', () => service.requests.length >= before + 20);

      // everything that is left
      const ballast = join(disk.path, 'ballast');
      try {
        writeFileSync(ballast, Buffer.alloc(64 * 1024 * 1024));
      } catch {
        // full now
      }
      const counts = () => belfry.api<object>('GET', `/subscribers/counts?site=${site.id}`);
      const here = await counts();
      // the log that is already there has room for a few more
      const refused = await (async () => {
        for (let i = 0; i < 2000; i++) {
          const answer = await belfry.subscribe(site, service.subscribe(site.vapidPublicKey));
          if (answer.status !== 201) return answer;
        }
        return null;
      })();
      expect(refused).toMatchObject({
        status: 503,
        body: {
          code: 'unavailable',
          visitorMessage: expect.any(String),
          detail: expect.stringMatching(/disk .* full/),
        },
      });
      const full = await counts();
      expect((await belfry.subscribe(site, service.subscribe(site.vapidPublicKey))).status).toBe(503);
      expect(await counts()).toEqual(full);
      expect(full).not.toEqual({ ...here, active: -1 });

      // the answers come, and cannot be written
      open();
      held();
      await eventually('it says so', () => belfry.log.some((line) => line.includes('trying again')));
      const troubles = async () => (await belfry.api<System>('GET', '/system')).troubles;
      await eventually('the console is told', async () => (await troubles()).some(({ id }) => id === 'full'));
      expect(await troubles()).toMatchObject([
        { title: 'The disk is full', detail: expect.stringMatching(/Free some room .* goes by itself/) },
      ]);
      rmSync(ballast);
      const done = await belfry.until(id, 'finished', 40);
      expect(done.counts).toMatchObject({ total: 30, accepted: 30, repeated: 0 });
      for (const { browser } of people) expect(browser.received).toHaveLength(1);
      expect((await belfry.subscribe(site, service.subscribe(site.vapidPublicKey))).status).toBe(201);
      await eventually('it is not full any more', async () =>
        (await troubles()).every(({ id }) => id !== 'full'),
      );
      // so small a disk is always nearly full, and that is said, too
      await eventually('a warning', async () => (await troubles()).some(({ id }) => id === 'low'));
    } finally {
      await belfry.stop();
      disk.unmount();
    }
    expect(belfry.log.join()).not.toContain('/push/');
  });

  test('a folder that may only be read is refused in words', async (context) => {
    const disk = smallDisk(1000);
    if (disk === null) return context.skip();
    try {
      openForWriting(fileIn(disk.path)).close();
      execFileSync('mount', ['-o', 'remount,ro', disk.path]);
      expect(() => openForWriting(fileIn(disk.path))).toThrow(/cannot be written. Check the folder/);
      expect(() => openKeyFile(join(disk.path, 'new'))).toThrow(/cannot be written. Check the folder/);
      expect(await refusal(fileIn(disk.path))).toMatch(/^DatabaseRefused: .* cannot be written/);
    } finally {
      disk.unmount();
    }
  });

  test('a copy of the data taken after a stop is a backup: started elsewhere, it is all there', async () => {
    const belfry = await Belfry.start({ service, certificates, data: folder() });
    const site = await belfry.makeSite();
    const [one] = await belfry.people(site, service, 1);
    await belfry.stop();
    const elsewhere = folder();
    for (const name of ['belfry.db', 'secrets.key']) cpSync(join(belfry.data, name), join(elsewhere, name));
    const restored = await Belfry.start({ service, certificates, data: elsewhere });
    try {
      expect(await restored.subscriber(one?.id ?? '')).toMatchObject({ state: 'active' });
      expect((await restored.until((await restored.send(site)).id, 'finished')).counts.accepted).toBe(1);
    } finally {
      await restored.stop();
    }
  });
});
