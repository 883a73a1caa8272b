import { type Options, parseOptions } from '../../../main/options.ts';
import { startProgram } from '../../../main/program.ts';
import { openKeyFile } from '../../../main/storage/key-file.ts';

/** The whole program in a process of its own. */
const log = { info: () => {}, warn: () => {}, error: console.error };
process.once('message', async (args: string[]) => {
  const options = parseOptions(args, {}) as Options;
  const program = await startProgram(options, {
    secrets: openKeyFile(options.data),
    log,
    version: '0.0.0-bench',
  });
  process.on('disconnect', async () => {
    await program.close();
    process.exit(0);
  });
  process.send?.({
    public: program.addresses.public,
    console: program.addresses.console,
    token: program.token,
  });
});
// what the thread that answers has used so far, in microseconds
process.on('message', (wish) => {
  if (wish !== 'cpu') return;
  const { user, system } = process.threadCpuUsage();
  process.send?.(user + system);
});
