interface Waiting<T, R> {
  items: T[];
  resolve(results: R[]): void;
  reject(error: unknown): void;
}

/** In a crowd the next batch waits this long for more of them, in milliseconds: what a commit costs is shared by more. */
const GATHER = 2;
/** So many in the batch before are a crowd. */
const CROWD = 5;

/**
 * Gathers what arrives while a batch is being written into the next batch, so that many callers share a commit
 * (group commit): alone, a caller waits for nobody; in a crowd, syncs stay few.
 * @param write takes at most `limit` items unless a single caller brings more; gives one result for each, in order
 */
export function batcher<T, R>(write: (items: T[]) => Promise<R[]>, limit: number) {
  let queue: Waiting<T, R>[] = [];
  let writing = false;

  async function drain() {
    writing = true;
    // what arrives in this turn of the event loop belongs together
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const batch: Waiting<T, R>[] = [];
      let size = 0;
      while (queue[batch.length] && (batch.length === 0 || size < limit)) {
        const next = queue[batch.length] as Waiting<T, R>;
        batch.push(next);
        size += next.items.length;
      }
      queue = queue.slice(batch.length);
      const crowd = batch.length >= CROWD;
      try {
        const results = await write(batch.flatMap(({ items }) => items));
        let from = 0;
        for (const { items, resolve } of batch) {
          resolve(results.slice(from, from + items.length));
          from += items.length;
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      if (crowd && queue.length < limit) await new Promise((resolve) => setTimeout(resolve, GATHER));
    }
    writing = false;
  }

  return (items: T[]): Promise<R[]> =>
    new Promise((resolve, reject) => {
      queue.push({ items, resolve, reject });
      if (!writing) void drain();
    });
}
