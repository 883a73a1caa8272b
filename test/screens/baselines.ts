import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { compare, small } from './compare.ts';
import { type Look, openWindow, picture, visit, withoutTicks } from './console.ts';
import { type Screen, screens } from './list.ts';
import type { Stage } from './stage.ts';

const folder = join(import.meta.dirname, '../browser/__screenshots__');
const actual = join(folder, 'actual');
const noted = join(folder, 'browser.json');
const readme = join(import.meta.dirname, '../../docs/pictures/overview.png');

const wide = { width: 1280, height: 800 };
export const light: Look = { name: 'light', scheme: 'light', ...wide };
export const dark: Look = { name: 'dark', scheme: 'dark', ...wide };
export const narrow: Look = { name: 'narrow', scheme: 'light', width: 400, height: 800 };

const shots = (look: Look): Screen[] =>
  screens.filter(({ compared, name }) => compared && (look !== narrow || name === 'overview'));
const fileOf = (screen: Screen, look: Look) => `${screen.name}-${look.name}.png`;

/** The browser that the pictures were taken with, or null when there are none. */
export const notedBrowser = (): string | null =>
  existsSync(noted) ? JSON.parse(readFileSync(noted, 'utf8')).version : null;
/** "156.0.8078.79" → "156". */
export const major = (version: string) => version.split('.')[0] ?? version;

/** The screens that are compared, one picture of each in this look, taken in one window; `whole`: with all words. */
async function* take(browser: Browser, stage: Stage, look: Look) {
  await using window = await openWindow(browser, stage, look);
  for (const screen of shots(look)) {
    await visit(window.page, screen, stage.full);
    const whole = await picture(window.page, stage);
    await withoutTicks(window.page);
    yield { screen, whole, png: await picture(window.page, stage) };
  }
  if (window.faults.length > 0) throw new Error(`In the page: ${window.faults.join('; ')}`);
}

/**
 * Compares the main screens with the pictures kept of them. What differs is written into `actual`, as it is now and
 * with the difference marked.
 * @returns a sentence for each that differs
 */
export async function differences(browser: Browser, stage: Stage, look: Look): Promise<string[]> {
  const found: string[] = [];
  for await (const { screen, png } of take(browser, stage, look)) {
    const file = fileOf(screen, look);
    const kept = join(folder, file);
    const difference = existsSync(kept) ? compare(readFileSync(kept), png) : null;
    rmSync(join(actual, file), { force: true });
    rmSync(join(actual, `difference-${file}`), { force: true });
    if (difference && !difference.differs) continue;
    mkdirSync(actual, { recursive: true });
    writeFileSync(join(actual, file), png);
    if (difference?.marked) writeFileSync(join(actual, `difference-${file}`), difference.marked);
    found.push(
      difference === null
        ? `${file}: there is no picture of it yet`
        : `${file}: ${(difference.share * 100).toFixed(3)} % of it differs, ${difference.together} pixels in one place`,
    );
  }
  return found;
}

/** Takes the pictures anew, and the one of the README. @returns the names of those that changed */
export async function renew(browser: Browser, stage: Stage): Promise<string[]> {
  const changed: string[] = [];
  mkdirSync(folder, { recursive: true });
  for (const look of [light, dark, narrow])
    for await (const { screen, whole, png } of take(browser, stage, look)) {
      const file = join(folder, fileOf(screen, look));
      // what looks the same keeps its bytes, so that a commit has only what changed
      if (existsSync(file) && !compare(readFileSync(file), png).differs) continue;
      writeFileSync(file, small(png));
      if (screen.name === 'overview' && look === light) writeFileSync(readme, small(whole));
      changed.push(fileOf(screen, look));
    }
  rmSync(actual, { recursive: true, force: true });
  writeFileSync(noted, `{ "name": "Chromium", "version": "${browser.version()}" }\n`);
  return changed;
}
