import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultPrompt, type Prompt } from '../../main/contract/prompts.ts';
import { violations } from '../helpers/axe.ts';
import { problem, type SiteServer, startSiteServer, vapidKeys } from '../helpers/site-server.ts';
import { launchChromium, newVisitor, permit, type Visitor } from '../helpers/visitor.ts';

/* The ways to ask, on a page that is not ours, within a policy that allows no inline style and no inline script. */
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

const atOnce = { on: 'seconds', seconds: 0 } as const;
const topics: Prompt['topics'] = [
  { tag: 'news', labels: { en: 'News', ar: 'الأخبار' }, chosen: true },
  { tag: 'owls', labels: { en: 'The owls’ diary' }, chosen: false },
];

function pageOf(language = 'en', more = '') {
  site.files.set('/page', {
    type: 'text/html; charset=utf-8',
    body: `<!doctype html><html lang="${language}"><meta name="viewport" content="width=device-width"><title>Page</title>
      <script src="/belfry.js" data-site="site-key" defer></script><main><h1>Page</h1><a id="link" href="/other">Other</a>
      ${more}${'<p>Some words that take their room.</p>'.repeat(60)}</main>`,
  });
}

interface VisitOptions extends NonNullable<Parameters<typeof newVisitor>[2]> {
  prompt?: Partial<Prompt>;
  language?: string;
  more?: string;
  before?: () => void;
}

async function visit({ prompt = {}, language, more, before, ...options }: VisitOptions = {}): Promise<Page> {
  site.site.prompt = { ...defaultPrompt, when: atOnce, ...prompt };
  pageOf(language, more);
  visitor = await newVisitor(browser, site, options);
  if (before) await visitor.page.addInitScript(before);
  // a question that a person would see: counted, and answered as the test has set it
  await visitor.page.addInitScript(() => {
    if (!('Notification' in globalThis)) return;
    const ask = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => {
      localStorage.setItem('test-asked', String(Number(localStorage.getItem('test-asked') ?? 0) + 1));
      return ask();
    };
  });
  await visitor.page.goto(`${site.url}/page`);
  return visitor.page;
}

const card = (page: Page) => page.getByRole('dialog');
const bell = (page: Page) => page.getByRole('button', { name: 'Notifications' });
const press = (page: Page, name: string) => card(page).getByRole('button', { name }).click();
const view = (page: Page, name: string) => page.locator(`.card[data-view="${name}"]`).waitFor();
const asked = (page: Page) => page.evaluate(() => Number(localStorage.getItem('test-asked') ?? 0));
const subscriptions = () => site.seen.filter(({ path }) => path.endsWith('/subscriptions'));
/** Resolves once the prompts have begun; whatever comes at once is there a moment later. */
async function begun(page: Page) {
  await page.waitForFunction(() => document.documentElement.dataset['belfryStatus'] !== undefined);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
}
const client = (page: Page, work: string) =>
  page.evaluate(
    (code) => new Function('belfry', `return ${code}`)((globalThis as { belfry?: unknown }).belfry),
    work,
  );

describe.each(['panel', 'banner', 'bell'] as const)('a %s', (kind) => {
  test('asks decently: the browser is asked after a yes and not before, and all of it is announced', async () => {
    const page = await visit({ prompt: { kind, topics }, permission: 'granted' });
    if (kind === 'bell') {
      await bell(page).waitFor();
      expect(await bell(page).getAttribute('aria-expanded')).toBe('false');
      await bell(page).click();
      await card(page).waitFor();
      expect(await bell(page).getAttribute('aria-expanded')).toBe('true');
    }
    await card(page).waitFor();
    expect(await asked(page)).toBe(0);
    expect(subscriptions()).toEqual([]);
    expect(await card(page).getAttribute('aria-labelledby')).toBe('title');
    await card(page).getByLabel('The owls’ diary').check();
    await press(page, 'Yes, please');
    await view(page, 'done');
    expect(await card(page).innerText()).toContain('You will hear from us');
    expect(subscriptions()).toMatchObject([{ body: { intent: 'subscribe', topics: ['news', 'owls'] } }]);
    expect(visitor.complaints).toEqual([]);
    await press(page, 'Close');
    expect(await card(page).count()).toBe(0);
  });
});

