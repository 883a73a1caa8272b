import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
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

/** What each page has asked the core for and has no answer to yet. */
const underWay = new WeakMap<Page, Set<Request>>();

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
  const asked = new Set<Request>();
  underWay.set(page, asked);
  // all but streams, which never end
  page.on('request', (request) => {
    if (/\/rpc\/(?!.*watch)/.test(request.url())) asked.add(request);
  });
  page.on('requestfinished', (request) => asked.delete(request));
  page.on('requestfailed', (request) => asked.delete(request));
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

/** Waits until nothing is being asked, loaded or drawn any more. */
export async function settle(page: Page): Promise<void> {
  const asked = underWay.get(page);
  do {
    while (asked && asked.size > 0) await page.waitForTimeout(10);
    await page.waitForFunction(() => {
      const waits = '[aria-label="Loading"], [aria-busy="true"], [data-loading="true"], [data-stale]';
      if (document.querySelector(waits)) return false;
      const charts = [...document.querySelectorAll('[data-chart]')];
      return charts.every((chart) => chart.querySelector('svg.recharts-surface'));
    });
    await page.evaluate(async () => {
      await document.fonts.ready;
      await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
      // until it has been drawn a few times without a change
      for (let still = 0, before = ''; still < 4; ) {
        await new Promise((done) => requestAnimationFrame(done));
        const after = document.body.innerHTML;
        still = after === before ? still + 1 : 0;
        before = after;
      }
    });
  } while (asked && asked.size > 0);
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

/**
 * Leaves out the words on a chart's axes, which stand at fractions of a pixel: from run to run they are drawn one pixel
 * higher or lower.
 */
export const withoutTicks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const tick of document.querySelectorAll<SVGElement>('.recharts-cartesian-axis-tick-value'))
      tick.style.visibility = 'hidden';
  });

/** A picture of the window as it is: no caret, no hover, nothing that differs from run to run. */
export async function picture(page: Page, stage: Stage): Promise<Buffer> {
  await page.mouse.move(0, 0);
  await steady(page, stage.varies);
  return page.screenshot({ caret: 'hide', animations: 'disabled' });
}
