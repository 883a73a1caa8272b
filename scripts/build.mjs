import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const stamp = join(root, 'out/.built');
const lock = join(root, '.building');
const sources = '{main,renderer,preload,landing}/**/*';
const others = ['vite.config.ts', 'package-lock.json'];

/** The newest change among the sources, in milliseconds, with their number, so that a deleted file counts. */
function sourceState() {
  const files = [...globSync(sources, { cwd: root }), ...others].map((file) => statSync(join(root, file)));
  const times = files.filter((file) => file.isFile()).map((file) => file.mtimeMs);
  return `${times.length} ${Math.max(...times)}`;
}

function isBuilt() {
  try {
    return readFileSync(stamp, 'utf8') === sourceState();
  } catch {
    return false;
  }
}

/** Builds into out/ unless what is there is of these sources. Two processes at once: the second one waits. */
export async function ensureBuilt() {
  for (let waited = 0; !isBuilt(); waited += 100) {
    try {
      mkdirSync(lock);
    } catch {
      if (waited > 180_000) throw new Error(`Another build seems to hang. If there is none, delete ${lock}.`);
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 180_000) rmSync(lock, { recursive: true, force: true });
      await new Promise((done) => setTimeout(done, 100));
      continue;
    }
    try {
      build();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

function build() {
  const state = sourceState();
  rmSync(stamp, { force: true });
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // stdout may be read by a script that waits for one line of JSON: the build speaks on stderr
  const run = spawnSync(process.execPath, [vite, 'build', '--app', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) throw new Error('The build failed; what it said stands above.');
  writeFileSync(stamp, state);
}

if (process.argv[1] === import.meta.filename) await ensureBuilt();
