import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import type { Page } from '../helpers/browsers/browser.ts';
import { browserNames } from '../helpers/browsers/browsers.ts';
import { type PlainSite, startPlainSite } from '../helpers/plain-site.ts';
import { describeWith } from '../helpers/requirements.ts';
import { startWorld, type World } from '../helpers/world.ts';

// A website of its own with the two lines that the documentation asks for, on another origin than Belfry.

interface State {
  status: string;
  failure: { code: string; message: string } | null;
}
interface Client {
  init(options: object): Promise<State>;
  subscribe(): Promise<State>;
}

const client = <Answer>(page: Page, options: object | null): Promise<Answer> =>
  page.evaluate(async (given) => {
    const { belfry } = globalThis as unknown as { belfry: Client };
    if (given) await belfry.init(given);
    return (await belfry.subscribe()) as Answer;
  }, options);

for (const name of browserNames)
  describeWith([name, 'dbus', 'openssl'], `a website that embeds Belfry, in ${name}`, () => {
    let world: World;
    let website: PlainSite;
    let site: Site;
    let html = '';
    const scripts = new Map<string, string>();
    beforeEach(async () => {
      world = await startWorld();
      website = await startPlainSite(() => html, scripts);
      const { origin } = new URL(website.address);
      site = await world.server.api<Site>('POST', '/sites', {
        name: 'Plain',
        origins: [origin],
        subject: 'mailto:plain@example.org',
        settings: { visitorTags: ['owls'], visitorAttributes: ['plan'] },
      });
      html = `<script src="${world.server.public}/belfry.js" data-site="${site.key}"></script>`;
      scripts.set('/belfry-sw.js', `importScripts('${world.server.public}/belfry-sw.js');`);
    });
    afterEach(async () => {
      await website?.close();
      await world?.close();
    });

    test('reaches a signed-in person by their external id', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await browser.open(website.address);
      const { secret } = await world.server.api<{ secret: string }>(
        'GET',
        `/sites/${site.id}/identity-secret`,
      );
      const externalIdSignature = createHmac('sha256', secret).update('4711').digest('hex');
      const person = {
        site: site.key,
        externalId: '4711',
        externalIdSignature,
        tags: ['owls', 'staff'],
        attributes: { plan: 'pro', credit: 1000 },
      };
      expect(await client(page, person)).toMatchObject({ status: 'subscribed', failure: null });
      const query = `/subscribers?site=${site.id}&externalId=4711`;
      const { items } = await world.server.api<{ items: Subscriber[] }>('GET', query);
      expect(items).toMatchObject([{ externalId: '4711', tags: ['owls'], attributes: { plan: 'pro' } }]);

      const { id } = await world.server.api<{ id: string }>('POST', '/campaigns', {
        site: site.id,
        kind: 'transactional',
        audience: { externalIds: ['4711'] },
        message: { title: 'On its way', url: `${website.address}orders/4711` },
      });
      world.daemon.click(await world.notification('On its way'));
      await expect
        .poll(async () => (await browser.pages()).map((one) => one.address()))
        .toContain(`${website.address}orders/4711`);
      await expect
        .poll(async () => (await world.campaign(id)).counts)
        .toMatchObject({ total: 1, accepted: 1, shown: 1, clicked: 1, closed: 0 });
    });

    test('is told when the id is not signed, and when the site is not allowed', async () => {
      await using browser = await world.launch(name, 'granted');
      const page = await browser.open(website.address);
      const forged = { site: site.key, externalId: '4711', externalIdSignature: '0'.repeat(64) };
      expect(await client(page, forged)).toMatchObject({ failure: { code: 'server_refused' } });
      // the landing page's site is not this website's
      const foreign = await client<State>(page, { site: world.site.key });
      expect(foreign.failure?.code).toBe('server_refused');
      const everyone = await world.server.api<{ items: Subscriber[] }>('GET', '/subscribers?state=all');
      expect(everyone.items).toEqual([]);
    });
  });
