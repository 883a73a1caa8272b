import { spawnSync } from 'node:child_process';

/** What the tests need of a Debian system beside Node: two browsers, a desktop session, and Electron's libraries. */
const packages = [
  'openssl',
  'firefox-esr',
  'chromium',
  'dbus',
  'libnotify4',
  'xvfb',
  'xauth',
  'fonts-noto-core',
  'fonts-noto-color-emoji',
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libdrm2',
  'libxss1',
  'libxtst6',
  'libatk-bridge2.0-0',
  'libatspi2.0-0',
  'libcups2',
  'libsecret-1-0',
  'xdg-utils',
];

/** Names of installed packages and of what they provide (newer releases rename libraries). */
function installed() {
  const fields = ['db:Status-Status', 'Package', 'Provides'].map((name) => `\${${name}}`);
  const query = ['-W', '-f', `${fields.join(',')}\\n`];
  const { stdout } = spawnSync('dpkg-query', query, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('installed,'));
  const names = lines.flatMap((line) => line.split(','));
  return new Set(names.map((name) => name.trim().split(' ')[0]));
}

/**
 * Installs what is missing where this process may (Debian, as root); elsewhere says in one line what to install. The
 * tests go on either way: a suite that lacks something says so itself.
 */
export function ensureSystemPackages() {
  const debian = spawnSync('dpkg-query', ['--version']).status === 0;
  if (!debian) {
    console.log(
      'Not on Debian: have Chromium, Firefox, D-Bus, OpenSSL and Xvfb in the PATH to run every suite.',
    );
    return;
  }
  const present = installed();
  const missing = packages.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0) {
    console.log(`To run every suite: sudo apt-get ${install.join(' ')}`);
    return;
  }
  console.log(`Installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (apt('update').status !== 0 || apt(...install).status !== 0)
    console.log(`That did not work; what apt-get said stands above. By hand: apt-get ${install.join(' ')}`);
}
