import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { _electron, chromium, type ElectronApplication, type Page } from 'playwright-core';
import { collect, type Output } from '../helpers/process.ts';

export const root = resolve(import.meta.dirname, '../..');
const electronFlags = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];

export interface Desktop {
  page: Page;
  child: ChildProcess;
  output: Output;
  /** Whatever the page complained about: errors, and violations of its policy. */
  complaints: string[];
  /** Asks it to end, as the system does. Resolves to its exit code. */
  end(): Promise<number | null>;
}
export interface DesktopFromSource extends Desktop {
  app: ElectronApplication;
}

export interface DesktopOptions {
  data: string;
  /** Belfry's own arguments. */
  args?: string[];
  environment?: Record<string, string>;
}

const ownArguments = ({ data, args = [] }: DesktopOptions) => [
  '--',
  '--data',
  data,
  '--public-port',
  '0',
  ...args,
];

const environmentOf = (options: DesktopOptions) => {
  const names = ['PATH', 'HOME', 'TMPDIR', 'DISPLAY', 'XAUTHORITY', 'ELECTRON_OVERRIDE_DIST_PATH', 'LANG'];
  const kept = names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(kept), ...options.environment } as Record<string, string>;
};

/** The program of the Electron that `npm start` would use. */
export function electronProgram(): string {
  const folder =
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??
    join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'dist');
  const names: Partial<Record<NodeJS.Platform, string>> = {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  };
  return join(folder, names[process.platform] ?? 'electron');
}

/** Starts the built application in Electron. Resolves once its window shows the console. */
export async function startFromSource(options: DesktopOptions): Promise<DesktopFromSource> {
  const app = await _electron.launch({
    executablePath: electronProgram(),
    args: [...electronFlags, root, ...ownArguments(options)],
    env: environmentOf(options),
  });
  const child = app.process();
  const output = collect(child);
  const page = await app.firstWindow();
  return { app, ...(await watched(page, child, output)) };
}

/** Starts it and resolves with what it says; for what shows no console. */
export function spawnFromSource(options: DesktopOptions): { child: ChildProcess; output: Output } {
  const child = spawn(electronProgram(), [...electronFlags, root, ...ownArguments(options)], {
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, output: collect(child) };
}

/** Starts a packaged application, which lets nobody into its main process: its window is reached by DevTools. */
export async function startPackaged(program: string, options: DesktopOptions): Promise<Desktop> {
  const child = spawn(program, [...electronFlags, '--remote-debugging-port=0', ...ownArguments(options)], {
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const line = await output.line((text) => text.startsWith('DevTools listening on '));
  const browser = await chromium.connectOverCDP(line.replace('DevTools listening on ', ''));
  const [context] = browser.contexts();
  if (!context) throw new Error('The packaged application has no browser context.');
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  return watched(page, child, output);
}

/** Starts the packaged application a second time and resolves to its exit code. */
export function startPackagedAgain(program: string, options: DesktopOptions): Promise<number | null> {
  const child = spawn(program, [...electronFlags, ...ownArguments(options)], {
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return collect(child).ended;
}

async function watched(page: Page, child: ChildProcess, output: Output): Promise<Desktop> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.getByRole('main').waitFor();
  return {
    page,
    child,
    output,
    complaints,
    end() {
      child.kill('SIGTERM');
      return output.ended;
    },
  };
}

/** Packages the application for this system without an installer, once. Resolves to the program in it. */
export function packageApplication(): string {
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run(process.execPath, [join(root, 'scripts/dist.mjs'), '--dir']);
  const folder = join(root, 'dist/linux-unpacked');
  // where another Electron stands in for ours, a command may have to fit what was packaged to it
  const fit = process.env['BELFRY_FIT_PACKAGE'];
  if (fit) run('sh', ['-c', `${fit} "$0"`, folder]);
  return join(folder, 'belfry');
}

/** Fills in the form for a new site in the window. Resolves to its id, once the window shows it. */
export async function createSite(page: Page, name: string): Promise<string> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Address of the website').fill('https://www.example.org');
  await page.getByLabel('Contact').fill('owls@example.org');
  await page.getByRole('button', { name: 'Create the site' }).click();
  await page.waitForURL(/#\/sites\/[^/]+/);
  const [, id] = /#\/sites\/([^/?]+)/.exec(page.url()) ?? [];
  if (!id) throw new Error(`No site in ${page.url()}`);
  return id;
}

/** What the window itself shows, as the shell sees it. @throws when that is blank */
export async function capture({ app }: DesktopFromSource): Promise<Buffer> {
  const { png, colours } = await app.evaluate(async ({ BrowserWindow }) => {
    const image = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage();
    const pixels = new Set<number>();
    const bitmap = image?.toBitmap() ?? Buffer.alloc(0);
    for (let at = 0; at + 4 <= bitmap.length; at += 4) pixels.add(bitmap.readUInt32LE(at));
    return { png: image?.toPNG().toString('base64') ?? '', colours: pixels.size };
  });
  if (colours < 20) throw new Error('The window is blank.');
  return Buffer.from(png, 'base64');
}

/** Keeps a picture for people to look at, in out/screens. */
export async function keepPicture(name: string, png: Buffer): Promise<void> {
  const folder = join(root, 'out/screens');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.png`), png);
}

export const packageVersion: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
