import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { dark, light, narrow } from './baselines.ts';
import { type Look, openWindow, picture, settle, visit } from './console.ts';
import { type Ids, type Screen, screens } from './list.ts';
import { sheet } from './sheet.ts';
import type { Stage } from './stage.ts';

const sizes: Look[] = [
  narrow,
  { name: '1024x640', scheme: 'dark', width: 1024, height: 640 },
  { name: '4k', scheme: 'light', width: 3840, height: 2160 },
  { name: 'zoom200', scheme: 'light', width: 640, height: 400, scale: 2 },
];

/** A state that screens may be in: with what, and how it is brought about. */
interface State {
  name: string;
  looks: Look[];
  ids: (stage: Stage) => Ids;
  of: Screen[];
  before?: (context: BrowserContext) => Promise<void>;
  /** What is there when the screen is as wanted; else the screen's own text. */
  ready?: (screen: Screen) => string | RegExp;
}

/** What the frame itself asks for is answered in any state, so that there is a screen to be seen. */
const framework = /\/rpc\/(sites\/list|system\/get|rehearsal\/get|system\/watch)/;
/** Answers what screens ask for in another way than the core would. */
const instead = (answer: 'never' | 'fault' | 'away') => async (context: BrowserContext) => {
  await context.route(/\/rpc\//, (route) => {
    const url = route.request().url();
    if (answer === 'away') return /watch/.test(url) ? route.abort() : route.fallback();
    if (framework.test(url)) return route.fallback();
    if (answer === 'never') return new Promise<void>(() => {});
    return route.fulfill({
      status: 500,
      json: { json: { defined: true, code: 'internal', status: 500, message: fault, data: { detail } } },
    });
  });
};
const fault = 'Something went wrong inside Belfry';
const detail = 'The database did not answer in time. Nothing was changed by it.';

const asking = screens.filter(({ name }) => !['compose', 'settings', 'new-site', 'rehearsal'].includes(name));
const states: State[] = [
  { name: 'full', looks: [light, dark, ...sizes], ids: ({ full }) => full, of: screens },
  {
    name: 'empty',
    looks: [light, dark, narrow],
    ids: ({ empty }) => empty,
    of: screens.filter(({ empty }) => empty !== undefined),
    ready: ({ empty = '' }) => empty,
  },
  {
    name: 'long',
    looks: [light, dark, narrow],
    ids: ({ long }) => long,
    of: screens.filter(({ name }) => !['rehearsal', 'new-site', 'overview-year'].includes(name)),
    ready: () => /./,
  },
  { name: 'loading', looks: [light, dark], ids: ({ full }) => full, of: asking, before: instead('never') },
  { name: 'error', looks: [light, dark], ids: ({ full }) => full, of: asking, before: instead('fault') },
  { name: 'offline', looks: [light, dark], ids: ({ full }) => full, of: asking, before: instead('away') },
];

/**
 * Writes a picture of every screen in every state, size and scheme, with a sheet that shows them together.
 * @param words only those whose name has all of them, such as `overview dark`
 */
export async function takePictures(
  browser: Browser,
  stage: Stage,
  folder: string,
  words: string[],
): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const taken: { screen: string; state: string; look: string; file: string }[] = [];
  for (const state of states)
    for (const look of state.looks) {
      const nameOf = (screen: Screen) => `${screen.name}-${state.name}-${look.name}`;
      const wanted = state.of.filter((screen) => words.every((word) => nameOf(screen).includes(word)));
      if (wanted.length === 0) continue;
      const isHidden = state.name === 'loading' || state.name === 'error';
      await using window = await openWindow(browser, stage, look, state.before);
      const { page } = window;
      for (const screen of wanted) {
        if (isHidden) {
          await page.evaluate(
            (hash) => {
              location.hash = hash;
            },
            screen.at(state.ids(stage)),
          );
          // the error comes after a second attempt; a skeleton after a moment
          await page.waitForTimeout(1200);
        } else await visit(page, screen, state.ids(stage), state.ready?.(screen));
        const file = `${nameOf(screen)}.png`;
        writeFileSync(join(folder, file), await picture(page, stage));
        taken.push({ screen: screen.name, state: state.name, look: look.name, file });
        console.log(file);
        await page.reload();
        await page.getByRole('heading', { level: 1 }).waitFor();
      }
      for (const what of window.faults) console.log(`  in ${state.name} ${look.name}: ${what}`);
      // what is never answered would be waited for without an end
      if (!isHidden) await settle(page).catch(() => {});
    }
  writeFileSync(join(folder, 'index.html'), sheet(taken));
  return taken.length;
}
