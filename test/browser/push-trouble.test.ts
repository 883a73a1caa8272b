import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Site } from '../../main/contract/sites.ts';
import type { Page } from '../helpers/browsers/browser.ts';
import { browserNames } from '../helpers/browsers/browsers.ts';
import { describeWith } from '../helpers/requirements.ts';
import { startWorld, status, type World } from '../helpers/world.ts';

/** What the landing page says, as a visitor sees it. */
const told = (page: Page) =>
  page.evaluate(() => {
    const visible = (selector: string) => {
      const element = document.querySelector<HTMLElement>(selector);
      return element?.checkVisibility() ? element.innerText : '';
    };
    return {
      message: visible('#message'),
      advice: visible('#advice'),
      failed: [...document.querySelectorAll<HTMLElement>('[data-step][data-state="failed"]')].map(
        (step) => step.dataset['step'],
      ),
    };
  });

for (const name of browserNames)
  describeWith([name, 'dbus', 'openssl'], `trouble on the way, in ${name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await startWorld();
    });
    afterEach(() => world?.close());

    test('a refused permission is explained, and taken back is understood', async () => {
      await using browser = await world.launch(name, 'denied');
      const page = await browser.open(world.landing);
      await expect.poll(() => status(page)).toBe('unavailable');
      expect(await told(page)).toEqual({
        message: expect.stringMatching(/blocked/),
        advice: expect.stringMatching(/Allow/),
        failed: ['permission'],
      });
      expect(await world.subscribers()).toEqual([]);
      await browser.relaunch({ permission: 'granted' });
      await world.subscribe(browser);
      expect(await world.subscribers('active')).toHaveLength(1);
    });

    test('a permission withdrawn later is noticed on the next visit', async () => {
      await using browser = await world.launch(name, 'granted');
      await world.subscribe(browser);
      await browser.relaunch({ permission: 'denied' });
      const page = await browser.open(world.landing);
      await expect.poll(() => status(page)).toBe('unavailable');
      expect(await told(page)).toMatchObject({
        message: expect.stringMatching(/no longer allows/),
        failed: ['permission'],
      });
    });

    test('a server that is down while one subscribes is told as soon as it is back', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      // the worker is installed now, as on any site that serves it itself
      await page.click('#leave');
      await expect.poll(() => status(page)).toBe('unsubscribed');
      await expect.poll(async () => (await world.subscribers('unsubscribed')).length).toBe(1);
      await world.server.kill();
      await page.click('#subscribe');
      await expect.poll(() => status(page)).toBe('kept');
      expect(await told(page)).toMatchObject({
        message: expect.stringMatching(/cannot be reached/),
        advice: expect.stringMatching(/nothing more to do/),
      });
      await world.server.restart();
      await expect.poll(() => status(page), { timeout: 40_000 }).toBe('subscribed');
      expect(await world.subscribers('active')).toHaveLength(1);
      await world.send({ title: 'Here we are again' });
      await world.notification('Here we are again');
    });

    test('leaving while the server is down is told later', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      await world.server.kill();
      await page.click('#leave');
      await expect.poll(() => status(page)).toBe('unsubscribed');
      await world.server.restart();
      await expect
        .poll(async () => (await world.subscribers()).map(({ state }) => state), { timeout: 40_000 })
        .toEqual(['unsubscribed']);
    });

    test('someone who was removed by the operator is not brought back by a visit', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const [person] = await world.subscribers('active');
      await world.server.api('POST', `/subscribers/${person?.id}/remove`);
      await page.reload();
      await expect.poll(() => status(page)).toBe('unsubscribed');
      const left = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.pushManager.getSubscription()) === null;
      });
      expect(left).toBe(true);
      expect(await world.subscribers('active')).toEqual([]);
    });

    test('a subscription with another key makes way, and is not sent to with the wrong one', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const origin = new URL(world.landing).origin;
      const site = { name: 'Another', origins: [origin], subject: 'mailto:owls@example.org' };
      const other = await world.server.api<Site>('POST', '/sites', site);
      await page.goto(`${origin}/?site=${other.key}`);
      await expect.poll(() => status(page)).toMatch(/^(unsubscribed|subscribed)$/);
      await page.evaluate(async () => {
        const { belfry } = globalThis as unknown as { belfry: { subscribe(): Promise<unknown> } };
        await belfry.subscribe();
      });
      await expect.poll(() => status(page)).toBe('subscribed');
      const audience = { everyone: true };
      await world.server.api('POST', '/campaigns', {
        site: other.id,
        message: { title: 'By the new key' },
        audience,
      });
      await world.notification('By the new key');
      const { id } = await world.send({ title: 'By the old key' });
      await expect
        .poll(() => world.campaign(id))
        .toMatchObject({ state: 'finished', counts: { accepted: 0 } });
      expect((await world.campaign(id)).counts.rejected).toBe(0);
    });

    test('a subscription that is given up for a new key, and not renewed, is known to be lost; a button renews it', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const [person] = await world.subscribers('active');
      await world.server.api('POST', `/sites/${world.site.id}/keys`, { current: true });
      await page.evaluate(async (site) => {
        // past the minute for which browsers keep the configuration
        await fetch(`/v1/sites/${site}/config`, { cache: 'reload', credentials: 'omit' });
        const { subscribe } = PushManager.prototype;
        PushManager.prototype.subscribe = async () => {
          PushManager.prototype.subscribe = subscribe;
          throw new DOMException('Registration failed', 'AbortError');
        };
        const { belfry } = globalThis as unknown as { belfry: { init(options: object): Promise<unknown> } };
        await belfry.init({ site });
      }, world.site.key);
      await expect.poll(() => status(page)).toBe('unsubscribed');
      expect(await told(page)).toMatchObject({
        message: expect.stringMatching(/did not renew/),
        advice: expect.stringMatching(/Subscribe again/),
        failed: ['subscribe'],
      });
      await expect
        .poll(() => world.subscribers())
        .toMatchObject([{ id: person?.id, state: 'expired', stateReason: 'lost' }]);
      await page.click('#subscribe');
      await expect.poll(() => status(page)).toBe('subscribed');
      // the same person, who can be sent to with the new key
      expect(await world.subscribers()).toMatchObject([
        { id: person?.id, state: 'active', stateReason: null },
      ]);
      await world.send({ title: 'By the newest key' });
      await world.notification('By the newest key');
    });
  });
