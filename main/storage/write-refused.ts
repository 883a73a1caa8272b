import type { Logger } from '../core/ports/surroundings.ts';
import { Refusal } from '../core/refusal.ts';

/** A full disk refuses every request; the log need not say so more often than this. Milliseconds. */
const SAY_EVERY = 10_000;

/**
 * Tells a write that the system would not take (a full disk, a writer that ended) from a fault of ours, which is
 * given back as it is. Nothing of such a write is stored.
 * @param refused hears the code of each
 */
export function writeRefused(log: Logger, refused: (code: string) => void): (error: unknown) => unknown {
  let said = 0;
  return (error) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // what a write belongs to was there when it was asked for, and was removed before its turn came
    if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY')
      return new Refusal('not_found', 'What this belongs to was removed in the meantime.');
    if (!/^(SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN)|thread-ended$)/.test(code)) return error;
    refused(code);
    const now = Date.now();
    if (now - said > SAY_EVERY) {
      said = now;
      log.error({ code }, 'The database cannot be written');
    }
    return new Refusal(
      'unavailable',
      code === 'SQLITE_FULL'
        ? 'The disk of the database is full, so nothing was stored. Free some room, then try again.'
        : 'The database cannot be written at the moment, so nothing was stored. Try again in a moment.',
    );
  };
}
