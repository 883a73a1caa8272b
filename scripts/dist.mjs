// npm run dist              the installers of this system, in dist/
// npm run dist -- --dir     only the unpacked application
// Anything else goes to electron-builder as it is.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');

const root = resolve(import.meta.dirname, '..');
const given = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
const platform = { darwin: '--mac', win32: '--win' }[process.platform] ?? '--linux';

/** A runtime that is here already, instead of one to download. */
function runtime() {
  if (!given) return [];
  const version = readFileSync(join(given, 'version'), 'utf8').trim().replace(/^v/, '');
  return [`-c.electronDist=${resolve(given)}`, `-c.electronVersion=${version}`];
}

await ensureBuilt();
rmSync(join(root, 'dist'), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/electron-builder/cli.js'),
    platform,
    '--publish=never',
    ...runtime(),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
