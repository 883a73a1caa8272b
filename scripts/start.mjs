import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
const { lackingDisplay, sandbox } = await import('./display.mjs');
const { findElectron } = await import('./runtime.mjs');

const root = resolve(import.meta.dirname, '..');
const own = process.argv.slice(2);

/** @returns what to start Electron with, or why it cannot be started here */
async function decide() {
  const lacking = await lackingDisplay();
  if (lacking !== null) return { lacking };
  const electron = await findElectron();
  if ('lacking' in electron) return electron;
  const kind = sandbox(electron.file);
  if (kind === 'no')
    return { lacking: 'this system does not let Electron have its sandbox (user namespaces)' };
  if (kind === 'root')
    console.error('Running as root, so the window’s sandbox is off. Better start Belfry as yourself.');
  return { file: electron.file, flags: kind === 'root' ? ['--no-sandbox'] : [] };
}

/** Runs the window, hands signals on, and ends as it ends. */
function startWindow({ file, flags }) {
  const electron = spawn(file, [...flags, root, '--', ...own], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => electron.kill(signal));
  electron.once('error', (error) => {
    console.error(`Electron could not be started: ${error.message}`);
    process.exit(1);
  });
  electron.once('exit', (code) => process.exit(code ?? 1));
}

await ensureBuilt();
if (own.includes('--help')) {
  await import('../out/main/server.js');
} else {
  const decision = await decide();
  if ('lacking' in decision) {
    console.error(`No window, because ${decision.lacking}: the console is served to your browser instead.`);
    await import('../out/main/server.js');
  } else {
    startWindow(decision);
  }
}
