import { parentPort } from 'node:worker_threads';
import { type FromThread, type OperationsOf, packError, type ToThread } from './protocol.ts';

/** A thread's way to tell its client something unasked. */
export interface ThreadServer<Events> {
  emit<K extends keyof Events & string>(event: K, data: Events[K], transfer?: readonly ArrayBuffer[]): void;
}

/**
 * Offers operations to the ThreadClient that started this thread. Call it once, at the top of a `*.thread.ts` file.
 * What an operation returns, or resolves to, is copied to the caller; what it throws arrives there with its name,
 * message and `code`. Calls are begun in the order in which they were made.
 * @param onClose runs when the client closes the thread, before the thread ends: close files and connections here
 */
export function serveThread<O extends OperationsOf<O>, Events = Record<never, never>>(
  operations: O,
  onClose: () => void | Promise<void> = () => {},
): ThreadServer<Events> {
  const port = parentPort;
  if (!port) throw new Error('This file runs in a thread of its own and must be started by a ThreadClient.');
  const post = (message: FromThread, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  const table = new Map<string, (...args: never[]) => unknown>(Object.entries(operations));

  const run = async (id: number, name: string, args: unknown[]) => {
    try {
      const operation = table.get(name);
      if (!operation) throw new Error(`The thread offers no operation “${name}”.`);
      post({ answer: id, value: await operation(...(args as never[])) });
    } catch (error) {
      post({ failure: id, error: packError(error) });
    }
  };

  port.on('message', (message: ToThread) => {
    if ('call' in message) void run(message.call, message.name, message.args);
    // in a thread, process.exit ends the thread alone
    else void Promise.resolve(onClose()).finally(() => process.exit(0));
  });

  return { emit: (event, data, transfer) => post({ event, data }, transfer) };
}