test.each([
  ['panel', 'dark', 390, 'en'],
  ['panel', 'light', 1280, 'ar'],
  ['banner', 'dark', 1280, 'ar'],
  ['bell', 'light', 390, 'en'],
] as const)(
  'a %s has no barrier, moves nothing and sticks out nowhere: %s, %i pixels, %s',
  async (kind, scheme, width, language) => {
    const context = {
      colorScheme: scheme,
      viewport: { width, height: 844 },
      reducedMotion: 'reduce' as const,
    };
    const page = await visit({ prompt: { kind, topics }, context, language });
    if (kind === 'bell') await page.locator('.bell').click();
    await card(page).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    const { shift, box, edge } = await page.evaluate(
      () =>
        new Promise<{ shift: number; box: DOMRect; edge: number }>((done) => {
          const shown = document.querySelector('belfry-prompt')?.shadowRoot?.querySelector('.card');
          if (!shown) throw new Error('no card');
          const found = shown.getBoundingClientRect().toJSON() as DOMRect;
          const observer = new PerformanceObserver((list) => {
            const shifts = list.getEntries().filter(({ entryType }) => entryType === 'layout-shift');
            const sum = shifts.reduce((all, one) => all + (one as unknown as { value: number }).value, 0);
            done({ shift: sum, box: found, edge: document.documentElement.scrollWidth });
          });
          observer.observe({ type: 'layout-shift', buffered: true });
          observer.observe({ type: 'paint', buffered: true });
        }),
    );
    expect(shift).toBe(0);
    expect(edge).toBeLessThanOrEqual(width);
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.right).toBeLessThanOrEqual(width);
    expect(box.bottom).toBeLessThanOrEqual(844);
    // where lines end: on the left, where they run from the right
    if (kind === 'panel' && width === 1280) expect(box.right).toBeLessThan(width / 2);
    await page.locator('.yes').click();
    await view(page, 'done');
    expect(await violations(page)).toEqual([]);
    await page.locator('.card button').click();
    expect(visitor.complaints).toEqual([]);
  },
);

describe('the focus', () => {
  test('is taken by nothing that comes by itself', async () => {
    const page = await visit({ prompt: { kind: 'panel', when: { on: 'scroll', percent: 30 } } });
    await begun(page);
    await page.locator('#link').focus();
    await page.evaluate(() => scrollTo(0, 900));
    await card(page).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('link');
    // and who cannot see it hears of it
    expect(await page.getByRole('status').innerText()).toContain('Shall we tell you');
  });

  test('goes into what a person opened, stays there through every step, and comes back', async () => {
    const page = await visit({ prompt: { kind: 'bell', topics } });
    const focused = () =>
      page.evaluate(() => {
        const inside = document.querySelector('belfry-prompt')?.shadowRoot?.activeElement;
        return inside
          ? inside.id || inside.className || inside.tagName
          : (document.activeElement?.tagName ?? '');
      });
    await bell(page).focus();
    await page.keyboard.press('Enter');
    await card(page).waitFor();
    expect(await focused()).toBe('title');
    await page.keyboard.press('Escape');
    expect(await card(page).count()).toBe(0);
    expect(await focused()).toBe('bell');
    await page.keyboard.press('Enter');
    await view(page, 'ask');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('yes');
    await page.keyboard.press('Enter');
    await view(page, 'done');
    expect(await focused()).toBe('title');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('bell');
    expect(subscriptions()).toMatchObject([{ body: { topics: ['news', 'owls'] } }]);
  });
});

