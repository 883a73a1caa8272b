// npm run dev                the desktop window, or the browser's console where there is none, anew on every change
// npm run dev -- --serve     without a window; other arguments go to Belfry
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();

const root = resolve(import.meta.dirname, '..');
const own = process.argv.slice(2).filter((argument) => argument !== '--serve');
const script = process.argv.includes('--serve') ? 'serve.mjs' : 'start.mjs';
const data = process.env['BELFRY_DATA'] ?? join(root, '.belfry');

/** Starts a script of this folder. `ended` resolves to its exit code. */
function run(name, ...args) {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, BELFRY_DATA: data },
  });
  return { child, ended: new Promise((done) => child.once('exit', done)) };
}

let program = null;
let leaving = false;
let changed = true;
let wake = () => {};

for (const folder of ['main', 'renderer', 'preload', 'landing']) {
  watch(join(root, folder), { recursive: true }, () => {
    changed = true;
    wake();
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    leaving = true;
    await stop();
    process.exit(0);
  });
}

async function stop() {
  const ending = program;
  program = null;
  ending?.child.kill('SIGTERM');
  await ending?.ended;
}

// The same build as everyone's, with the same strict policy: what works here works there.
while (!leaving) {
  if (!changed) {
    await new Promise((next) => {
      wake = next;
    });
  }
  // an editor saves several files at once
  await new Promise((next) => setTimeout(next, 100));
  changed = false;
  const built = (await run('build.mjs').ended) === 0;
  if (leaving || changed) continue;
  if (!built) {
    console.error('Not built, so the former one goes on. Save a file to try again.');
    continue;
  }
  await stop();
  const next = run(script, ...own);
  program = next;
  next.ended.then(() => {
    if (!leaving && program === next)
      console.error('Belfry ended. Save a file to start it again, or press Ctrl-C.');
  });
}
