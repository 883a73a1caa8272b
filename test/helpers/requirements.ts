import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'vitest';

/** What a suite may need that npm does not bring. */
export type Requirement = 'chromium' | 'firefox' | 'dbus' | 'display' | 'electron' | 'openssl';
/** One of them, by any of the names that systems have for it. */
type Program = keyof typeof programs;

const programs = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
  firefox: ['firefox-esr', 'firefox'],
  dbus: ['dbus-daemon'],
  xvfb: ['Xvfb'],
  openssl: ['openssl'],
} as const;

const howToGet: Record<Requirement, string> = {
  chromium: 'install Chromium (Debian: apt-get install chromium)',
  firefox: 'install Firefox (Debian: apt-get install firefox-esr)',
  dbus: 'install a D-Bus daemon (Debian: apt-get install dbus libnotify4)',
  display: 'install Xvfb (Debian: apt-get install xvfb), or set DISPLAY',
  electron:
    'start “npx electron --version” once, which downloads its runtime, or set ELECTRON_OVERRIDE_DIST_PATH',
  openssl: 'install OpenSSL (Debian: apt-get install openssl)',
};

function inPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** The path of a program, or null. */
export function findExecutable(name: Program): string | null {
  for (const program of programs[name]) {
    const found = inPath(program);
    if (found !== null) return found;
  }
  return null;
}

/** The path of a program. @throws with what to install when it is not there */
export function requireExecutable(name: Program): string {
  const found = findExecutable(name);
  if (found === null) throw new Error(lacks(name === 'xvfb' ? 'display' : name));
  return found;
}

function hasElectron(): boolean {
  const folder =
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??
    join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'dist');
  return existsSync(join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron'));
}

function has(requirement: Requirement): boolean {
  if (requirement === 'electron') return hasElectron();
  if (requirement === 'display') return Boolean(process.env['DISPLAY']) || findExecutable('xvfb') !== null;
  return findExecutable(requirement) !== null;
}

const lacks = (requirement: Requirement) => `no ${requirement} here: ${howToGet[requirement]}`;

/**
 * A suite that needs what npm does not bring. Where something is missing it is skipped with one line that says what to
 * do; with CI=true it fails instead, so that a build machine cannot lose a suite unnoticed.
 */
export function describeWith(needs: Requirement | Requirement[], name: string, body: () => void): void {
  const missing = [needs].flat().find((requirement) => !has(requirement));
  if (missing === undefined) {
    describe(name, body);
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('has what it needs', () => {
        throw new Error(lacks(missing));
      });
    });
  } else {
    console.warn(`Skipped “${name}”: ${lacks(missing)}.`);
    describe.skip(`${name} (${lacks(missing)})`, body);
  }
}
