import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { State } from '../../landing/client/client.ts';
import { problem, type SiteServer, startSiteServer, vapidKeys } from '../helpers/site-server.ts';
import {
  keptReports,
  launchChromium,
  newVisitor,
  permit,
  untilStatus,
  type Visitor,
} from '../helpers/visitor.ts';

/*
 * The client on the landing page in Chromium. The push service is a stub in the page (test/helpers/push-manager.ts);
 * the worker, the permission, the storage and the network are real.
 */
let browser: Browser;
let site: SiteServer;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await startSiteServer();
});
afterEach(async () => {
  await visitor.context.close();
  await site.close();
});

const state = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { belfry: { state(): State } }).belfry.state());
const inBrowser = (page: Page) => page.evaluate(() => localStorage.getItem('test-subscription') !== null);

async function open(options: Parameters<typeof newVisitor>[2] = {}, path = '/') {
  visitor = await newVisitor(browser, site, options);
  await visitor.page.goto(site.url + path);
  return visitor.page;
}

async function subscribed() {
  const page = await open();
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await untilStatus(page, 'subscribed');
  return page;
}

describe('subscribing', () => {
  test('walks every check, tells the server everything, and says so', async () => {
    const page = await open({ context: { locale: 'de-AT', timezoneId: 'Europe/Vienna' } }, '/?q=private');
    await untilStatus(page, 'unsubscribed');
    expect(site.count('subscriptions')).toBe(0);
    expect(
      await page.evaluate(() => navigator.serviceWorker.getRegistrations().then((all) => all.length)),
    ).toBe(0);

    await page.getByRole('button', { name: 'Subscribe' }).click();
    await untilStatus(page, 'subscribed');
    expect((await state(page)).steps.every((step) => step.state === 'done')).toBe(true);
    expect(site.seen.filter(({ method }) => method === 'POST')).toEqual([
      {
        method: 'POST',
        path: '/v1/sites/site-key/subscriptions',
        type: 'application/json',
        body: {
          subscription: {
            endpoint: 'https://push.example/1',
            expirationTime: null,
            keys: { p256dh: 'p256dh-of-test', auth: 'auth-of-test' },
          },
          applicationServerKey: vapidKeys[0],
          intent: 'subscribe',
          language: 'de-AT',
          timeZone: 'Europe/Vienna',
          page: `${site.url}/`,
        },
      },
    ]);
    const worker = new URL(visitor.context.serviceWorkers()[0]?.url() ?? '');
    expect(worker.pathname).toBe('/belfry-sw.js');
    expect(Object.fromEntries(worker.searchParams)).toEqual({ site: 'site-key', server: site.url });
    expect(visitor.complaints).toEqual([]);
  });

  test('a double click and a click in a second tab are one subscription, one POST at a time', async () => {
    const page = await open();
    const second = await visitor.context.newPage();
    await second.goto(site.url);
    await untilStatus(second, 'unsubscribed');
    const release = site.hold();
    await page.getByRole('button', { name: 'Subscribe' }).dblclick();
    await site.request('subscriptions');
    await second.getByRole('button', { name: 'Subscribe' }).click();
    await second.locator('[data-step="permission"][data-state="done"]').waitFor();
    expect(site.count('subscriptions')).toBe(1);
    release();
    await Promise.all([untilStatus(page, 'subscribed'), untilStatus(second, 'subscribed')]);
    expect(await page.evaluate(() => localStorage.getItem('test-made'))).toBe('1');
    expect(site.count('subscriptions')).toBe(2);
  });

  test('what one tab does, the other shows', async () => {
    const page = await open();
    const second = await visitor.context.newPage();
    await second.goto(site.url);
    await untilStatus(second, 'unsubscribed');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await untilStatus(second, 'subscribed');
    await second.getByRole('button', { name: 'Leave' }).click();
    await untilStatus(page, 'unsubscribed');
  });

  test('works with every storage blocked', async () => {
    visitor = await newVisitor(browser, site);
    await visitor.context.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('Access is denied', 'SecurityError');
        },
      });
    });
    const { page } = visitor;
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await untilStatus(page, 'subscribed');
    await page.reload();
    await untilStatus(page, 'subscribed');
    await page.getByRole('button', { name: 'Leave' }).click();
    await untilStatus(page, 'unsubscribed');
    await site.request('remove');
    expect(visitor.complaints).toEqual([]);
  });

  test('one made with another key is given up and made anew, and the server learns the old endpoint', async () => {
    const page = await subscribed();
    site.site.vapidPublicKey = vapidKeys[1];
    await page.reload();
    await untilStatus(page, 'subscribed');
    const { body } = await site.request('subscriptions', 2);
    expect(body).toMatchObject({
      intent: 'sync',
      oldEndpoint: 'https://push.example/1',
      subscription: { endpoint: 'https://push.example/2' },
    });
  });
});

