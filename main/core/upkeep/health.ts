import type { Trouble } from '../../contract/system.ts';
import type { Live } from '../live.ts';
import type { Storage, StorageTrouble } from '../ports/storage.ts';

const size = (bytes: number) => `${Math.max(1, Math.round(bytes / 1024 / 1024))} MB`;

const later =
  'What was sent keeps its results and is written as soon as that is possible; nothing new is sent until then, and ' +
  'visitors’ browsers try again by themselves. This notice goes by itself.';

function words(trouble: StorageTrouble, folder: string): { title: string; detail: string } {
  switch (trouble.kind) {
    case 'full':
      return {
        title: 'The disk is full',
        detail: `Nothing can be stored in ${folder}. Free some room on that disk. ${later}`,
      };
    case 'low':
      return {
        title: 'The disk is nearly full',
        detail: `${size(trouble.freeBytes)} are left where ${folder} lies. Free some room before nothing can be stored any more.`,
      };
    case 'busy':
      return {
        title: 'Another program holds the database',
        detail: `Close what else has the database in ${folder} open: a viewer, a script, a backup that copies it. ${later}`,
      };
    case 'failing':
      return {
        title: 'The database cannot be written',
        detail: `The system reports an error for ${folder}. Check the disk, and who may write there. ${later}`,
      };
    case 'restarting':
      return {
        title: 'The part of Belfry that writes is being started again',
        detail: `It ended unexpectedly. If this stays, end Belfry and start it again. ${later}`,
      };
    case 'missing':
      return {
        title: 'The database file was deleted, moved or replaced',
        detail:
          'Belfry still holds the one that it opened and works on, but what it writes now is lost when it ends. ' +
          (trouble.rescued === null
            ? `A copy of it could not be written to ${folder} either. Make room there, or do not end Belfry before someone who knows SQLite has looked.`
            : `It has written all that it holds to ${trouble.rescued}, and does so again when it ends. End Belfry, put that copy in the place of belfry.db, delete belfry.db-wal and belfry.db-shm, and start again.`),
      };
  }
}

/** What is wrong with Belfry’s surroundings right now, in words for the operator; changes are told live. */
export class Health {
  readonly #storage: Storage;
  readonly #folder: string;

  constructor(storage: Storage, folder: string, live: Live) {
    this.#storage = storage;
    this.#folder = folder;
    storage.onTroubles(() => live.publish({ type: 'system' }));
  }

  troubles(): Trouble[] {
    return this.#storage.troubles().map((trouble) => ({
      id: trouble.kind,
      ...words(trouble, this.#folder),
      since: new Date(trouble.since).toISOString(),
    }));
  }
}
