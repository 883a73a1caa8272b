import { rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StorageTrouble } from '../core/ports/storage.ts';
import type { Logger } from '../core/ports/surroundings.ts';

/** Milliseconds between two looks at the disk and the file: when all is well, and when something is not. */
const LOOK = 5000;
const LOOK_AGAIN = 1000;
/** Bytes of room on the disk: fewer are worth a word, and so many must be there for a full disk not to be full. */
const LOW = 64 * 1024 * 1024;
const SOME_ROOM = 1024 * 1024;

interface Means {
  file: string;
  log: Logger;
  /** A small write that is committed. @throws what the database says */
  probe(): Promise<unknown>;
  /** Writes all that the open database holds to another file. */
  copyTo(file: string): Promise<unknown>;
}

/** Keeps what is wrong with the database's disk and file: what writes met, and what a look now and then finds. */
export class Troubles {
  readonly #means: Means;
  readonly #inode: number;
  readonly #now = new Map<StorageTrouble['kind'], StorageTrouble>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(means: Means) {
    this.#means = means;
    this.#inode = inodeOf(means.file) ?? 0;
    this.#later();
  }

  all(): StorageTrouble[] {
    return [...this.#now.values()];
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** A write was refused. @param code of SQLite, or `thread-ended` */
  refused(code: string): void {
    const kind = kindOf(code);
    if (kind !== null) this.#set({ kind, since: Date.now() });
  }

  /** To be called before the database is closed: saves what is in a file that nobody can find any more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    if (this.#isGone()) await this.#rescue();
  }

  #later(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#looking = this.#look()
          .catch((error) => this.#means.log.warn({ error: String(error) }, 'The disk could not be looked at'))
          .finally(() => this.#later());
      },
      this.#now.size > 0 ? LOOK_AGAIN : LOOK,
    ).unref();
  }

  async #look(): Promise<void> {
    const { file } = this.#means;
    if (this.#isGone()) {
      if (!this.#now.has('missing'))
        this.#set({ kind: 'missing', since: Date.now(), rescued: await this.#rescue() });
    } else this.#end('missing');
    const { bavail, bsize } = await statfs(dirname(file));
    const freeBytes = bavail * bsize;
    if (freeBytes < LOW && !this.#now.has('full')) this.#set({ kind: 'low', since: Date.now(), freeBytes });
    else this.#end('low');
    const met = (['full', 'busy', 'failing', 'restarting'] as const).filter((kind) => this.#now.has(kind));
    if (met.length === 0) return;
    await this.#means.probe().catch(() => 'refused'); // which is told of by itself
    // what was refused again has another time now
    for (const kind of met) {
      if ((this.#now.get(kind)?.last ?? 0) > Date.now() - LOOK_AGAIN) continue;
      if (kind === 'full' && freeBytes < SOME_ROOM) continue; // the log has room for little things
      this.#end(kind);
    }
  }

  #isGone(): boolean {
    return inodeOf(this.#means.file) !== this.#inode;
  }

  async #rescue(): Promise<string | null> {
    const { file, log, copyTo } = this.#means;
    const copy = `${file}.rescued`;
    try {
      rmSync(copy, { force: true });
      await copyTo(copy);
      return copy;
    } catch (error) {
      log.error({ error: String(error) }, 'The database file is gone, and no copy could be written');
      return null;
    }
  }

  #set(trouble: StorageTrouble): void {
    const before = this.#now.get(trouble.kind);
    this.#now.set(trouble.kind, { ...trouble, since: before?.since ?? trouble.since, last: Date.now() });
    if (before !== undefined) return;
    this.#means.log.error({ trouble: trouble.kind }, 'Something is wrong with the database’s disk or file');
    this.#tell();
  }

  #end(kind: StorageTrouble['kind']): void {
    if (!this.#now.delete(kind)) return;
    this.#means.log.info({ trouble: kind }, 'That is over');
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function inodeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null;
}

function kindOf(code: string): 'full' | 'busy' | 'failing' | 'restarting' | null {
  if (code === 'SQLITE_FULL') return 'full';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'busy';
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN)/.test(code)) return 'failing';
  return code === 'thread-ended' ? 'restarting' : null;
}
