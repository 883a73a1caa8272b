import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { requireExecutable } from './requirements.ts';

export interface Display {
  /** For DISPLAY. */
  name: string;
  close(): Promise<void>;
}

/** Starts an X server without a screen, on a display that it finds free itself. */
export async function startDisplay(): Promise<Display> {
  const server = spawn(
    requireExecutable('xvfb'),
    ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const ended = once(server, 'exit');
  const numbers = createInterface({ input: server.stdio[3] as Readable });
  const number = await Promise.race([once(numbers, 'line'), ended.then(() => null)]);
  if (number === null) throw new Error('Xvfb ended at once.');
  return {
    name: `:${number[0]}`,
    async close() {
      server.kill();
      await ended;
    },
  };
}
