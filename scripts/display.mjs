import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

/** @returns {Promise<string | null>} why no window can be shown here; null when one can */
export async function lackingDisplay() {
  if (process.platform === 'darwin' || process.platform === 'win32') return null;
  const { DISPLAY: x, WAYLAND_DISPLAY: wayland, XDG_RUNTIME_DIR: runtime } = process.env;
  if (!x && !wayland) return 'there is no display';
  if (wayland && (wayland.startsWith('/') || runtime)) {
    const path = wayland.startsWith('/') ? wayland : join(runtime, wayland);
    if (await answers({ path })) return null;
  }
  if (x && (await answersX(x))) return null;
  return `the display ${x || wayland} does not answer`;
}

/** A display's name is [host]:number[.screen]; without a host it is a local socket. */
async function answersX(name) {
  const [, host, number] = /^(?:(.*)):(\d+)(?:\.\d+)?$/.exec(name) ?? [];
  if (number === undefined) return existsSync(name); // macOS's XQuartz names a file
  if (host && host !== 'unix')
    return answers({ host: host.replace(/^tcp\/|^\[|\]$/g, ''), port: 6000 + Number(number) });
  const path = `/tmp/.X11-unix/X${number}`;
  return (
    (await answers({ path })) || (process.platform === 'linux' && (await answers({ path: `\0${path}` })))
  );
}

function answers(where) {
  return new Promise((done) => {
    const socket = connect(where);
    const end = (answer) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(3000, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/**
 * Whether Chromium's sandbox can work here (Linux): it needs user namespaces, or its own helper owned by root.
 * @param {string} electron the program
 * @returns {'yes' | 'root' | 'no'} `root`: it refuses to run as root and must be left out
 */
export function sandbox(electron) {
  if (process.platform !== 'linux') return 'yes';
  if (process.getuid?.() === 0) return 'root';
  const helper = statSync(join(dirname(electron), 'chrome-sandbox'), { throwIfNoEntry: false });
  if (helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0) return 'yes';
  const { error, status } = spawnSync('unshare', ['--user', '--map-root-user', 'true'], { stdio: 'ignore' });
  // without the tool to find out, let Electron say it
  return error !== undefined || status === 0 ? 'yes' : 'no';
}
