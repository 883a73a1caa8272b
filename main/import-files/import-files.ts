import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Delimiter } from '../contract/imports.ts';
import type { ImportFiles } from '../core/ports/imports.ts';
import { Refusal } from '../core/refusal.ts';
import { ThreadClient } from '../threads/client.ts';
import { threadFile } from '../threads/file.ts';
import type { ImportFileOperations } from './import-file.thread.ts';

/** Bytes of the list of refused rows that are given at once. */
const pieceSize = 512 * 1024;
/** Milliseconds without anything to read, after which the thread ends. */
const idleFor = 30_000;

/**
 * Files that came in, in a folder of their own that only this user can read: they hold what it takes to send to
 * people. They are read on a thread of its own, which ends when there was nothing to read for a while.
 */
export function importFiles(folder: string): ImportFiles {
  const pathOf = (file: number) => join(folder, `${file}.rows`);
  const refusedOf = (file: number) => join(folder, `${file}.refused.csv`);
  let thread: ThreadClient<ImportFileOperations> | null = null;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  /** The thread, until `leave` was called as often. */
  function enter(): ThreadClient<ImportFileOperations> {
    clearTimeout(idle);
    users++;
    thread ??= new ThreadClient<ImportFileOperations>(threadFile('import-file', import.meta.url), {
      name: 'import',
      // what a hostile file makes of it ends this thread, and not Belfry
      resourceLimits: { maxOldGenerationSizeMb: 384 },
      onCrash: () => {
        thread = null;
      },
    });
    return thread;
  }
  function leave(): void {
    if (--users === 0) idle = setTimeout(() => void end(), idleFor).unref();
  }
  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = null;
    await ending?.close();
  }

  return {
    async append(file, offset, bytes) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const handle = await open(pathOf(file), offset === 0 ? 'w' : 'r+', 0o600);
        try {
          await handle.write(bytes, 0, bytes.length, offset);
        } finally {
          await handle.close();
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new Refusal(
          'unavailable',
          code === 'ENOSPC'
            ? 'There is no room left on the disk for the file. Free some, then go on.'
            : 'The file cannot be kept: the data folder cannot be written.',
        );
      }
    },

    size: (file) =>
      stat(pathOf(file)).then(
        ({ size }) => size,
        () => 0,
      ),

    async preview(file, { encoding, delimiter }) {
      const here = enter();
      try {
        return await here.call('preview', pathOf(file), {
          encoding,
          delimiter: delimiter as Delimiter | undefined,
        });
      } catch (error) {
        throw told(error);
      } finally {
        leave();
      }
    },

    async read(file, settings) {
      const here = enter();
      try {
        await here.call('open', pathOf(file), refusedOf(file), settings);
      } catch (error) {
        leave();
        throw told(error);
      }
      return {
        next: () => here.call('next'),
        refuse: (batch, rows) => here.call('refuse', batch, rows),
        close: () =>
          here
            .call('release')
            .catch(() => {}) // it may have ended, and then holds nothing open
            .finally(leave),
      };
    },

    async refused(file, offset) {
      const handle = await open(refusedOf(file), 'r').catch(() => null);
      if (handle === null) return { text: '', nextOffset: null };
      try {
        const bytes = Buffer.alloc(pieceSize);
        const { bytesRead } = await handle.read(bytes, 0, pieceSize, offset);
        if (bytesRead < pieceSize) return { text: bytes.subarray(0, bytesRead).toString(), nextOffset: null };
        // at a line's end, so that no character is cut
        const end = bytes.lastIndexOf(0x0a) + 1 || bytesRead;
        return { text: bytes.subarray(0, end).toString(), nextOffset: offset + end };
      } finally {
        await handle.close();
      }
    },

    removeRows: (file) => rm(pathOf(file), { force: true }),

    async remove(file) {
      await rm(pathOf(file), { force: true });
      await rm(refusedOf(file), { force: true });
    },

    close: end,

    async removeOthers(files) {
      const kept = new Set(files.map(String));
      const names = await readdir(folder).catch(() => []);
      for (const name of names)
        if (/^\d+\.(rows|refused\.csv)$/.test(name) && !kept.has(name.split('.')[0] ?? ''))
          await rm(join(folder, name), { force: true });
    },
  };
}

/** What is wrong with a file is the caller's to know; anything else is a fault of ours. */
const told = (error: unknown): unknown =>
  error instanceof Error && error.name === 'FileProblem'
    ? new Refusal('invalid_input', error.message)
    : error;
