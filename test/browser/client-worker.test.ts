import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Browser, CDPSession, Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushPayload } from '../../main/contract/public.ts';
import { problem, type SiteServer, startSiteServer } from '../helpers/site-server.ts';
import { keptReports, launchChromium, newVisitor, untilStatus, type Visitor } from '../helpers/visitor.ts';

/*
 * The service worker in Chromium. Pushes come over the DevTools protocol, with the plaintext that a browser would
 * have decrypted. A click has no person behind it here: the event is dispatched inside the worker, and what needs
 * a real click (opening a window, focusing one) is recorded instead. Real clicks are tested with real push services.
 */
let browser: Browser;
let site: SiteServer;
let visitor: Visitor;
let page: Page;
let devtools: CDPSession;
let registrationId: string;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await startSiteServer();
  visitor = await newVisitor(browser, site);
  page = visitor.page;
  devtools = await visitor.context.newCDPSession(page);
  const registered = new Promise<string>((done) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) done(first.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  await page.goto(site.url);
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await untilStatus(page, 'subscribed');
  registrationId = await registered;
});
afterEach(async () => {
  await visitor.context.close();
  await site.close();
});

const deliver = (data: string) =>
  devtools.send('ServiceWorker.deliverPushMessage', { origin: site.url, registrationId, data });

const payload = (token: string, notification: Partial<PushPayload['notification']> = {}): PushPayload => ({
  web_push: 8030,
  notification: {
    title: 'First flight!',
    navigate: `${site.url}/diary?belfry=${token}`,
    data: { belfry: { token, events: `${site.url}/v1/events` }, custom: { owl: 3 } },
    ...notification,
  },
});

/** The tokens that were reported, after so many requests. */
const reported = (since: number) =>
  new Set(
    site.seen
      .filter(({ path }) => path === '/v1/events')
      .slice(since)
      .flatMap(({ body }) => (body as { events: { token: string }[] }).events.map(({ token }) => token)),
  );

/** The notifications on screen, oldest first, once there are `many`. */
async function shown(many = 1) {
  const read = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const all = await registration.getNotifications();
      return all.map((one) => {
        const { title, body, tag, lang, dir, icon, silent, requireInteraction, data } = one;
        const { actions, image, renotify, vibrate } = one as Notification & Record<string, unknown>;
        return {
          title,
          body,
          tag,
          lang,
          dir,
          icon,
          silent,
          requireInteraction,
          data,
          actions,
          image,
          renotify,
          vibrate,
        };
      });
    });
  await expect.poll(async () => (await read()).length).toBe(many);
  return read();
}

function worker(): Worker {
  const [only] = visitor.context.serviceWorkers();
  if (!only) throw new Error('There is no worker');
  return only;
}

/** Fires an event of the only notification, or several, and tells which page was opened or focused. */
const act = (types: 'notificationclick' | 'notificationclose' | 'both', action = '') =>
  worker().evaluate(
    async ([kinds, name]) => {
      const scope = globalThis as unknown as ServiceWorkerGlobalScope;
      const done: string[] = [];
      scope.clients.openWindow = async (url: string | URL) => {
        done.push(`opened ${url}`);
        return null;
      };
      const record = {
        async focus(this: WindowClient) {
          done.push(`focused ${this.url}`);
          return this;
        },
      };
      Object.assign(WindowClient.prototype, record);
      const [notification] = await scope.registration.getNotifications();
      if (!notification) throw new Error('Nothing is shown');
      const promises: Promise<unknown>[] = [];
      for (const kind of kinds === 'both' ? ['notificationclick', 'notificationclose'] : [kinds]) {
        const event = new NotificationEvent(kind, { notification, action: name });
        Object.defineProperty(event, 'waitUntil', {
          value: (promise: Promise<unknown>) => promises.push(promise),
        });
        scope.dispatchEvent(event);
      }
      await Promise.all(promises);
      return { done, left: (await scope.registration.getNotifications()).length };
    },
    [types, action] as const,
  );

