import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Page } from '../helpers/browsers/browser.ts';
import { browserNames } from '../helpers/browsers/browsers.ts';
import { describeWith } from '../helpers/requirements.ts';
import { startWorld, status, type World } from '../helpers/world.ts';

// From the landing page to the click and on to the end of a subscription, with nothing pretended but the push
// services' whereabouts.

interface Shown {
  title: string;
  body: string;
  actions: string[];
}

/** What the browser itself says is on the screen. */
const notifications = (page: Page): Promise<Shown[]> =>
  page.evaluate(async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map((one) => {
      // not in TypeScript's description of the DOM
      const { actions } = one as Notification & { actions: { title: string }[] };
      return { title: one.title, body: one.body, actions: actions.map(({ title }) => title) };
    });
  });

for (const name of browserNames)
  describeWith([name, 'dbus', 'openssl'], `a notification’s whole path, in ${name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await startWorld();
    });
    afterEach(() => world?.close());

    test('subscribe, send, show, click, dismiss, and leave without a word', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const [person, ...others] = await world.subscribers('active');
      expect(others).toEqual([]);
      expect(person).toMatchObject({
        site: world.site.id,
        pushService: name === 'firefox' ? 'mozilla' : 'fcm',
        browser: name === 'firefox' ? 'Firefox' : expect.stringMatching(/^Chrom/),
        system: 'Linux',
        page: new URL('/', world.landing).href,
      });

      const article = `${world.landing}&article=first-flight`;
      const sent = await world.send({
        title: 'First flight!',
        body: 'Grüße vom Turm 🦉: number three has flown.',
        url: article,
        actions: [{ action: 'diary', title: 'Read the diary', url: `${world.landing}&article=diary` }],
        ttl: 600,
        urgency: 'high',
        topic: 'owls',
      });
      expect(sent.counts.total).toBeLessThanOrEqual(1);
      await expect
        .poll(() => notifications(page))
        .toEqual([
          {
            title: 'First flight!',
            body: 'Grüße vom Turm 🦉: number three has flown.',
            actions: ['Read the diary'],
          },
        ]);
      expect(world.pushService.accepted).toMatchObject([{ ttl: 600, urgency: 'high', topic: 'owls' }]);
      expect(world.pushService.accepted[0]?.body.toString('latin1')).not.toContain('First flight');
      const shown = await world.notification('First flight!');
      expect(shown.body).toContain('Grüße vom Turm');
      const counts = async () => (await world.campaign(sent.id)).counts;
      await expect.poll(counts).toMatchObject({ total: 1, accepted: 1, pending: 0, shown: 1, clicked: 0 });
      await expect.poll(async () => (await world.campaign(sent.id)).state).toBe('finished');

      world.daemon.click(shown);
      await expect.poll(async () => (await browser.pages()).map((one) => one.address())).toContain(article);
      await expect.poll(counts).toMatchObject({ shown: 1, clicked: 1, closed: 0 });
      await expect.poll(() => notifications(page)).toEqual([]);

      const again = await world.send({
        title: 'Second flight!',
        actions: [{ action: 'diary', title: 'Read the diary', url: `${world.landing}&article=diary` }],
      });
      const second = await world.notification('Second flight!');
      const button = [...second.actions].find(([, label]) => label === 'Read the diary')?.[0];
      expect(button).toBeDefined();
      world.daemon.click(second, button);
      await expect
        .poll(async () => (await browser.pages()).map((one) => one.address()))
        .toContain(`${world.landing}&article=diary`);
      await expect
        .poll(async () => (await world.campaign(again.id)).clicks)
        .toEqual([{ action: 'diary', count: 1 }]);

      const third = await world.send({ title: 'Third flight!' });
      world.daemon.dismiss(await world.notification('Third flight!'));
      await expect
        .poll(async () => (await world.campaign(third.id)).counts)
        .toMatchObject({ accepted: 1, shown: 1, clicked: 0, closed: 1 });

      // a page that is still looking after its subscription would make it anew
      for (const open of await browser.pages())
        if (open.address().startsWith(world.landing))
          await expect.poll(() => status(open)).toBe('subscribed');
      // the browser ends the subscription and tells nobody but its push service
      const endpoint = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        const subscription = await registration.pushManager.getSubscription();
        await subscription?.unsubscribe();
        return subscription?.endpoint ?? '';
      });
      const last = await world.send({ title: 'Anybody there?' });
      await expect
        .poll(async () => world.campaign(last.id))
        .toMatchObject({ state: 'finished', counts: { total: 1, accepted: 0, expired: 1 } });
      expect(world.pushService.requests.at(-1)?.status).toBe(410);
      expect(await world.server.api('GET', `/subscribers/${person?.id}`)).toMatchObject({ state: 'expired' });
      expect(await world.subscribers('active')).toEqual([]);
      expect(await world.send({ title: 'Nobody' })).toMatchObject({ counts: { total: 0 } });

      // the secrets of a subscriber are nowhere to be read, nor is the token beyond the line that announces it
      const log = world.server.output.filter((line) => !line.startsWith('{"pid"')).join('\n');
      const token = endpoint.split('/').at(-1) ?? '';
      for (const text of [log, JSON.stringify(await world.subscribers())]) {
        expect(token.length).toBeGreaterThan(20);
        expect(text).not.toContain(token);
        expect(text).not.toContain(world.server.token);
      }
      for (const one of world.pushService.accepted) expect(log).not.toContain(one.token);
    });

    test('one person is one subscriber, however often the page is loaded', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const [person] = await world.subscribers();
      await page.reload();
      await expect.poll(() => status(page)).toBe('subscribed');
      const second = await browser.open(world.landing);
      await expect.poll(() => status(second)).toBe('subscribed');
      await second.evaluate(async () => {
        const { belfry } = globalThis as unknown as { belfry: { subscribe(): Promise<unknown> } };
        await Promise.all([belfry.subscribe(), belfry.subscribe()]);
      });
      await browser.relaunch();
      const third = await browser.open(world.landing);
      await expect.poll(() => status(third)).toBe('subscribed');
      expect((await world.subscribers()).map(({ id, state }) => ({ id, state }))).toEqual([
        { id: person?.id, state: 'active' },
      ]);
    });

    test('what was sent while the browser was closed is shown when it opens', async () => {
      await using browser = await world.launch(name, 'granted');
      await world.subscribe(browser);
      await browser.close();
      const { id } = await world.send({ title: 'While you were away' });
      await expect
        .poll(async () => world.campaign(id))
        .toMatchObject({ state: 'finished', counts: { accepted: 1, shown: 0 } });
      await browser.relaunch();
      await world.notification('While you were away');
      await expect.poll(async () => (await world.campaign(id)).counts.shown).toBe(1);
    });

    test('leaving on the page ends it in the browser and on the server, until one comes back', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await world.subscribe(browser);
      const [person] = await world.subscribers('active');
      await page.click('#leave');
      await expect.poll(() => status(page)).toBe('unsubscribed');
      await expect
        .poll(async () => world.server.api('GET', `/subscribers/${person?.id}`))
        .toMatchObject({ state: 'unsubscribed' });
      const subscribed = () =>
        page.evaluate(async () => {
          const registration = await navigator.serviceWorker.getRegistration();
          return ((await registration?.pushManager.getSubscription()) ?? null) !== null;
        });
      expect(await subscribed()).toBe(false);
      await page.reload();
      await expect.poll(() => status(page)).toBe('unsubscribed');
      expect(await subscribed()).toBe(false);
      expect(await world.send({ title: 'Nobody' })).toMatchObject({ counts: { total: 0 } });

      await page.click('#subscribe');
      await expect.poll(() => status(page)).toBe('subscribed');
      await expect.poll(async () => (await world.subscribers('active')).length).toBe(1);
      await world.send({ title: 'Welcome back' });
      await world.notification('Welcome back');
    });
  });
