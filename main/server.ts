import { createLog } from './log.ts';
import { help, OptionError, parseOptions } from './options.ts';
import { type Program, StartError, startProgram, version } from './program.ts';
import { openKeyFile } from './storage/key-file.ts';

/** Whatever it is doing, it ends within five seconds. */
const LAST_MOMENT = 4500;

let program: Program | null = null;
let ending = false;

async function end() {
  if (ending) return;
  ending = true;
  setTimeout(endNow, LAST_MOMENT).unref();
  await program?.close().catch((error) => console.error(String(error)));
  process.exit(0);
}

/**
 * Ends whatever the threads are doing: process.exit would wait for a write under way, however long that takes. What
 * is not committed by now is undone at the next start.
 */
function endNow() {
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}

async function run() {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    console.log(help);
    return;
  }
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const log = createLog();
  program = await startProgram(options, { secrets: openKeyFile(options.data), log, version });
  if (ending) return;
  const { addresses, token } = program;
  if (options.json) {
    const line = { pid: process.pid, version, public: addresses.public, console: addresses.console, token };
    console.log(JSON.stringify(addresses.api === null ? line : { ...line, api: addresses.api }));
    return;
  }
  console.log(`
Belfry ${version} is running.

  Console         ${addresses.console}
  Landing page    ${addresses.public}/${addresses.api === null ? '' : `\n  API             ${addresses.api}/api/v1`}
  Data            ${options.data}

The console’s address holds your token: keep it to yourself. Ctrl-C ends Belfry.
`);
}

run().catch((error) => {
  const known =
    error instanceof OptionError || error instanceof StartError || error?.name === 'DatabaseRefused';
  console.error(known ? error.message : error);
  process.exit(known ? 2 : 1);
});