describe('when it comes', () => {
  test('after so many seconds, and not while nobody looks', async () => {
    site.site.prompt = { ...defaultPrompt, kind: 'panel', when: { on: 'seconds', seconds: 20 } };
    pageOf();
    visitor = await newVisitor(browser, site);
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${site.url}/page`);
    await page.waitForFunction(() => document.documentElement.dataset['belfryStatus'] === 'unsubscribed');
    await page.clock.runFor(19_000);
    expect(await card(page).count()).toBe(0);
    await page.evaluate(() =>
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }),
    );
    await page.clock.runFor(60_000);
    expect(await card(page).count()).toBe(0);
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'visible' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await card(page).waitFor();
  });

  test('on the third page, also of one that a script shows', async () => {
    const page = await visit({ prompt: { kind: 'banner', when: { on: 'pages', pages: 3 } } });
    await begun(page);
    expect(await card(page).count()).toBe(0);
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
    // a jump within the page is none to another
    await page.evaluate(() => {
      location.hash = 'part';
    });
    await begun(page);
    expect(await card(page).count()).toBe(0);
    await page.evaluate(() => history.pushState(null, '', '/page?second'));
    await card(page).waitFor();
  });

  test('on the second visit', async () => {
    const page = await visit({ prompt: { kind: 'panel', when: { on: 'visit', visits: 2 } } });
    await begun(page);
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
    await page.evaluate(() => {
      const memory = JSON.parse(localStorage.getItem('belfry:site-key') ?? '{}');
      localStorage.setItem('belfry:site-key', JSON.stringify({ ...memory, seen: memory.seen - 31 * 60_000 }));
    });
    await page.reload();
    await card(page).waitFor();
  });

  test('only when it is called', async () => {
    const page = await visit({ prompt: { kind: 'panel', when: { on: 'call' } } });
    await begun(page);
    expect(await card(page).count()).toBe(0);
    const answer = client(page, 'belfry.ask().then(({ status }) => status)');
    await card(page).waitFor();
    await press(page, 'Yes, please');
    await view(page, 'done');
    await press(page, 'Close');
    expect(await answer).toBe('subscribed');
  });
});

describe('a no', () => {
  const again = async (page: Page, days: number) => {
    await page.evaluate(
      (shift) => {
        const memory = JSON.parse(localStorage.getItem('belfry:site-key') ?? '{}');
        localStorage.setItem('belfry:site-key', JSON.stringify({ ...memory, quiet: memory.quiet - shift }));
      },
      days * 24 * 60 * 60 * 1000,
    );
    await page.reload();
    await begun(page);
  };

  test('holds for as long as the site has set, in every tab, and asks no browser', async () => {
    const page = await visit({ prompt: { kind: 'panel', snoozeDays: 30 }, permission: 'prompt' });
    await card(page).waitFor();
    const second = await visitor.context.newPage();
    await second.goto(`${site.url}/page`);
    await card(second).waitFor();
    await press(page, 'Not now');
    await card(second).waitFor({ state: 'detached' });
    await again(page, 29);
    expect(await card(page).count()).toBe(0);
    await again(page, 2);
    await card(page).waitFor();
    expect(await asked(page)).toBe(0);
  });

  test('by Escape is one, too; and the page can follow what became of it', async () => {
    const page = await visit({
      prompt: { kind: 'banner', when: { on: 'call' } },
    });
    await begun(page);
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(globalThis, { told });
      document.addEventListener('belfry:prompt', (event) => told.push((event as CustomEvent).detail));
      void (globalThis as unknown as { belfry: { ask(): void } }).belfry.ask();
    });
    await card(page).waitFor();
    await page.keyboard.press('Escape');
    await card(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told)).toEqual([
      { what: 'shown', kind: 'banner' },
      { what: 'dismissed', kind: 'banner' },
    ]);
  });

  test('by passing over it three times, and forever if the site wants it so', async () => {
    const page = await visit({ prompt: { kind: 'panel', snoozeDays: null } });
    for (const _ of [1, 2, 3]) {
      await card(page).waitFor();
      await page.reload();
      await begun(page);
    }
    expect(await card(page).count()).toBe(0);
    // who asks for it has it all the same
    void client(page, 'belfry.ask()').catch(() => {});
    await card(page).waitFor();
  });

  test('to the browser’s own question: it is not asked again by itself, and told how when it was blocked', async () => {
    const page = await visit({ prompt: { kind: 'panel' }, permission: 'prompt' });
    await press(page, 'Yes, please');
    await view(page, 'dismissed');
    expect(await asked(page)).toBe(1);
    await press(page, 'Close');
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);

    await permit(page, site.url, 'denied');
    await page.evaluate(() => localStorage.removeItem('belfry:site-key'));
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
    void client(page, 'belfry.ask()').catch(() => {});
    await view(page, 'blocked');
    expect(await card(page).innerText()).toContain('set notifications to “Allow”');
    expect(await asked(page)).toBe(1);
  });

  test('of somebody who left, or who took the permission back, holds for good', async () => {
    const page = await visit({ prompt: { kind: 'panel' } });
    await press(page, 'Yes, please');
    await view(page, 'done');
    await permit(page, site.url, 'prompt');
    await page.evaluate(() => localStorage.removeItem('belfry:site-key'));
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
    await permit(page, site.url, 'granted');
    await page.reload();
    await begun(page);
    await client(page, 'belfry.unsubscribe()');
    await page.evaluate(() => localStorage.removeItem('belfry:site-key'));
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
  });

  test('that could not be remembered is not risked: without storage nothing comes by itself', async () => {
    const page = await visit({
      prompt: { kind: 'panel' },
      before: () => {
        const refuse = () => {
          throw new DOMException('Access is denied', 'SecurityError');
        };
        // for Belfry's own: the stub of the push service needs its place
        const { setItem } = Storage.prototype;
        Storage.prototype.setItem = function (key, value) {
          if (key.startsWith('belfry')) refuse();
          setItem.call(this, key, value);
        };
        Object.defineProperty(globalThis, 'indexedDB', { get: refuse });
      },
    });
    await begun(page);
    expect(await card(page).count()).toBe(0);
    void client(page, 'belfry.ask()').catch(() => {});
    await press(page, 'Yes, please');
    await view(page, 'done');
    expect(visitor.complaints).toEqual([]);
  });
});

describe('a subscriber', () => {
  test('changes topics or leaves from the bell, which is there at once', async () => {
    const page = await visit({ prompt: { kind: 'bell', topics, when: { on: 'call' } } });
    await begun(page);
    expect(await bell(page).count()).toBe(0);
    await client(page, 'belfry.subscribe()');
    await page.reload();
    await bell(page).click();
    await view(page, 'manage');
    await card(page).getByLabel('News').uncheck();
    await card(page).getByLabel('The owls’ diary').check();
    const before = subscriptions().length;
    await press(page, 'Save');
    await page.getByRole('status').getByText('Saved.').waitFor();
    expect((await site.request('subscriptions', before + 1)).body).toMatchObject({
      intent: 'sync',
      topics: ['owls'],
    });
    // remembered, and sent with every later page, too
    await page.reload();
    expect((await site.request('subscriptions', before + 2)).body).toMatchObject({ topics: ['owls'] });
    await bell(page).click();
    expect(await card(page).getByLabel('News').isChecked()).toBe(false);
    await press(page, 'Stop notifications');
    await view(page, 'left');
    await site.request('remove');
    expect(await client(page, 'belfry.state().status')).toBe('unsubscribed');
  });

  test('is welcomed once, by the page itself, and not again on the next page', async () => {
    const welcome = {
      texts: { en: { title: 'Welcome up here', body: 'The owls say hello.' } },
      url: 'https://www.tolling.example/start',
    };
    const page = await visit({ prompt: { kind: 'page', welcome } });
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        const all = (await registration?.getNotifications()) ?? [];
        return all.map(({ title, body, data }) => ({ title, body, data }));
      });
    await begun(page);
    await client(page, 'belfry.subscribe()');
    await expect.poll(shown).toEqual([
      {
        title: 'Welcome up here',
        body: 'The owls say hello.',
        data: { belfry: { navigate: 'https://www.tolling.example/start', actions: {} } },
      },
    ]);
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      for (const one of (await registration?.getNotifications()) ?? []) one.close();
    });
    await expect.poll(shown).toEqual([]);
    await page.reload();
    await site.request('subscriptions', 2);
    await begun(page);
    expect(await shown()).toEqual([]);
    expect(site.count('events')).toBe(0);
  });
});

describe('one’s own button', () => {
  const more =
    '<button id="own" data-belfry="ask">Tell me</button><button id="now" data-belfry="subscribe">Now</button>';

  test('opens the question, gets the focus back, and can be styled by where one stands', async () => {
    const page = await visit({ prompt: { kind: 'button', topics }, more });
    await begun(page);
    expect(await card(page).count()).toBe(0);
    await page.locator('#own').click();
    await card(page).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('own');
    await page.locator('#own').click();
    await press(page, 'Yes, please');
    await view(page, 'done');
    expect(await page.locator('html').getAttribute('data-belfry-status')).toBe('subscribed');
    await press(page, 'Close');
    await page.locator('#own').click();
    await view(page, 'manage');
  });

  test('subscribes with one press, also one that was put there later', async () => {
    const page = await visit({ prompt: { kind: 'button' } });
    await begun(page);
    await page.evaluate(() => {
      const late = document.createElement('button');
      late.id = 'late';
      late.dataset['belfry'] = 'subscribe';
      late.append(document.createElement('b'));
      document.querySelector('h1')?.append(late);
      late.firstElementChild?.append('Late');
    });
    await page.locator('#late b').click();
    await view(page, 'done');
    expect(subscriptions()).toMatchObject([{ body: { intent: 'subscribe' } }]);
  });
});

describe('what a browser lacks', () => {
  const iPhone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1';

  test('an iPhone outside the Home Screen is shown the way there, after a yes (simulated: no Push, its user agent)', async () => {
    const page = await visit({
      prompt: { kind: 'panel' },
      context: { userAgent: iPhone, viewport: { width: 390, height: 844 } },
      before: () => {
        Reflect.deleteProperty(globalThis, 'PushManager');
        Reflect.deleteProperty(globalThis, 'Notification');
      },
    });
    await press(page, 'Yes, please');
    await view(page, 'homeScreen');
    expect(await card(page).getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('Share'),
      expect.stringContaining('Add to Home Screen'),
      expect.stringContaining('Open'),
    ]);
    expect(await card(page).locator('svg').count()).toBe(3);
    expect(await violations(page)).toEqual([]);
    await press(page, 'Close');
    await page.reload();
    await begun(page);
    expect(await card(page).count()).toBe(0);
    expect(subscriptions()).toEqual([]);
  });

  test('a browser that cannot is left in peace, and told so when it asks', async () => {
    const page = await visit({
      prompt: { kind: 'bell' },
      before: () => {
        Reflect.deleteProperty(globalThis, 'PushManager');
      },
    });
    await begun(page);
    expect(await bell(page).count()).toBe(0);
    void client(page, 'belfry.ask("banner")').catch(() => {});
    await view(page, 'unable');
    expect(await card(page).innerText()).toContain('Firefox');
  });

  test('a private window is told, and the browser keeps nothing (a real one: Chromium refuses its ephemeral contexts)', async () => {
    const page = await visit({ prompt: { kind: 'panel' }, realPush: true });
    await press(page, 'Yes, please');
    await view(page, 'unable');
    expect(await card(page).innerText()).toContain('private windows');
    expect(subscriptions()).toEqual([]);
  });

  test('one without constructed style sheets works all the same (simulated)', async () => {
    const page = await visit({
      prompt: { kind: 'panel' },
      before: () => {
        CSSStyleSheet.prototype.replaceSync = () => {
          throw new Error('not here');
        };
      },
    });
    await card(page).waitFor();
    // this policy allows no element without a nonce: it works, undressed
    await press(page, 'Yes, please');
    await view(page, 'done');
  });
});

describe('trouble', () => {
  test('a server that is away, and back: kept, sent, and said', async () => {
    const page = await visit({ prompt: { kind: 'panel' } });
    await card(page).waitFor();
    site.down = true;
    await press(page, 'Yes, please');
    await view(page, 'kept');
    site.down = false;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForFunction(() => document.documentElement.dataset['belfryStatus'] === 'subscribed');
  });

  test('a browser that is offline is told so, and tries again', async () => {
    const page = await visit({ prompt: { kind: 'panel' } });
    await card(page).waitFor();
    await visitor.context.setOffline(true);
    await press(page, 'Yes, please');
    await view(page, 'failed');
    expect(await card(page).innerText()).toContain('Check that you are online');
    await visitor.context.setOffline(false);
    await press(page, 'Try again');
    await view(page, 'done');
  });

  test('a server that says no is quoted, and can be asked again', async () => {
    site.answers.set(
      'subscriptions',
      problem(403, 'origin_not_allowed', { visitorMessage: 'Not from <b>here</b>.' }),
    );
    const page = await visit({ prompt: { kind: 'panel' } });
    await press(page, 'Yes, please');
    await view(page, 'failed');
    expect(await card(page).innerText()).toContain('Not from <b>here</b>.');
    site.answers.clear();
    await press(page, 'Try again');
    await view(page, 'done');
  });

  test('prompts that do not load leave the page and the client as they are', async () => {
    site.files.set('/belfry-prompts.js', { type: 'text/javascript', body: 'throw new Error("no")' });
    const page = await visit({ prompt: { kind: 'panel' } });
    expect(await client(page, 'belfry.ask().then(({ status }) => status)')).toBe('unsubscribed');
    expect(await client(page, 'belfry.subscribe().then(({ status }) => status)')).toBe('subscribed');
  });

  test('a site that asks by its own page loads none of it', async () => {
    const page = await visit({ prompt: { kind: 'page' } });
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.reload();
    await client(page, 'belfry.subscribe()');
    expect(loaded.filter((url) => /prompt/.test(url))).toEqual([]);
  });

  test('hostile words and colours stay words and colours', async () => {
    const title = '<img src=x onerror=alert(1)>';
    const page = await visit({
      prompt: { kind: 'panel', words: { en: { title, no: '</button><script>1</script>' } } },
    });
    await card(page).waitFor();
    expect(await card(page).getByRole('heading').innerText()).toBe(title);
    expect(await page.locator('.card img, .card script').count()).toBe(0);
    expect(visitor.complaints).toEqual([]);
  });
});

test.each([
  ['a nonce and strict-dynamic', "script-src 'nonce-bells' 'strict-dynamic'"],
  ['a nonce alone', "script-src 'nonce-bells'"],
  ['Trusted Types', "script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"],
])('within a policy of %s', async (name, script) => {
  site.site.prompt = { ...defaultPrompt, kind: 'panel', when: atOnce };
  site.files.set('/page', {
    type: 'text/html',
    policy: `default-src 'none'; connect-src 'self'; worker-src 'self'; ${script}`,
    body: '<title>Page</title><script nonce="bells" src="/belfry.js" data-site="site-key" defer></script>',
  });
  visitor = await newVisitor(browser, site);
  const { page } = visitor;
  if (name === 'Trusted Types') {
    // to register a worker is one of the things that they forbid: the site does it, on a page that may
    site.files.set('/start', { type: 'text/html', body: '<title>Start</title>' });
    await page.goto(`${site.url}/start`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/belfry-sw.js');
      await navigator.serviceWorker.ready;
    });
  }
  await page.goto(`${site.url}/page`);
  await press(page, 'Yes, please');
  await view(page, 'done');
  expect(visitor.complaints).toEqual([]);
});

test('a page from the back-forward cache looks again, and shows where one stands', async () => {
  const cached = await launchChromium([], ['--disable-back-forward-cache']);
  try {
    site.site.prompt = { ...defaultPrompt, kind: 'bell' };
    pageOf();
    site.files.set('/other', { type: 'text/html', body: '<title>Other</title>' });
    visitor = await newVisitor(cached, site);
    const { page } = visitor;
    await page.goto(`${site.url}/page`);
    await begun(page);
    await client(page, 'belfry.subscribe()');
    await page.evaluate(() => {
      window.addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }));
    });
    await page.goto(`${site.url}/other`);
    site.answers.set('subscriptions', problem(410, 'subscription_gone'));
    // Playwright’s own way back waits for a load that never comes
    await page.evaluate(() => history.back()).catch(() => {});
    await page.waitForFunction(() => document.documentElement.dataset['belfryStatus'] === 'unsubscribed');
    expect(await page.evaluate(() => (globalThis as { persisted?: boolean }).persisted)).toBe(true);
  } finally {
    await cached.close();
  }
});

test('to someone whose subscription the browser lost the site comes forward, says why, and a yes renews it', async () => {
  const page = await visit({ prompt: { kind: 'banner' } });
  await press(page, 'Yes, please');
  await view(page, 'done');
  site.site.vapidPublicKey = vapidKeys[1];
  await page.evaluate(() => localStorage.setItem('test-push', 'AbortError'));
  await page.reload();
  await view(page, 'ask');
  expect(await card(page).innerText()).toMatch(/did not renew it.*Subscribe again/s);
  expect((await site.request('remove')).body).toMatchObject({ lost: true });
  await page.evaluate(() => localStorage.removeItem('test-push'));
  await press(page, 'Yes, please');
  await view(page, 'done');
  expect(subscriptions().at(-1)?.body).toMatchObject({
    intent: 'subscribe',
    oldEndpoint: 'https://push.example/1',
  });
});
