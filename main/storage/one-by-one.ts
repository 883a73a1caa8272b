/**
 * Lets one piece of work run at a time. One whose caller has given up before its turn is never begun: of the counts
 * that somebody's typing asks for, only the newest matters.
 */
export function oneByOne() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const mine = last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    last = mine.catch(() => {});
    return mine;
  };
}
