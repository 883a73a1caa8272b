import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const program =
  { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';
const secondsToDownload = 180;

/**
 * The Electron to start: the one that ELECTRON_OVERRIDE_DIST_PATH names, or the one that npm's package downloaded, or
 * is made to download now.
 * @returns {Promise<{file: string} | {lacking: string}>}
 */
export async function findElectron() {
  const given = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (given) {
    const file = join(given, program);
    if (!existsSync(file)) return { lacking: 'ELECTRON_OVERRIDE_DIST_PATH names a folder without Electron' };
    return starts(file);
  }
  if (!isDownloaded() && !(await download())) {
    return { lacking: 'Electron is not here yet, and its download did not work' };
  }
  return starts(join(folder, 'dist', program));
}

const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : null);

const isDownloaded = () =>
  readText(join(folder, 'dist/version')) === version &&
  existsSync(join(folder, 'path.txt')) &&
  existsSync(join(folder, 'dist', program));

/** A system without Electron's libraries is found out here, and not by a crash. */
function starts(file) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { status, stderr } = spawnSync(file, ['-e', ''], { encoding: 'utf8', env, timeout: 20_000 });
  if (status === 0) return { file };
  const library = /lib[\w.+-]+\.so[.\d]*/.exec(stderr ?? '')?.[0];
  return {
    lacking: library ? `Electron lacks ${library} on this system` : 'Electron does not run on this system',
  };
}

/** Electron's own download, quietly; false when it fails or takes too long. */
async function download() {
  if (!(await isReachable())) return false;
  console.error('Fetching Electron (about 110 MB, only this once)…');
  const install = spawn(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore' });
  const late = setTimeout(() => install.kill(), secondsToDownload * 1000);
  const code = await new Promise((done) => install.once('close', done).once('error', () => done(1)));
  clearTimeout(late);
  return code === 0 && isDownloaded();
}

/** A host that cannot be reached is found out in seconds; behind a proxy only the download itself can tell. */
async function isReachable() {
  const { env } = process;
  if (env['HTTPS_PROXY'] || env['https_proxy'] || env['ELECTRON_GET_USE_PROXY']) return true;
  const mirror = env['ELECTRON_MIRROR'] ?? env['npm_config_electron_mirror'] ?? 'https://github.com/';
  try {
    await fetch(mirror, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(6000) });
    return true;
  } catch {
    return false;
  }
}
