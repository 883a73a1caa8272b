import type Database from 'better-sqlite3';
import type { IdSet } from './id-set.ts';

/** As much as is remembered, in bytes: of a million people, 256 leaves. */
const MOST = 32 * 1024 * 1024;

/** Sets of ids that were read, until anything is committed to the database; the one used last goes last. */
export class SetCache {
  readonly #version: Database.Statement<[], number>;
  readonly #sets = new Map<string, IdSet>();
  #bytes = 0;
  #seen: number | null = null;

  /** @param db a connection that does not write: `data_version` tells what others did */
  constructor(db: Database.Database) {
    this.#version = db.prepare<[], number>('PRAGMA data_version').pluck();
  }

  /** To be called as the first thing of a transaction, whose moment it is about. */
  forgetOlder(): void {
    const version = this.#version.get() ?? null;
    if (version === this.#seen) return;
    this.#seen = version;
    this.#sets.clear();
    this.#bytes = 0;
  }

  get(key: string): IdSet | null {
    const set = this.#sets.get(key);
    if (set === undefined) return null;
    this.#sets.delete(key);
    this.#sets.set(key, set);
    return set;
  }

  put(key: string, set: IdSet): IdSet {
    this.#sets.set(key, set);
    this.#bytes += set.bytes;
    for (const [oldest, { bytes }] of this.#sets) {
      if (this.#bytes <= MOST) break;
      this.#sets.delete(oldest);
      this.#bytes -= bytes;
    }
    return set;
  }
}