describe('a browser that gives a subscription up and makes no new one', () => {
  async function lost() {
    const page = await subscribed();
    site.site.vapidPublicKey = vapidKeys[1];
    await page.evaluate(() => localStorage.setItem('test-push', 'AbortError'));
    await page.reload();
    await untilStatus(page, 'unsubscribed');
    return page;
  }

  test('the server is told of the loss, and the page says so with a button', async () => {
    const page = await lost();
    expect((await state(page)).failure).toMatchObject({ code: 'subscription_lost', step: 'subscribe' });
    expect((await site.request('remove')).body).toEqual({ endpoint: 'https://push.example/1', lost: true });
    // pressed, and refused once more: now it is an attempt that did not work
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await untilStatus(page, 'failed');
    expect((await state(page)).failure?.code).toBe('push_service_refused');
    await page.evaluate(() => localStorage.removeItem('test-push'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await untilStatus(page, 'subscribed');
    expect(site.seen.at(-1)?.body).toMatchObject({
      intent: 'subscribe',
      oldEndpoint: 'https://push.example/1',
      subscription: { endpoint: 'https://push.example/2' },
    });
  });

  test('the next visit tries again quietly, and the server learns whose it is', async () => {
    const page = await lost();
    await page.evaluate(() => localStorage.removeItem('test-push'));
    await page.reload();
    await untilStatus(page, 'subscribed');
    expect(site.seen.at(-1)?.body).toMatchObject({ intent: 'sync', oldEndpoint: 'https://push.example/1' });
  });

  test('a server that cannot be reached is told later; who leaves meanwhile has left', async () => {
    const page = await subscribed();
    site.answers.set('remove', 'unreachable');
    site.site.vapidPublicKey = vapidKeys[1];
    await page.evaluate(() => localStorage.setItem('test-push', 'AbortError'));
    await page.reload();
    await untilStatus(page, 'unsubscribed');
    await site.request('remove');
    site.answers.clear();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await expect
      .poll(() => site.seen.filter(({ path }) => path.endsWith('remove')).at(-1)?.body)
      .toEqual({
        endpoint: 'https://push.example/1',
        lost: true,
      });
    await page.evaluate(() =>
      (globalThis as unknown as { belfry: { unsubscribe(): Promise<unknown> } }).belfry.unsubscribe(),
    );
    expect(site.seen.at(-1)?.body).toEqual({ endpoint: 'https://push.example/1' });
  });
});

test('a browser that hides which key it subscribed with is left as it is, and the server is told', async () => {
  const page = await subscribed();
  await page.evaluate(() => localStorage.setItem('test-hide-key', 'yes'));
  site.site.vapidPublicKey = vapidKeys[1];
  await page.reload();
  await untilStatus(page, 'subscribed');
  expect((await site.request('subscriptions', 2)).body).toMatchObject({
    intent: 'sync',
    applicationServerKey: null,
    subscription: { endpoint: 'https://push.example/1' },
  });
});

describe('on every later page load', () => {
  test('the server is told, without a word to the visitor', async () => {
    const page = await subscribed();
    await page.reload();
    const { body } = await site.request('subscriptions', 2);
    expect(body).toMatchObject({ intent: 'sync', subscription: { endpoint: 'https://push.example/1' } });
    expect(body).not.toHaveProperty('oldEndpoint');
    await untilStatus(page, 'subscribed');
  });

  test('one that the server ended is ended in the browser and stays so', async () => {
    const page = await subscribed();
    site.answers.set('subscriptions', problem(410, 'subscription_gone'));
    await page.reload();
    await untilStatus(page, 'unsubscribed');
    expect(await inBrowser(page)).toBe(false);
    await page.reload();
    await untilStatus(page, 'unsubscribed');
    expect(await inBrowser(page)).toBe(false);
    expect(site.count('subscriptions')).toBe(2);
  });

  test('one that the browser lost is made again quietly', async () => {
    const page = await subscribed();
    await page.evaluate(() => localStorage.removeItem('test-subscription'));
    await page.reload();
    await untilStatus(page, 'subscribed');
    expect((await site.request('subscriptions', 2)).body).toMatchObject({
      intent: 'sync',
      oldEndpoint: 'https://push.example/1',
    });
  });

  test('a permission that was taken back is noticed, on the page and after a reload', async () => {
    const page = await subscribed();
    await permit(page, site.url, 'prompt');
    await untilStatus(page, 'unsubscribed');
    expect((await state(page)).failure).toMatchObject({ code: 'permission_withdrawn', step: 'permission' });
    await permit(page, site.url, 'denied');
    await page.reload();
    await untilStatus(page, 'unavailable');
    expect((await state(page)).failure?.advice).toContain('Allow');
    expect(site.count('subscriptions')).toBe(1);
  });

  test('a server that is down meanwhile changes nothing', async () => {
    const page = await subscribed();
    site.down = true;
    await page.reload();
    await untilStatus(page, 'subscribed');
  });
});

describe('leaving', () => {
  test('ends it in the browser and on the server, for good', async () => {
    const page = await subscribed();
    await page.getByRole('button', { name: 'Leave' }).click();
    await untilStatus(page, 'unsubscribed');
    expect((await site.request('remove')).body).toEqual({ endpoint: 'https://push.example/1' });
    expect(await inBrowser(page)).toBe(false);
    await page.reload();
    await untilStatus(page, 'unsubscribed');
    expect(site.count('subscriptions')).toBe(1);
  });

  test('while the server cannot take it, it is told later', async () => {
    const page = await subscribed();
    site.answers.set('remove', problem(503, 'unavailable'));
    await page.getByRole('button', { name: 'Leave' }).click();
    await site.request('remove');
    expect(await inBrowser(page)).toBe(false);
    site.answers.clear();
    await page.reload();
    expect((await site.request('remove', 2)).body).toEqual({ endpoint: 'https://push.example/1' });
    await untilStatus(page, 'unsubscribed');
  });
});

describe('a click that the browser itself took', () => {
  test('is reported by the page that opens, and its token leaves the address', async () => {
    const page = await open({}, '/?a=b%20c&belfry=token-1&d=e#part');
    const { body, type } = await site.request('events');
    expect(type).toMatch(/^text\/plain/);
    expect(body).toEqual({ events: [{ token: 'token-1', type: 'clicked', at: expect.any(Number) }] });
    expect(page.url()).toBe(`${site.url}/?a=b%20c&d=e#part`);
  });

  test('is kept while the server cannot take it', async () => {
    site.answers.set('events', problem(503, 'unavailable'));
    const page = await open({}, '/?belfry=token-2');
    await expect.poll(() => keptReports(page)).toBe(1);
    expect(page.url()).toBe(`${site.url}/`);
    site.answers.clear();
    await page.reload();
    expect((await site.request('events', 2)).body).toMatchObject({ events: [{ token: 'token-2' }] });
    await expect.poll(() => keptReports(page)).toBe(0);
  });
});
