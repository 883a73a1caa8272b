import { Worker, type WorkerOptions } from 'node:worker_threads';
import { type FromThread, type OperationsOf, type ToThread, unpackError } from './protocol.ts';

/** Why a call has no answer: the thread ended first. `code` is `thread-ended`. */
export class ThreadEnded extends Error {
  readonly code = 'thread-ended';

  constructor(name: string, cause?: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super(`The thread “${name}” ended before it answered${why}.`, { cause });
    this.name = 'ThreadEnded';
  }
}

export interface ThreadOptions extends Pick<WorkerOptions, 'workerData' | 'env' | 'resourceLimits'> {
  /** For debuggers and messages. */
  name: string;
  /**
   * Called once when the thread ends without `close`, after every pending call was rejected. The client is of no
   * use from then on: whoever wants the thread back makes another one.
   */
  onCrash?: (error: Error) => void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * One thread and the calls to it, typed by what its file hands to `serveThread`:
 *
 *     // counter.thread.ts
 *     const operations = { add: (a: number, b: number) => a + b };
 *     export type Counter = typeof operations;
 *     serveThread(operations);
 *
 *     // beside it (the type's import leaves nothing at run time)
 *     const counter = new ThreadClient<Counter>(threadFile('counter', import.meta.url), { name: 'counter' });
 *     await counter.call('add', 1, 2);
 *
 * `Events` names what the thread emits unasked, with the data of each.
 */
export class ThreadClient<O extends OperationsOf<O>, Events = Record<never, never>> {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, ((data: never) => void)[]>();
  readonly #ended: Promise<void>;
  #calls = 0;
  #closing = false;
  #cause: Error | null = null;
  #over = false;

  constructor(file: URL, options: ThreadOptions) {
    const { onCrash, ...worker } = options;
    this.#name = options.name;
    this.#worker = new Worker(file, worker);
    this.#worker.on('message', (message: FromThread) => this.#take(message));
    const fail = (error: Error) => {
      this.#cause = error;
      void this.#worker.terminate();
    };
    this.#worker.on('error', fail);
    this.#worker.on('messageerror', fail);
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#over = true;
        const error = this.#endedError();
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
        resolve();
        if (!this.#closing) onCrash?.(error);
      });
    });
  }

  /**
   * Calls an operation. Arguments are copied (structured clone).
   * @throws what the operation throws, with its name, message and `code`; ThreadEnded when the thread is gone
   */
  call<K extends keyof O & string>(name: K, ...args: Parameters<O[K]>): Promise<Awaited<ReturnType<O[K]>>> {
    return this.callTransferring([], name, ...args);
  }

  /** As `call`, but the buffers named move to the thread instead of being copied, and are empty here afterwards. */
  callTransferring<K extends keyof O & string>(
    transfer: readonly ArrayBuffer[],
    name: K,
    ...args: Parameters<O[K]>
  ): Promise<Awaited<ReturnType<O[K]>>> {
    return new Promise((resolve, reject) => {
      if (this.#over || this.#closing) return reject(this.#endedError());
      const call = ++this.#calls;
      this.#post({ call, name, args }, transfer); // throws here, rejecting, what cannot be copied
      this.#pending.set(call, { resolve: resolve as Pending['resolve'], reject });
    });
  }

  /** Listens to what the thread emits. */
  on<K extends keyof Events & string>(event: K, listener: (data: Events[K]) => void): void {
    const listeners = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...listeners, listener]);
  }

  /**
   * Lets the thread run its `onClose` and end; one that does not within `grace` milliseconds is stopped. What has
   * no answer by then is rejected with ThreadEnded. Closing twice is fine.
   */
  async close(grace = 5000): Promise<void> {
    if (!this.#closing && !this.#over) {
      this.#closing = true;
      this.#post({ close: true });
    }
    const timer = setTimeout(() => void this.#worker.terminate(), grace);
    await this.#ended;
    clearTimeout(timer);
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #take(message: FromThread): void {
    if ('event' in message) {
      for (const listener of this.#listeners.get(message.event) ?? []) listener(message.data as never);
    } else if ('answer' in message) {
      this.#settle(message.answer)?.resolve(message.value);
    } else {
      this.#settle(message.failure)?.reject(unpackError(message.error));
    }
  }

  #settle(call: number): Pending | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    return pending;
  }

  #endedError(): ThreadEnded {
    return new ThreadEnded(this.#name, this.#cause ?? undefined);
  }
}
