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

/** Set to 1 by the caller, in memory that both threads see, when nobody waits for the answer any more. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

/**
 * Lets work in another thread be given up in the middle: it looks at a flag between its steps.
 * @throws the signal's reason, once the work has stopped
 */
export async function stoppable<T>(
  signal: AbortSignal | undefined,
  work: (stop: StopFlag | undefined) => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work(undefined);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const raise = () => Atomics.store(stop, 0, 1);
  signal.addEventListener('abort', raise);
  try {
    return await work(stop);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', raise);
  }
}

export const isRaised = (stop: StopFlag | undefined) => stop !== undefined && Atomics.load(stop, 0) === 1;
