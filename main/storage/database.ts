import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrations } from './migrations/index.ts';
import { DatabaseRefused } from './refused.ts';

/** Says that a file is one of ours: “Blfy”. */
const APPLICATION_ID = 0x426c6679;

/**
 * Opens the database for writing, making or migrating it as needed. Each migration runs in a transaction of its
 * own, after a copy of the file as it was has been kept beside it (`belfry.db.before-0002`).
 * @param steps the migrations in order; a test's own, to see what becomes of one that fails
 * @throws DatabaseRefused when the file is of a later version, of another program, damaged, or in use
 */
export function openForWriting(file: string, steps = migrations): Database.Database {
  const existed = existsSync(file);
  let db: Database.Database;
  try {
    if (existed) inspect(file, steps.length);
    db = new Database(file, { timeout: 5000 });
    db.pragma('journal_mode = WAL');
  } catch (error) {
    throw refusal(file, error);
  }
  try {
    configure(db);
    migrate(db, file, steps);
  } catch (error) {
    db.close();
    throw refusal(file, error);
  }
  return db;
}

/**
 * Keeps the database to one program: a second one would send everything twice. The lock is a transaction held open
 * on a file beside it, which the system lets go of however the program ends.
 * @throws DatabaseRefused when another program holds it
 */
export function holdAlone(file: string): Database.Database {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(`${file}.lock`, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')))
      throw refusal(file, error);
    throw new DatabaseRefused(
      `Another Belfry is using ${file}. Close that one first, or choose another folder with --data.`,
    );
  }
}

/** Opens the database for reading only; it must have been opened for writing first. */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  db.pragma('query_only = ON');
  db.pragma('mmap_size = 268435456');
  db.pragma('cache_size = -32768');
  // lists of people that a count needs: a million are some 20 MB, and a file would make it wait for the disk
  db.pragma('temp_store = MEMORY');
  return db;
}

/** The 32 random bytes made with the database. */
export function idSecret(db: Database.Database): Uint8Array {
  const secret = db
    .prepare<[], Uint8Array>("SELECT value FROM setting WHERE name = 'id_secret'")
    .pluck()
    .get();
  if (secret === undefined)
    throw new DatabaseRefused(`${db.name} lacks a part that every Belfry database has.`);
  return secret;
}

/** Looks at a file without writing to it: switching to WAL would already change a stranger's file. */
function inspect(file: string, newest: number) {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
    const version = db.pragma('user_version', { simple: true }) as number;
    const application = db.pragma('application_id', { simple: true });
    if (tables > 0 && application !== APPLICATION_ID)
      throw new DatabaseRefused(
        `${file} is a database of another program. Choose another data folder, or move that file away.`,
      );
    if (version > newest)
      throw new DatabaseRefused(
        `${file} was last used by a newer Belfry (its format is ${version}, this one knows ${newest}). ` +
          'Install that version or a later one; nothing was changed.',
      );
    const verdict = db.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new Database.SqliteError(String(verdict), 'SQLITE_CORRUPT');
  } finally {
    db.close();
  }
}

function configure(db: Database.Database) {
  // FULL: what was answered for survives a power cut. Commits are grouped, so that syncs stay few.
  db.pragma('synchronous = FULL');
  // macOS keeps what was synced in the drive's own cache unless it is asked for more; elsewhere this does nothing
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  db.pragma('foreign_keys = ON');
  db.pragma('wal_autocheckpoint = 16000');
  db.pragma('mmap_size = 268435456');
  db.pragma('cache_size = -65536');
  db.pragma('temp_store = MEMORY');
}

function migrate(db: Database.Database, file: string, steps: typeof migrations) {
  const from = db.pragma('user_version', { simple: true }) as number;
  for (let version = from + 1; version <= steps.length; version++) {
    const migration = steps[version - 1];
    if (migration === undefined) break;
    if (from > 0) keepCopy(db, `${file}.before-${String(version).padStart(4, '0')}`);
    db.transaction(() => {
      migration(db);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version}`);
    }).exclusive();
  }
}

function keepCopy(db: Database.Database, copy: string) {
  rmSync(copy, { force: true });
  db.prepare('VACUUM INTO ?').run(copy);
}

function refusal(file: string, error: unknown): Error {
  if (error instanceof DatabaseRefused) return error;
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new DatabaseRefused(
      `${file} is damaged and was left as it is. Put a copy of it from a backup in its place ` +
        '(docs/operating.md, “Backup and recovery”), or move it away to begin anew.',
    );
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new DatabaseRefused(`${file} is in use by another program. Close that one first.`);
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_PERM')
  )
    return new DatabaseRefused(
      `${file} cannot be written. Check the folder and its permissions, or choose another one with --data.`,
    );
  if (code.startsWith('SQLITE_IOERR'))
    return new DatabaseRefused(
      `${file} cannot be read or written: the system reports an error. Check the disk, or choose another folder with --data.`,
    );
  if (code.startsWith('SQLITE_FULL'))
    return new DatabaseRefused(`There is no room left on the disk for ${file}. Free some, then start again.`);
  return error instanceof Error ? error : new Error(String(error));
}
