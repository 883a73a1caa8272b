import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { requireExecutable } from '../helpers/requirements.ts';
import type { Ids, Screen } from './list.ts';
import { now, type Stage } from './stage.ts';

/** How a window looks at the console. */
export interface Look {
  name: string;
  scheme: 'light' | 'dark';
  width: number;
  height: number;
  /** Device pixels for each of CSS: 2 is a zoom of 200 %. */
  scale?: number;
}

/** Chromium that draws the same on any machine: no hinting or colours of the screen's, no caret, no scroll bars of the system's. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: requireExecutable('chromium'),
    args: [
      '--font-render-hinting=none',
      '--disable-lcd-text',
      '--disable-font-subpixel-positioning',
      '--force-color-profile=srgb',
      '--disable-gpu',
      '--hide-scrollbars',
    ],
  });

export interface Window extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Violations of the content security policy, and errors that nobody caught. */
  faults: string[];
}

/**
 * Opens the console in a window of this look, at the stage's time, in a fixed place and language.
 * @param before what is to be arranged before the page loads
 */
export async function openWindow(
  browser: Browser,
  stage: Stage,
  look: Look,
  before: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<Window> {
  const context = await browser.newContext({
    colorScheme: look.scheme,
    reducedMotion: 'reduce',
    viewport: { width: look.width, height: look.height },
    deviceScaleFactor: look.scale ?? 1,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  await page.exposeFunction('policyViolated', (what: string) => faults.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { policyViolated } = globalThis as unknown as { policyViolated: (what: string) => void };
      policyViolated(`${violatedDirective} ${blockedURI}`);
    });
  });
  await page.clock.setFixedTime(now);
  await before(context);
  await page.goto(stage.belfry.program.addresses.console ?? '');
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, context, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** Goes to a screen and waits until it is ready, fonts and pictures and charts with it. */
export async function visit(page: Page, screen: Screen, ids: Ids, ready = screen.ready): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, screen.at(ids));
  await page.getByText(ready).locator('visible=true').first().waitFor();
  await settle(page);
}

/** Waits until nothing is being loaded, drawn or waited for any more. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const waits = '[aria-label="Loading"], [aria-busy="true"], [data-loading="true"], [data-stale]';
    if (document.querySelector(waits)) return false;
    const charts = [...document.querySelectorAll('[role=img][aria-label*=":"]')];
    if (charts.some((chart) => !chart.querySelector('svg.recharts-surface'))) return false;
    await document.fonts.ready;
    const images = [...document.images].filter(({ complete }) => !complete);
    await Promise.all(images.map((image) => image.decode().catch(() => {})));
    // drawn twice without a change
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const before = document.body.innerHTML;
    await frame();
    await frame();
    return before === document.body.innerHTML;
  });
}

/** Shows the same where a screen would show something that differs from run to run. */
async function steady(page: Page, varies: Stage['varies']): Promise<void> {
  await page.evaluate((pairs) => {
    const replace = (text: string) => pairs.reduce((said, [was, now]) => said.replaceAll(was, now), text);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.nodeValue ?? '';
      const said = replace(text);
      if (said !== text) node.nodeValue = said;
    }
    for (const field of document.querySelectorAll('input, textarea')) {
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
      const said = replace(field.value);
      if (said !== field.value) field.value = said;
    }
  }, varies);
}

/** A picture of the window as it is: no caret, no hover, nothing that differs from run to run. */
export async function picture(page: Page, stage: Stage): Promise<Buffer> {
  await page.mouse.move(0, 0);
  await steady(page, stage.varies);
  return page.screenshot({ caret: 'hide', animations: 'disabled' });
}
