import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { stubPushManager } from './push-manager.ts';
import type { SiteServer } from './site-server.ts';

/** Debian's Chromium without a window; as root it needs its sandbox off. `without`: of Playwright's own arguments. */
export const launchChromium = (args: string[] = [], without: string[] = []): Promise<Browser> =>
  chromium.launch({
    ignoreDefaultArgs: without,
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
  });

export type Answer = 'granted' | 'denied' | 'prompt';

/** Sets what the browser says to notifications; in `prompt` a question is closed without an answer. */
export async function permit(page: Page, origin: string, setting: Answer): Promise<void> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser');
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  // kept open: what a session set ends with it
  const whole = await browser.newBrowserCDPSession();
  await whole.send('Browser.setPermission', {
    permission: { name: 'notifications' },
    setting,
    origin,
    ...(targetInfo.browserContextId && { browserContextId: targetInfo.browserContextId }),
  });
}

export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** What the content security policy or a script complained about. */
  complaints: string[];
}

/** A visitor's browser with one empty page, whose push service is a stub unless `realPush`. */
export async function newVisitor(
  browser: Browser,
  site: SiteServer,
  options: { permission?: Answer; realPush?: boolean; context?: Parameters<Browser['newContext']>[0] } = {},
): Promise<Visitor> {
  const context = await browser.newContext(options.context);
  if (!options.realPush) await stubPushManager(context);
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    if (/content security policy|violat/i.test(message.text())) complaints.push(message.text());
  });
  const page = await context.newPage();
  await permit(page, site.url, options.permission ?? 'granted');
  return { context, page, complaints };
}

/** Waits until the landing page says that status. */
export const untilStatus = (page: Page, status: string) =>
  page.locator(`#status[data-status="${status}"]`).waitFor();

/** How many reports the browser keeps because they could not be sent. */
export const keptReports = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((done) => {
        const request = indexedDB.open('belfry');
        request.onsuccess = () => {
          const read = request.result.transaction('values').objectStore('values').get('reports');
          read.onsuccess = () => {
            request.result.close();
            done(read.result?.length ?? 0);
          };
        };
      }),
  );
