import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { beforeAll, expect, test } from 'vitest';
import { describeWith } from '../helpers/requirements.ts';
import {
  createSite,
  keepPicture,
  packageApplication,
  packageVersion,
  startPackaged,
  startPackagedAgain,
} from './desktop.ts';
import { temporaryFolder } from './fixtures.ts';

const screens = ['', '/subscribers', '/campaigns', '/compose', '/setup', '/settings'];

describeWith(['electron', 'display'], 'the packaged application', () => {
  let program: string;
  let files: string[];
  beforeAll(async () => {
    program = packageApplication();
    files = await listArchive(join(dirname(program), 'resources/app.asar'));
  });

  test('holds what it needs and nothing else', () => {
    expect(files).toContain('/out/main/desktop.cjs');
    expect(files).toContain('/out/preload/preload.cjs');
    expect(files).toContain('/out/renderer/index.html');
    expect(files).toContain('/out/landing/belfry.js');
    expect(files).toContain('/assets/tray/tray.png');
    expect(files.filter((file) => /\.(map|ts|tsx|h|c|gyp)$|test|\.built/.test(file))).toEqual([]);
    const modules = new Set(files.flatMap((file) => /^\/node_modules\/([^/]+)/.exec(file)?.[1] ?? []));
    expect([...modules]).toEqual(['better-sqlite3']);
    const addons = files.filter((file) => file.endsWith('.node'));
    expect(addons).toEqual([
      `/node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`,
    ]);
    expect(
      existsSync(join(dirname(program), 'resources/app.asar.unpacked', ...(addons[0] ?? '').split('/'))),
    ).toBe(true);
  });

  test('is of a size that one can download', () => {
    const size = folderSize(dirname(program));
    expect(Math.round(size / 1e6)).toBeLessThan(350);
    expect(statSync(join(dirname(program), 'resources/app.asar')).size / 1e6).toBeLessThan(20);
  });

  test('has its fuses set', async () => {
    const { [FuseV1Options.RunAsNode]: node, ...fuses } = await getCurrentFuseWire(program);
    expect(node).toBe(FuseState.DISABLE);
    expect(fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(FuseState.DISABLE);
    expect(fuses[FuseV1Options.EnableNodeCliInspectArguments]).toBe(FuseState.DISABLE);
    expect(fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(FuseState.ENABLE);
    expect(fuses[FuseV1Options.GrantFileProtocolExtraPrivileges]).toBe(FuseState.DISABLE);
  });

  test('cannot be turned into a Node', () => {
    const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' };
    let said = '';
    try {
      said = execFileSync(program, ['-e', 'console.log("a Node")'], {
        env: environment,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 20_000,
      });
    } catch {
      // it looked for a display, as an application does
    }
    expect(said).not.toContain('a Node');
  });

  test('shows every screen, keeps what was made, and runs once', async () => {
    await using folder = await temporaryFolder();
    const options = { data: folder.path };
    const first = await startPackaged(program, options);
    expect(first.page.url()).toMatch(/^app:\/\/console\//);
    const leaked = await first.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
    );
    expect(leaked).toEqual([]);
    const site = await createSite(first.page, 'Tolling Hill');
    for (const screen of screens) {
      await first.page.evaluate((hash) => {
        location.hash = hash;
      }, `#/sites/${site}${screen}`);
      await first.page.getByRole('heading', { level: 1 }).waitFor();
      await keepPicture(`packaged${screen.replace('/', '-') || '-overview'}`, await first.page.screenshot());
    }
    await first.page.getByText(packageVersion).first().waitFor();
    expect(await startPackagedAgain(program, options)).toBe(0);
    expect(first.complaints).toEqual([]);
    expect(await first.end()).toBe(0);

    const second = await startPackaged(program, options);
    await second.page.getByText('Tolling Hill').first().waitFor();
    expect(await second.end()).toBe(0);
  });
});

/** The paths in an asar archive, which electron-builder's own library reads. */
async function listArchive(archive: string): Promise<string[]> {
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
  const library = createRequire(builder.resolve('app-builder-lib')).resolve('@electron/asar');
  const { listPackage }: { listPackage(archive: string, options: { isPack: boolean }): string[] } =
    await import(pathToFileURL(library).href);
  return listPackage(archive, { isPack: false });
}

const folderSize = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
