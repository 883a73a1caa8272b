import type { ClientConfig, Report } from '../../main/contract/public.ts';

/** What a browser remembers of one site. */
export interface SiteMemory {
  server: string;
  /** What the person last chose here: a lost subscription is renewed only for `in`. */
  choice?: 'in' | 'out';
  /** The endpoint that the server last confirmed. */
  endpoint?: string;
  /** The person subscribed and the server does not know it yet. */
  unsent?: boolean;
  /** Endpoints that the person left with and that the server does not know of yet. */
  removals?: string[];
  /** One that the browser gave up without making another, and that the server does not know of yet. */
  lost?: string | undefined;
  /** Of the site's topics, those that the person chose. */
  topics?: string[];
  /** The configuration as last seen, for when the server is down. */
  config?: ClientConfig;
}

/** A report that could not be sent, and where it belongs. */
export interface KeptReport {
  url: string;
  report: Report;
}

interface Values {
  /** The site that was last initialised, for a worker whose address does not name it. */
  current: { site: string; server: string };
  reports: KeptReport[];
  [site: `site:${string}`]: SiteMemory;
}

/** A few values that the page and the worker share. */
export interface Store {
  /**
   * Replaces one value by what `change` makes of it, in one transaction, so that tabs and the worker never
   * overwrite each other. Never rejects. Resolves to the new value.
   */
  update<K extends keyof Values>(
    key: K,
    change: (value: Values[K] | undefined) => Values[K] | undefined,
  ): Promise<Values[K] | undefined>;
}

/** Some browsers neither open a database nor say that they won't. */
const patience = 2000;

/** The values in IndexedDB; in memory, for as long as the page lives, where the browser blocks storage. */
export function openStore(): Store {
  const memory = new Map<string, unknown>();
  let opened: Promise<IDBDatabase | null> | undefined;

  const open = () =>
    new Promise<IDBDatabase | null>((done) => {
      const giveUp = () => done(null);
      setTimeout(giveUp, patience);
      try {
        const request = indexedDB.open('belfry', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('values');
        request.onerror = giveUp;
        request.onsuccess = () => {
          request.result.onversionchange = () => {
            request.result.close();
            opened = undefined;
          };
          done(request.result);
        };
      } catch {
        giveUp();
      }
    });

  async function update<T>(key: string, change: (value: T | undefined) => T | undefined) {
    opened ??= open();
    const database = await opened;
    return new Promise<T | undefined>((done) => {
      const inMemory = () => {
        const value = change(memory.get(key) as T | undefined);
        memory.set(key, value);
        done(value);
      };
      try {
        if (!database) return inMemory();
        const transaction = database.transaction('values', 'readwrite');
        const values = transaction.objectStore('values');
        const read: IDBRequest<T | undefined> = values.get(key);
        let value: T | undefined;
        read.onsuccess = () => {
          value = change(read.result);
          values.put(value, key);
        };
        transaction.oncomplete = () => done(value);
        transaction.onabort = inMemory;
      } catch {
        inMemory();
      }
    });
  }
  return { update };
}