describe('a push message', () => {
  test('is shown with all that it says, and reported', async () => {
    await deliver(
      JSON.stringify(
        payload('token-1', {
          body: 'Number three is off the sill.',
          icon: `${site.url}/landing/icon-180.png`,
          image: `${site.url}/landing/icon-512.png`,
          tag: 'flight',
          lang: 'en',
          dir: 'ltr',
          renotify: true,
          requireInteraction: true,
          vibrate: [100, 50, 100],
          actions: [{ action: 'see', title: 'See where', navigate: `${site.url}/map?belfry=token-1` }],
        }),
      ),
    );
    const [notification] = await shown();
    expect(notification).toMatchObject({
      title: 'First flight!',
      body: 'Number three is off the sill.',
      tag: 'flight',
      lang: 'en',
      dir: 'ltr',
      icon: `${site.url}/landing/icon-180.png`,
      image: `${site.url}/landing/icon-512.png`,
      silent: false,
      renotify: true,
      requireInteraction: true,
      vibrate: [100, 50, 100],
      actions: [{ action: 'see', title: 'See where', icon: '' }],
      data: {
        custom: { owl: 3 },
        belfry: {
          token: 'token-1',
          events: `${site.url}/v1/events`,
          navigate: `${site.url}/diary`,
          actions: { see: `${site.url}/map` },
        },
      },
    });
    const report = await site.request('events');
    expect(report.type).toMatch(/^text\/plain/);
    expect(report.body).toEqual({ events: [{ token: 'token-1', type: 'shown', at: expect.any(Number) }] });
  });

  test('that comes twice replaces itself, and another one does not', async () => {
    await deliver(JSON.stringify(payload('token-1')));
    await site.request('events');
    await deliver(JSON.stringify(payload('token-1')));
    await site.request('events', 2);
    expect(await shown(1)).toMatchObject([{ tag: 'token-1' }]);
    await deliver(JSON.stringify(payload('token-2')));
    await shown(2);
  });

  test('is shown though the server is away, and reported with the next one', async () => {
    site.answers.set('events', problem(503, 'unavailable'));
    await deliver(JSON.stringify(payload('token-1')));
    await shown(1);
    await expect.poll(() => keptReports(page)).toBe(1);
    const before = site.count('events');
    site.answers.clear();
    await deliver(JSON.stringify(payload('token-2')));
    await expect.poll(() => keptReports(page)).toBe(0);
    // by the browser's own Background Sync, if it was quicker than the next message
    expect(reported(before)).toEqual(new Set(['token-1', 'token-2']));
  });

  test('is shown before the server has answered anything', async () => {
    const release = site.hold();
    await deliver(JSON.stringify(payload('token-1')));
    await site.request('events');
    await shown(1);
    release();
  });

  test('is shown with its words when its options contradict each other', async () => {
    await deliver(JSON.stringify(payload('token-1', { body: 'Still here', silent: true, vibrate: [100] })));
    expect(await shown()).toMatchObject([{ title: 'First flight!', body: 'Still here', tag: 'token-1' }]);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['JSON of another kind', '{"title":"Elsewhere"}'],
    ['null', 'null'],
    ['an old form', '{"web_push":8030,"notification":{"title":7}}'],
    ['a deep one', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ])('that cannot be read shows something all the same: %s', async (_name, data) => {
    await deliver(data);
    expect(await shown()).toMatchObject([{ title: '127.0.0.1', body: 'There is news on 127.0.0.1.' }]);
    expect(await act('notificationclick')).toEqual({ done: [`focused ${site.url}/`], left: 0 });
    expect(site.count('events')).toBe(0);
  });
});

describe('a click', () => {
  test('opens the page, without our token, and is reported', async () => {
    await deliver(JSON.stringify(payload('token-1')));
    await site.request('events');
    expect(await act('notificationclick')).toEqual({ done: [`opened ${site.url}/diary`], left: 0 });
    expect((await site.request('events', 2)).body).toEqual({
      events: [{ token: 'token-1', type: 'clicked', at: expect.any(Number) }],
    });
  });

  test('is not counted as closing, though Firefox fires that event, too', async () => {
    await deliver(JSON.stringify(payload('token-1')));
    await site.request('events');
    await act('both');
    expect(site.seen.filter(({ path }) => path === '/v1/events').map(({ body }) => body)).toMatchObject([
      { events: [{ type: 'shown' }] },
      { events: [{ type: 'clicked' }] },
    ]);
  });

  test('focuses a tab that shows the page already', async () => {
    const other = await visitor.context.newPage();
    site.files.set('/diary', { type: 'text/html', body: '<title>Diary</title>' });
    await other.goto(`${site.url}/diary`);
    await deliver(JSON.stringify(payload('token-1')));
    await shown();
    expect((await act('notificationclick')).done).toEqual([`focused ${site.url}/diary`]);
  });

  test('on an action opens what the action is for', async () => {
    const actions = [
      { action: 'see', title: 'See', navigate: 'https://elsewhere.example/map?x=1&belfry=token-1' },
      { action: 'bad', title: 'Bad', navigate: 'javascript:alert(1)' },
    ];
    await deliver(JSON.stringify(payload('token-1', { actions })));
    await site.request('events');
    expect((await act('notificationclick', 'see')).done).toEqual([
      'opened https://elsewhere.example/map?x=1',
    ]);
    expect((await site.request('events', 2)).body).toMatchObject({
      events: [{ type: 'clicked', action: 'see' }],
    });
    await deliver(JSON.stringify(payload('token-2', { actions })));
    await shown();
    expect((await act('notificationclick', 'bad')).done).toEqual([`opened ${site.url}/diary`]);
  });
});

test('a notification that is closed is reported', async () => {
  await deliver(JSON.stringify(payload('token-1')));
  await site.request('events');
  await act('notificationclose');
  expect((await site.request('events', 2)).body).toMatchObject({
    events: [{ token: 'token-1', type: 'closed' }],
  });
});

describe('a subscription that the browser changed', () => {
  /** Fires pushsubscriptionchange in the worker, whose push service is a stub like the page's. */
  const change = () =>
    worker().evaluate(async () => {
      const scope = globalThis as unknown as ServiceWorkerGlobalScope & { unsubscribed?: boolean };
      const subscription = {
        endpoint: 'https://push.example/changed',
        toJSON: () => ({ endpoint: 'https://push.example/changed', keys: { p256dh: 'p', auth: 'a' } }),
        unsubscribe: async () => {
          scope.unsubscribed = true;
        },
      };
      Object.assign(PushManager.prototype, {
        getSubscription: async () => null,
        subscribe: async () => subscription,
      });
      const event = new Event('pushsubscriptionchange');
      const promises: Promise<unknown>[] = [];
      Object.defineProperty(event, 'waitUntil', {
        value: (promise: Promise<unknown>) => promises.push(promise),
      });
      scope.dispatchEvent(event);
      await Promise.all(promises);
      return scope.unsubscribed === true;
    });

  test('is made again, and the server learns of both endpoints', async () => {
    expect(await change()).toBe(false);
    expect((await site.request('subscriptions', 2)).body).toMatchObject({
      intent: 'sync',
      oldEndpoint: 'https://push.example/1',
      subscription: { endpoint: 'https://push.example/changed' },
    });
  });

  test('is given up when the server says that the person left', async () => {
    site.answers.set('subscriptions', { status: 410, body: {} });
    expect(await change()).toBe(true);
    expect(await change()).toBe(true);
    expect(site.count('subscriptions')).toBe(2);
  });
});

describe('what could not be sent', () => {
  const online = (tag: string) =>
    devtools.send('ServiceWorker.dispatchSyncEvent', {
      origin: site.url,
      registrationId,
      tag,
      lastChance: false,
    });

  test('is sent as soon as the browser is online again (Background Sync), without a page or a message', async () => {
    site.answers.set('events', problem(503, 'unavailable'));
    await deliver(JSON.stringify(payload('token-1')));
    await expect.poll(() => keptReports(page)).toBe(1);
    // still away: it is kept, for the next time
    const tries = site.count('events');
    await online('belfry-reports');
    await site.request('events', tries + 1);
    expect(await keptReports(page)).toBe(1);
    const before = site.count('events');
    site.answers.clear();
    await online('somebody-elses');
    await online('belfry-reports');
    await expect.poll(() => keptReports(page)).toBe(0);
    expect(reported(before)).toEqual(new Set(['token-1']));
  });

  test('asks the browser to be woken', async () => {
    const tags = await worker().evaluate(async () => {
      const scope = globalThis as unknown as ServiceWorkerGlobalScope;
      const registered: string[] = [];
      Object.defineProperty(scope.registration, 'sync', {
        value: { register: async (tag: string) => void registered.push(tag) },
      });
      Object.assign(scope, { registered });
      return registered;
    });
    expect(tags).toEqual([]);
    site.down = true;
    await deliver(JSON.stringify(payload('token-1')));
    const registered = () =>
      worker().evaluate(() => (globalThis as unknown as { registered: string[] }).registered);
    await expect.poll(registered).toEqual(['belfry-reports']);
    await worker().evaluate(() => {
      const event = new Event('pushsubscriptionchange');
      Object.defineProperty(event, 'waitUntil', {
        value: (promise: Promise<unknown>) => promise.catch(() => {}),
      });
      dispatchEvent(event);
    });
    await expect.poll(registered).toEqual(['belfry-reports', 'belfry-renew']);
  });
});

test('a newer worker takes over at once, and a page that was opened before goes on', async () => {
  const built = await readFile(resolve(import.meta.dirname, '../../out/landing/belfry-sw.js'), 'utf8');
  site.files.set('/belfry-sw.js', { type: 'text/javascript', body: `${built};self.newer = true;` });
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const before = registration.active;
    const replaced = new Promise<void>((done) => {
      const look = () => {
        if (registration.active !== before && registration.active?.state === 'activated') done();
        else setTimeout(look, 20);
      };
      look();
    });
    await registration.update();
    await replaced;
  });
  await deliver(JSON.stringify(payload('token-1', { body: 'By the newer one' })));
  expect(await shown()).toMatchObject([{ body: 'By the newer one' }]);
  expect((await site.request('events')).body).toMatchObject({ events: [{ token: 'token-1' }] });
  await page.getByRole('button', { name: 'Leave' }).click();
  await untilStatus(page, 'unsubscribed');
  await site.request('remove');
});
