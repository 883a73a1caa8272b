import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Measures, in a process that does nothing else, how late any event loop on this machine is. */
export function startWatcher() {
  const child = fork(new URL('./watch.ts', import.meta.url), { execArgv: [] });
  return {
    start: () => void child.send('start'),
    /** @returns the 99th percentile since `start`, in milliseconds */
    async stop(): Promise<number> {
      child.send('stop');
      const [delay] = (await once(child, 'message')) as [number];
      return delay;
    },
    async close(): Promise<void> {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
