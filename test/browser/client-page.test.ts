import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violations } from '../helpers/axe.ts';
import { problem, type SiteServer, startSiteServer } from '../helpers/site-server.ts';
import { launchChromium, newVisitor, permit, untilStatus, type Visitor } from '../helpers/visitor.ts';

/* The landing page itself: for everyone, within its policy, still, and small. */
const root = resolve(import.meta.dirname, '../..');
let browser: Browser;
let site: SiteServer;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('a visitor', () => {
  beforeEach(async () => {
    site = await startSiteServer();
  });
  afterEach(async () => {
    await visitor.context.close();
    await site.close();
  });

  test.each(['light', 'dark'] as const)('finds no barrier, in any state, in %s', async (colorScheme) => {
    const context = { colorScheme, viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' as const };
    visitor = await newVisitor(browser, site, { context });
    const { page } = visitor;
    await page.goto(site.url);
    await untilStatus(page, 'unsubscribed');
    expect(await violations(page)).toEqual([]);
    site.answers.set('subscriptions', problem(403, 'origin_not_allowed'));
    await page.locator('#subscribe').click();
    await untilStatus(page, 'failed');
    expect(await violations(page)).toEqual([]);
    site.answers.clear();
    await page.locator('#subscribe').click();
    await untilStatus(page, 'subscribed');
    expect(await violations(page)).toEqual([]);
    await page.locator('#leave').click();
    await untilStatus(page, 'unsubscribed');
    await page.locator('summary').click();
    expect(await violations(page)).toEqual([]);
    site.answers.set('subscriptions', 'unreachable');
    await page.locator('#subscribe').click();
    await untilStatus(page, 'kept');
    expect(await violations(page)).toEqual([]);
    await permit(page, site.url, 'denied');
    await untilStatus(page, 'unavailable');
    expect(await violations(page)).toEqual([]);
    // every animation of the page is for those who want some
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    expect(visitor.complaints).toEqual([]);
  });

  test('can do all of it with the keyboard, and the focus is never lost', async () => {
    visitor = await newVisitor(browser, site);
    const { page } = visitor;
    await page.goto(site.url);
    await untilStatus(page, 'unsubscribed');
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('subscribe');
    await page.keyboard.press('Enter');
    await untilStatus(page, 'subscribed');
    expect(await focused()).toBe('headline');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('leave');
    await page.keyboard.press('Enter');
    await untilStatus(page, 'unsubscribed');
    expect(await focused()).toBe('headline');
  });

  test.each([320, 390, 820, 1280])('sees nothing jump or stick out at %i pixels', async (width) => {
    for (const permission of ['granted', 'denied'] as const) {
      visitor = await newVisitor(browser, site, {
        permission,
        context: { viewport: { width, height: 800 } },
      });
      const { page } = visitor;
      await page.goto(site.url);
      await untilStatus(page, permission === 'granted' ? 'unsubscribed' : 'unavailable');
      const { shift, overflow } = await page.evaluate(
        () =>
          new Promise<{ shift: number; overflow: number }>((done) => {
            const { scrollWidth, clientWidth } = document.documentElement;
            const observer = new PerformanceObserver((list) => {
              const shifts = list.getEntries().filter(({ entryType }) => entryType === 'layout-shift');
              const value = shifts.reduce(
                (sum, entry) => sum + (entry as unknown as { value: number }).value,
                0,
              );
              done({ shift: value, overflow: scrollWidth - clientWidth });
            });
            // a paint is always there, so that the observer speaks also when nothing shifted
            observer.observe({ type: 'layout-shift', buffered: true });
            observer.observe({ type: 'paint', buffered: true });
          }),
      );
      expect(shift).toBeLessThan(0.01);
      expect(overflow).toBe(0);
      if (permission === 'granted') await visitor.context.close();
    }
  });

  test.each(['bell', 'banner', 'panel'])(
    'can try a %s, which is a real one, and says what came of it',
    async (kind) => {
      visitor = await newVisitor(browser, site, { context: { viewport: { width: 390, height: 844 } } });
      const { page } = visitor;
      await page.goto(site.url);
      await untilStatus(page, 'unsubscribed');
      const way = page.locator(`[data-ask="${kind}"]`);
      await way.click();
      const card = page.getByRole('dialog');
      await card.getByRole('button', { name: 'Not now' }).click();
      await page.getByText('Nothing was changed.').waitFor();
      await way.click();
      await card.getByRole('button', { name: 'Yes, please' }).click();
      await untilStatus(page, 'subscribed');
      await card.getByRole('button', { name: 'Close' }).click();
      await page.getByText('The rope is tied: you are subscribed.').waitFor();
      expect(site.count('subscriptions')).toBe(1);
      expect(visitor.complaints).toEqual([]);
    },
  );

  test('asks nobody but its own server, and needs no more than its policy allows', async () => {
    visitor = await newVisitor(browser, site);
    const { context, page } = visitor;
    const hosts = new Set<string>();
    context.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(site.url);
    await page.locator('#subscribe').click();
    await untilStatus(page, 'subscribed');
    expect([...hosts]).toEqual([site.url]);
    expect(await page.locator('footer').innerText()).toContain('Owls & <friends>');
    expect(visitor.complaints).toEqual([]);
  });
});

test.each([
  ['belfry.js', 6144],
  ['belfry.mjs', 6144],
  ['belfry-prompts.js', 15 * 1024],
  ['belfry-sw.js', 4000],
  ['page/page.js', 3000],
  ['page/page.css', 4000],
  ['page/index.html', 6000],
])('%s is at most %i bytes compressed', async (file, most) => {
  const size = gzipSync(await readFile(resolve(root, 'out/landing', file))).length;
  expect(size).toBeLessThanOrEqual(most);
});

test('the client script leaves one global behind, also when it is embedded twice', async () => {
  site = await startSiteServer();
  visitor = await newVisitor(browser, site);
  const { page } = visitor;
  site.files.set('/plain', {
    type: 'text/html',
    body: '<script src="/belfry.js"></script><script src="/belfry.js"></script>',
  });
  site.files.set('/empty', { type: 'text/html', body: '' });
  const globals = async (path: string) => {
    await page.goto(site.url + path);
    return page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  };
  const before = new Set(await globals('/empty'));
  expect((await globals('/plain')).filter((name) => !before.has(name))).toEqual(['belfry']);
  const { status, failure } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        belfry: { subscribe(): Promise<{ status: string; failure: { code: string } }> };
      }
    ).belfry.subscribe(),
  );
  expect([status, failure.code]).toEqual(['unavailable', 'not_set_up']);
  await visitor.context.close();
  await site.close();
});

test('the ES module is the same client', async () => {
  site = await startSiteServer();
  visitor = await newVisitor(browser, site);
  const { page } = visitor;
  site.files.set('/module', { type: 'text/html', body: '<script type="module" src="/module.js"></script>' });
  site.files.set('/module.js', {
    type: 'text/javascript',
    body: "import { belfry } from '/belfry.mjs'; globalThis.client = belfry;",
  });
  await page.goto(`${site.url}/module`);
  const status = await page.evaluate(async () => {
    const { client } = globalThis as unknown as { client: import('../../landing/client/client.ts').Belfry };
    await client.init({
      site: 'site-key',
      tags: ['owls'],
      attributes: { age: 3 },
      consent: { version: '2' },
    });
    return (await client.subscribe()).status;
  });
  expect(status).toBe('subscribed');
  expect((await site.request('subscriptions')).body).toMatchObject({
    tags: ['owls'],
    attributes: { age: 3 },
    consent: { version: '2' },
  });
  await visitor.context.close();
  await site.close();
});
