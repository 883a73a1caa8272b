import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { icns, ico } from '../../scripts/icon-containers.ts';

const root = resolve(import.meta.dirname, '../..');

/** electron-builder's own reading of the configuration, which throws on what it does not know. */
async function readConfiguration(): Promise<Record<string, Record<string, unknown>>> {
  const fromBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
  const library = createRequire(fromBuilder.resolve('app-builder-lib'));
  const file = join(fromBuilder.resolve('app-builder-lib'), '../util/config/config.js');
  const { getConfig, validateConfiguration } = await import(pathToFileURL(file).href);
  const { DebugLogger } = await import(pathToFileURL(library.resolve('builder-util')).href);
  const configuration = await getConfig(root, join(root, 'electron-builder.yml'), null);
  await validateConfiguration(configuration, new DebugLogger(true));
  return configuration;
}

describe('the packages for every system', () => {
  test('have a configuration that electron-builder accepts', { timeout: 60_000 }, async () => {
    const configuration = await readConfiguration();
    expect(configuration['linux']?.['target']).toEqual(['AppImage', 'deb']);
    expect(configuration['win']?.['target']).toEqual([{ target: 'nsis', arch: ['x64', 'arm64'] }]);
    expect(configuration['mac']?.['target']).toEqual([{ target: 'dmg', arch: ['x64', 'arm64'] }]);
    expect(configuration['electronFuses']).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
    });
  });

  test('name files that are there', { timeout: 60_000 }, async () => {
    const configuration = await readConfiguration();
    const named = ['linux', 'win', 'mac'].map((system) => String(configuration[system]?.['icon']));
    const [{ filter: files = [] } = {}] = configuration['files'] as unknown as { filter?: string[] }[];
    const plain = files.filter((pattern) => !/[*!]/.test(pattern));
    expect(plain.length).toBeGreaterThan(0);
    for (const file of [...named, ...plain])
      expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  });

  test.each(['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-x64', 'darwin-arm64'])(
    'find an addon for %s',
    (system) => {
      expect(existsSync(join(root, `node_modules/better-sqlite3/prebuilds/${system}.node`))).toBe(true);
    },
  );
});

describe('icons', () => {
  const png = (size: number) => readFileSync(join(root, `assets/icons/${size}x${size}.png`));
  const picture = (size: number) => ({ size, png: png(size) });

  test('are pictures of the size that their names tell', () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) expect(png(size).readUInt32BE(16)).toBe(size);
  });

  test('stand in a Windows container', () => {
    const file = ico([picture(16), picture(256)]);
    expect([file.readUInt16LE(2), file.readUInt16LE(4)]).toEqual([1, 2]);
    expect([file.readUInt8(6), file.readUInt8(22)]).toEqual([16, 0]);
    const at = file.readUInt32LE(22 + 12);
    expect(file.subarray(at)).toEqual(png(256));
  });

  test('stand in a macOS container', () => {
    const file = icns([picture(128)]);
    expect(file.toString('ascii', 0, 4)).toBe('icns');
    expect(file.readUInt32BE(4)).toBe(file.length);
    expect(file.toString('ascii', 8, 12)).toBe('ic07');
    expect(file.subarray(16)).toEqual(png(128));
  });

  test('that are kept were made of the pictures that are kept', () => {
    expect(readFileSync(join(root, 'assets/icon.ico'))).toEqual(
      ico([16, 24, 32, 48, 64, 128, 256].map(picture)),
    );
    const kept = readFileSync(join(root, 'assets/icon.icns'));
    for (const size of [16, 32, 64, 128, 256, 512]) expect(kept.includes(png(size))).toBe(true);
  });
});
