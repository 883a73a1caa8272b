import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { electronProgram, root } from '../../desktop/desktop.ts';
import { startDisplay } from '../../helpers/display.ts';

const flags = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];

/** Why the desktop cannot be started here, or null. */
export const lacksDesktop = (): string | null =>
  existsSync(electronProgram())
    ? null
    : 'there is no Electron runtime here (ELECTRON_OVERRIDE_DIST_PATH names one)';

/**
 * Starts Belfry's window, and an empty one that loads a page with React, in turn. A start is over when the window's
 * title stands on the screen.
 * @param page of the empty window
 * @returns milliseconds, one of each a round; the first round is not counted
 */
export async function startDesktops(
  rounds: number,
  page: string,
): Promise<{ ours: number[]; empty: number[] }> {
  const display = process.env['DISPLAY'] || process.platform !== 'linux' ? null : await startDisplay();
  const folder = await mkdtemp(join(tmpdir(), 'belfry-bench-'));
  const empty = join(folder, 'empty.cjs');
  await writeFile(
    empty,
    `const { app, BrowserWindow } = require('electron');
     app.setPath('userData', ${JSON.stringify(join(folder, 'empty'))});
     app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile(${JSON.stringify(page)}));`,
  );
  const env = { ...process.env, ...(display && { DISPLAY: display.name }) } as Record<string, string>;
  /** On a busy machine a start may fail for reasons of its own: it is then not counted, and made again. */
  const start = async (args: string[]): Promise<number> => {
    for (let left = 2; ; left--) {
      try {
        return await startOnce(args);
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  };
  const startOnce = async (args: string[]): Promise<number> => {
    const began = performance.now();
    const app = await _electron.launch({ executablePath: electronProgram(), args: [...flags, ...args], env });
    const window = await app.firstWindow();
    await window.locator('main h1').waitFor();
    const took = performance.now() - began;
    await app.close();
    return took;
  };
  const times = { ours: [] as number[], empty: [] as number[] };
  try {
    for (let round = 0; round <= rounds; round++) {
      const ours = await start([root, '--', '--data', join(folder, 'data'), '--public-port', '0']);
      const bare = await start([empty]);
      if (round === 0) continue;
      times.ours.push(ours);
      times.empty.push(bare);
    }
  } finally {
    await display?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return times;
}
