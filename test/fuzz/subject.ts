import { subscribe } from 'node:diagnostics_channel';
import { type Options, parseOptions } from '../../main/options.ts';
import { startProgram } from '../../main/program.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';

/**
 * The whole program in a process of its own, to be fuzzed: it tells how much memory it needs when nothing happens,
 * what it logged of faults, and how many connections it made to anywhere.
 */
let dialled = 0;
subscribe('net.client.socket', () => {
  dialled += 1;
});
const faults: string[] = [];
const note = (data: Record<string, unknown>, message: string) =>
  void faults.push(JSON.stringify({ ...data, message }));

export interface Told {
  heap: number;
  rss: number;
  dialled: number;
  faults: string[];
}

/** What is free is given back before it is measured. */
async function settle(): Promise<Told> {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss, dialled, faults };
}

process.once('message', async (args: string[]) => {
  const options = parseOptions(args, {}) as Options;
  const program = await startProgram(options, {
    secrets: openKeyFile(options.data),
    log: { info: () => {}, warn: note, error: note },
    version: '0.0.0-fuzz',
  });
  process.on('message', async (wish) => {
    if (wish === 'settle') process.send?.(await settle());
    else {
      await program.close();
      process.disconnect();
    }
  });
  process.send?.({
    public: program.addresses.public,
    console: program.addresses.console,
    token: program.token,
  });
});
