import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { State } from '../../landing/client/client.ts';
import { problem, type SiteServer, startSiteServer } from '../helpers/site-server.ts';
import { launchChromium, newVisitor, permit, untilStatus, type Visitor } from '../helpers/visitor.ts';

/* Every way in which subscribing fails: what the client says, and that the page shows it with what to do. */
let browser: Browser;
let site: SiteServer;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchChromium(['--host-resolver-rules=MAP insecure.test 127.0.0.1']);
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await startSiteServer();
});
afterEach(async () => {
  await visitor.context.close();
  await site.close();
});

async function visit(options: Parameters<typeof newVisitor>[2], before?: () => void, url = site.url) {
  visitor = await newVisitor(browser, site, options);
  if (before) await visitor.page.addInitScript(before);
  await visitor.page.goto(url);
  return visitor.page;
}

const press = (page: Page) => page.getByRole('button', { name: 'Subscribe' }).click();

/** Checks the failure in the client's state and that the visitor can read all of it. */
async function expectFailure(page: Page, status: State['status'], code: string, step: string, words: RegExp) {
  await untilStatus(page, status);
  const { failure, steps } = await page.evaluate(() =>
    (globalThis as unknown as { belfry: { state(): State } }).belfry.state(),
  );
  expect(failure).toMatchObject({ code, step });
  const text = await page.locator('#status').innerText();
  expect(text).toContain(failure?.message);
  expect(text).toContain(failure?.advice);
  expect(text).toMatch(words);
  expect(steps.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual([step]);
  expect(await page.locator(`[data-step="${step}"]`).getAttribute('data-state')).toBe('failed');
  expect(visitor.complaints).toEqual([]);
}

const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1';

describe('this browser cannot', () => {
  test('insecure origin', async () => {
    const page = await visit({}, undefined, site.url.replace('127.0.0.1', 'insecure.test'));
    await expectFailure(page, 'unavailable', 'insecure_origin', 'secure', /https:\/\//);
  });

  test('no service workers', async () => {
    const page = await visit({}, () => {
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
    });
    await expectFailure(page, 'unavailable', 'workers_unsupported', 'workers', /private window/);
  });

  test('no Push', async () => {
    const page = await visit({}, () => {
      Reflect.deleteProperty(globalThis, 'PushManager');
    });
    await expectFailure(page, 'unavailable', 'push_unsupported', 'push', /Firefox/);
  });

  test('iOS outside the Home Screen (simulated: no PushManager, its user agent)', async () => {
    const page = await visit({ context: { userAgent: iPhone } }, () => {
      Reflect.deleteProperty(globalThis, 'PushManager');
    });
    await expectFailure(page, 'unavailable', 'ios_home_screen', 'push', /Add to Home Screen/);
  });

  test('an old iOS on the Home Screen is not sent there again (simulated)', async () => {
    const page = await visit({ context: { userAgent: iPhone } }, () => {
      Reflect.deleteProperty(globalThis, 'PushManager');
      Object.assign(navigator, { standalone: true });
    });
    await expectFailure(page, 'unavailable', 'push_unsupported', 'push', /up-to-date/);
  });

  test('a private window (a real one: Chromium refuses its ephemeral contexts)', async () => {
    const page = await visit({ realPush: true });
    await press(page);
    await expectFailure(page, 'unavailable', 'private_window', 'subscribe', /normal window/);
    expect(site.count('subscriptions')).toBe(0);
  });
});

describe('the permission', () => {
  test('was denied before: the visitor is told, and never asked', async () => {
    const page = await visit({ permission: 'denied' });
    await expectFailure(
      page,
      'unavailable',
      'permission_denied',
      'permission',
      /set notifications to “Allow”/,
    );
    await permit(page, site.url, 'granted');
    await untilStatus(page, 'unsubscribed');
  });

  test('is denied now', async () => {
    // the browser's answer to the question: a person clicking “Block”
    const page = await visit({ permission: 'prompt' }, () => {
      Notification.requestPermission = async () => {
        Object.defineProperty(Notification, 'permission', { value: 'denied' });
        return 'denied';
      };
    });
    await press(page);
    await expectFailure(page, 'unavailable', 'permission_denied', 'permission', /blocked/);
  });

  test('is dismissed, and given at the second attempt', async () => {
    const page = await visit({ permission: 'prompt' });
    await press(page);
    await expectFailure(page, 'failed', 'permission_dismissed', 'permission', /choose “Allow”/);
    await permit(page, site.url, 'granted');
    await page.locator('#subscribe').click();
    await untilStatus(page, 'subscribed');
  });
});

describe('the push service', () => {
  test('refuses', async () => {
    const page = await visit({});
    await page.evaluate(() => localStorage.setItem('test-push', 'AbortError'));
    await press(page);
    await expectFailure(page, 'failed', 'push_service_refused', 'subscribe', /firewall/);
    await page.evaluate(() => localStorage.removeItem('test-push'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await untilStatus(page, 'subscribed');
  });

  test('refuses in Brave, whose messaging is off', async () => {
    const page = await visit({}, () => {
      Object.assign(navigator, { brave: {} });
    });
    await page.evaluate(() => localStorage.setItem('test-push', 'AbortError'));
    await press(page);
    await expectFailure(page, 'failed', 'push_service_refused', 'subscribe', /brave:\/\/settings\/privacy/);
  });

  test('does not take the site’s key', async () => {
    const page = await visit({});
    await page.evaluate(() => localStorage.setItem('test-push', 'InvalidAccessError'));
    await press(page);
    await expectFailure(page, 'unavailable', 'not_set_up', 'subscribe', /not set up/);
  });
});

describe('the worker', () => {
  test('is not where it should be', async () => {
    site.site.workerPath = '/nowhere.js';
    const page = await visit({});
    await press(page);
    await expectFailure(page, 'failed', 'worker_not_installed', 'installed', /could not be installed/);
  });

  test('gives up while it starts', async () => {
    site.files.set('/belfry-sw.js', {
      type: 'text/javascript',
      body: "addEventListener('install', (event) => event.waitUntil(Promise.reject(new Error('no'))));",
    });
    const page = await visit({});
    await press(page);
    await expectFailure(page, 'failed', 'worker_not_running', 'running', /did not start/);
  });

  test('is kept out with all of the site’s storage', async () => {
    const page = await visit({}, () => {
      ServiceWorkerContainer.prototype.register = async () => {
        throw new DOMException('Access is denied', 'SecurityError');
      };
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new DOMException('Access is denied', 'SecurityError');
        },
      });
    });
    await press(page);
    await expectFailure(page, 'unavailable', 'storage_blocked', 'installed', /Allow cookies/);
  });
});

describe('the server', () => {
  test('says no: its own words are shown, and the browser keeps no useless subscription', async () => {
    const visitorMessage = 'This page may not sign people up <b>here</b>.';
    site.answers.set('subscriptions', problem(403, 'origin_not_allowed', { visitorMessage }));
    const page = await visit({});
    await press(page);
    await expectFailure(page, 'failed', 'server_refused', 'send', /may not sign people up <b>here<\/b>/);
    expect(await page.evaluate(() => localStorage.getItem('test-subscription'))).toBeNull();
  });

  test('says no without a message for visitors: the detail is shown', async () => {
    site.answers.set(
      'subscriptions',
      problem(400, 'invalid_input', { detail: 'That push host is not allowed.' }),
    );
    const page = await visit({});
    await press(page);
    await expectFailure(page, 'failed', 'server_refused', 'send', /push host is not allowed/);
  });

  test('says no with something that is no problem document', async () => {
    site.answers.set('subscriptions', { status: 400, body: '<html>' });
    const page = await visit({});
    await press(page);
    await expectFailure(page, 'failed', 'server_refused', 'send', /did not accept/);
  });

  test('does not know the site, which shows before anybody is asked', async () => {
    site.answers.set('config', problem(404, 'not_found', { visitorMessage: 'There is no such site.' }));
    const page = await visit({ permission: 'prompt' });
    await expectFailure(page, 'failed', 'server_refused', 'send', /no such site/);
  });

  test('is unreachable from the start', async () => {
    site.down = true;
    const page = await visit({});
    await page.locator('#subscribe').click();
    await expectFailure(page, 'failed', 'server_unreachable', 'send', /try again in a moment/);
  });

  test.each([
    ['unreachable', () => site.answers.set('subscriptions', 'unreachable')],
    ['failing', () => site.answers.set('subscriptions', problem(503, 'unavailable'))],
    ['busy', () => site.answers.set('subscriptions', problem(429, 'rate_limited'))],
  ])('is %s: kept, and sent when the browser is online again', async (_name, breakIt) => {
    const page = await visit({});
    breakIt();
    await press(page);
    await expectFailure(page, 'kept', 'server_unreachable', 'send', /nothing more to do/);
    site.answers.clear();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await untilStatus(page, 'subscribed');
    expect(site.seen.at(-1)?.body).toMatchObject({ intent: 'subscribe' });
  });

  test('has no time for what a page reads (429): nothing is shown of it, and a subscriber stays one', async () => {
    site.site.prompt = { ...site.site.prompt, kind: 'banner', when: { on: 'seconds', seconds: 0 } };
    for (const path of ['config', 'prompt']) site.answers.set(path, problem(429, 'rate_limited'));
    const page = await visit({ permission: 'prompt' });
    await untilStatus(page, 'unsubscribed');
    expect(await page.locator('belfry-prompt').count()).toBe(0);
    site.answers.clear();
    await permit(page, site.url, 'granted');
    await press(page);
    await untilStatus(page, 'subscribed');
    for (const path of ['config', 'prompt']) site.answers.set(path, problem(429, 'rate_limited'));
    await page.reload();
    await untilStatus(page, 'subscribed');
    expect(visitor.complaints.filter((said) => !/429/.test(said))).toEqual([]);
  });

  test('is unreachable: sent on the next visit, as the subscription that it is', async () => {
    const page = await visit({});
    site.answers.set('subscriptions', 'unreachable');
    await press(page);
    await untilStatus(page, 'kept');
    site.answers.clear();
    await page.reload();
    await untilStatus(page, 'subscribed');
    expect(site.seen.at(-1)?.body).toMatchObject({
      intent: 'subscribe',
      subscription: { endpoint: 'https://push.example/1' },
    });
  });

  test('is unreachable: tried again while the page is open', async () => {
    visitor = await newVisitor(browser, site);
    await visitor.page.clock.install();
    await visitor.page.goto(site.url);
    site.answers.set('subscriptions', 'unreachable');
    await press(visitor.page);
    await untilStatus(visitor.page, 'kept');
    site.answers.clear();
    await visitor.page.clock.runFor(6000);
    await untilStatus(visitor.page, 'subscribed');
  });
});

test('without a site the page says that nothing is set up', async () => {
  site.site.key = '';
  const page = await visit({});
  await untilStatus(page, 'unavailable');
  expect(await page.locator('#status').innerText()).toMatch(/not set up .* make a site in Belfry/s);
  expect(await page.locator('button:visible').count()).toBe(0);
  expect(site.seen).toEqual([]);
});
