interface Waiting<T, R> {
  items: T[];
  resolve(results: R[]): void;
  reject(error: unknown): void;
}

/** So many waiting are worth a batch of their own while another one is being written. */
const CROWD = 32;

/**
 * Gathers what arrives while a batch is being written into the next batch, so that many callers share a commit
 * (group commit): alone, a caller waits for nobody; in a crowd, syncs stay few. A crowd has two batches under way, so
 * that the writer finds the second one there when it has ended the first.
 * @param write takes at most `limit` items unless a single caller brings more; gives one result for each, in order.
 * It does one call after the other
 */
export function batcher<T, R>(write: (items: T[]) => Promise<R[]>, limit: number) {
  let queue: Waiting<T, R>[] = [];
  let underWay = 0;
  let planned = false;

  // what arrives in this turn of the event loop belongs together
  function plan() {
    if (planned || queue.length === 0) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      if (underWay === 0 || (underWay === 1 && queue.length >= CROWD)) void writeBatch();
    });
  }

  async function writeBatch() {
    const batch: Waiting<T, R>[] = [];
    let size = 0;
    while (queue[batch.length] && (batch.length === 0 || size < limit)) {
      const next = queue[batch.length] as Waiting<T, R>;
      batch.push(next);
      size += next.items.length;
    }
    queue = queue.slice(batch.length);
    underWay += 1;
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
    underWay -= 1;
    plan();
  }

  return (items: T[]): Promise<R[]> =>
    new Promise((resolve, reject) => {
      queue.push({ items, resolve, reject });
      plan();
    });
}
