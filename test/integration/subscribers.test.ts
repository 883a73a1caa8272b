import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Site, SiteKey } from '../../main/contract/sites.ts';
import { Belfry, sign, siteOrigin } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { describeWith } from '../helpers/requirements.ts';

describeWith('openssl', 'subscribers', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
    site = await belfry.makeSite({ settings: { visitorTags: ['news'], visitorAttributes: ['plan'] } });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const browser = () => service.subscribe(site.vapidPublicKey);
  const sync = (which: SimulatedBrowser, more: object = {}) =>
    belfry.subscribe(site, which, { intent: 'sync', ...more });
  const expire = async (which: SimulatedBrowser, id: string) => {
    service.expire(which.subscription.endpoint);
    await belfry.until((await belfry.send(site, { audience: { subscriber: id } })).id, 'finished');
    expect(await belfry.subscriber(id)).toMatchObject({ state: 'expired' });
  };

  /** Brings a new browser into each state that Belfry may know it in. */
  const known = {
    unknown: async () => null,
    active: async (one: SimulatedBrowser) => (await belfry.subscribe(site, one)).body.id,
    expired: async (one: SimulatedBrowser) => {
      const { id } = (await belfry.subscribe(site, one)).body;
      await expire(one, id);
      return id;
    },
    left: async (one: SimulatedBrowser) => {
      const { id } = (await belfry.subscribe(site, one)).body;
      expect((await belfry.leave(site, one)).status).toBe(204);
      return id;
    },
    removed: async (one: SimulatedBrowser) => {
      const { id } = (await belfry.subscribe(site, one)).body;
      await belfry.api('POST', `/subscribers/${id}/remove`);
      return id;
    },
    erased: async (one: SimulatedBrowser) => {
      const { id } = (await belfry.subscribe(site, one)).body;
      await belfry.api('DELETE', `/subscribers/${id}`);
      return null;
    },
  };
  type Known = keyof typeof known;

  // one row each: who asks, as what Belfry knows the endpoint, and what must come of it
  const table: [intent: 'subscribe' | 'sync', state: Known, status: number][] = [
    ['subscribe', 'unknown', 201],
    ['subscribe', 'active', 200],
    ['subscribe', 'expired', 200],
    ['subscribe', 'left', 200],
    ['subscribe', 'removed', 200],
    ['subscribe', 'erased', 201],
    ['sync', 'unknown', 201], // a backup was restored
    ['sync', 'active', 200],
    ['sync', 'expired', 200],
    ['sync', 'left', 410],
    ['sync', 'removed', 410],
    ['sync', 'erased', 410],
  ];

  test.each(table)('%s of an endpoint that is %s: %i', async (intent, state, status) => {
    const one = browser();
    const before = await known[state](one);
    const answer = await belfry.subscribe(site, one, { intent });
    expect(answer.status).toBe(status);
    if (status === 410) {
      expect(answer.body).toMatchObject({ code: 'subscription_gone', visitorMessage: expect.any(String) });
      if (before) expect((await belfry.subscriber(before)).state).toBe('unsubscribed');
    } else {
      if (before) expect(answer.body.id).toBe(before);
      expect((await belfry.subscriber(answer.body.id)).state).toBe('active');
    }
  });

  test.each(table)('%s of a moved endpoint whose old one is %s', async (intent, state, status) => {
    const [old, moved] = [browser(), browser()];
    const before = await known[state](old);
    const answer = await belfry.subscribe(site, moved, { intent, oldEndpoint: old.subscription.endpoint });
    // somebody known moves, and is nobody new
    expect(answer.status).toBe(status);
    if (status === 410) return;
    if (before) expect(answer.body.id).toBe(before);
    expect(await belfry.subscriber(answer.body.id)).toMatchObject({
      state: 'active',
      endpointTail: moved.subscription.endpoint.slice(-8),
    });
    // the old endpoint is nobody's any more: a message goes to the new one alone
    const campaign = await belfry.send(site, { audience: { subscriber: answer.body.id } });
    await belfry.until(campaign.id, 'finished');
    expect(moved.received).toHaveLength(1);
    expect(old.received).toHaveLength(0);
  });

  // both endpoints are known: the new one stays, and the old one is no second copy of the same person
  test.each([
    ['active', 'expired'],
    ['expired', 'expired'],
    ['left', 'unsubscribed'],
    ['removed', 'unsubscribed'],
  ] as const)('a known endpoint replaces an old one that is %s', async (state, after) => {
    const [old, now] = [browser(), browser()];
    const before = await known[state](old);
    const id = await known.active(now);
    const answer = await sync(now, { oldEndpoint: old.subscription.endpoint });
    expect(answer).toMatchObject({ status: 200, body: { id } });
    expect((await belfry.subscriber(id)).state).toBe('active');
    expect((await belfry.subscriber(String(before))).state).toBe(after);
  });

  test('an old endpoint that is the same, or nonsense, changes nothing', async () => {
    const one = browser();
    const { id } = (await belfry.subscribe(site, one)).body;
    expect((await sync(one, { oldEndpoint: one.subscription.endpoint })).body.id).toBe(id);
    expect((await sync(one, { oldEndpoint: 'nonsense' })).body.id).toBe(id);
  });

  test('an operator takes back a removal, but not a person’s own leaving', async () => {
    const one = browser();
    const id = await known.removed(one);
    expect(await belfry.api('POST', `/subscribers/${id}/restore`)).toMatchObject({ state: 'active' });
    expect((await sync(one)).status).toBe(200);

    await belfry.leave(site, one);
    const refused = await belfry.call('POST', `/subscribers/${id}/restore`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });

    // who leaves after having been removed has left
    const two = browser();
    const second = await known.removed(two);
    await belfry.leave(site, two);
    expect((await belfry.call('POST', `/subscribers/${second}/restore`)).status).toBe(409);
  });

  test('a subscription that a browser lost is nobody’s wish: it expires, and comes back with the next one', async () => {
    const [one, two] = [browser(), browser()];
    const lose = ({ subscription }: SimulatedBrowser) =>
      belfry.visit(`/v1/sites/${site.key}/subscriptions/remove`, {
        endpoint: subscription.endpoint,
        lost: true,
      });
    const { id } = (await belfry.subscribe(site, one)).body;
    expect((await lose(one)).status).toBe(204);
    expect(await belfry.subscriber(id)).toMatchObject({ state: 'expired', stateReason: 'lost' });
    const { body } = await sync(two, { oldEndpoint: one.subscription.endpoint });
    expect(body.id).toBe(id);
    expect(await belfry.subscriber(id)).toMatchObject({ state: 'active', stateReason: null });
    // the old endpoint is nobody’s now, and who has left stays so
    expect((await lose(one)).status).toBe(204);
    await belfry.leave(site, two);
    expect((await lose(two)).status).toBe(204);
    expect(await belfry.subscriber(id)).toMatchObject({ state: 'unsubscribed', stateReason: 'left' });
  });

  test('a browser says which of the site’s keys it subscribed with, or that it does not know', async () => {
    const rotating = await belfry.makeSite();
    const perKey = async () =>
      (await belfry.api<{ items: SiteKey[] }>('GET', `/sites/${rotating.id}/keys`)).items;
    const first = rotating.vapidPublicKey;
    const ask = (one: SimulatedBrowser, applicationServerKey?: string | null) =>
      belfry.subscribe(rotating, one, { intent: 'sync', applicationServerKey });
    const [old, hidden, late] = [1, 2, 3].map(() => service.subscribe(first)) as [
      SimulatedBrowser,
      SimulatedBrowser,
      SimulatedBrowser,
    ];
    for (const one of [old, hidden]) expect((await ask(one, first)).status).toBe(201);
    await belfry.api('POST', `/sites/${rotating.id}/keys`, { current: true });
    // hidden: what is known stays; a page that had the old key still in its hands tells the truth
    expect((await ask(hidden, null)).status).toBe(200);
    expect((await ask(late, first)).status).toBe(201);
    expect(await perKey()).toMatchObject([{ active: 0 }, { publicKey: first, active: 3 }]);
    // as a client of before says it: it has the current one
    expect((await ask(old)).status).toBe(200);
    expect(await perKey()).toMatchObject([{ active: 1 }, { publicKey: first, active: 2 }]);
    for (const foreign of [site.vapidPublicKey, 'AAAA', '']) {
      const refused = await ask(late, foreign);
      expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
      expect(refused.body.errors).toMatchObject([{ pointer: '/applicationServerKey' }]);
    }
  });

  test('a removed person who had expired is restored as expired', async () => {
    const one = browser();
    const id = await known.expired(one);
    await belfry.api('POST', `/subscribers/${id}/remove`);
    expect(await belfry.api('POST', `/subscribers/${id}/restore`)).toMatchObject({ state: 'expired' });
  });

  test('who is erased is not found again, and their endpoint lies nowhere in the answers', async () => {
    const one = browser();
    const { id } = (await belfry.subscribe(site, one)).body;
    await belfry.api('DELETE', `/subscribers/${id}`);
    expect((await belfry.call('GET', `/subscribers/${id}`)).status).toBe(404);
    expect((await belfry.call('DELETE', `/subscribers/${id}`)).status).toBe(404);
    expect((await sync(one)).status).toBe(410);
    // also by way of a new endpoint that names the old one
    expect((await sync(browser(), { oldEndpoint: one.subscription.endpoint })).status).toBe(410);
    // asking anew makes a new person
    const again = await belfry.subscribe(site, one);
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
    expect((await sync(one)).status).toBe(200);
  });

  test('one subscriber, however many ask at once', async () => {
    const one = browser();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        belfry.subscribe(site, one, { intent: i % 2 === 0 ? 'subscribe' : 'sync' }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test('the same endpoint on two sites is two subscribers, and leaving one is not leaving the other', async () => {
    const other = await belfry.makeSite({ name: 'Other' });
    const one = browser();
    const here = await belfry.subscribe(site, one);
    const there = await belfry.subscribe(other, one);
    expect(there.status).toBe(201);
    expect(there.body.id).not.toBe(here.body.id);
    await belfry.leave(other, one);
    expect((await belfry.subscriber(here.body.id)).state).toBe('active');
    expect((await belfry.subscriber(there.body.id)).state).toBe('unsubscribed');
  });

  test('leaving answers 204 whatever is asked', async () => {
    for (const body of [{ endpoint: 'https://nobody.example/x' }, {}, { endpoint: 7 }, []])
      expect((await belfry.visit(`/v1/sites/${site.key}/subscriptions/remove`, body)).status).toBe(204);
    expect((await belfry.visit('/v1/sites/nosuchsite/subscriptions/remove', { endpoint: 'x' })).status).toBe(
      204,
    );
  });

  test('a visitor sets what the site allows, and is told what was left out', async () => {
    const answer = await belfry.subscribe(site, browser(), {
      tags: ['news', 'vip', 'news'],
      attributes: { plan: 'free', role: 'admin' },
    });
    expect(answer.body.ignored).toEqual({ tags: ['vip'], attributes: ['role'] });
    expect(await belfry.subscriber(answer.body.id)).toMatchObject({
      tags: ['news'],
      attributes: { plan: 'free' },
    });
    const allowed = await belfry.subscribe(site, browser(), { tags: ['news'], attributes: { plan: 'pro' } });
    expect(allowed.body).not.toHaveProperty('ignored');
  });

  test('what the operator set stays when the browser syncs', async () => {
    const one = browser();
    const { id } = (await belfry.subscribe(site, one, { attributes: { plan: 'free' } })).body;
    await belfry.api('PATCH', `/subscribers/${id}`, { attributes: { role: 'admin' }, tags: ['vip'] });
    await sync(one, { tags: ['news'], attributes: { plan: 'pro' } });
    expect(await belfry.subscriber(id)).toMatchObject({
      tags: ['news', 'vip'],
      attributes: { plan: 'pro', role: 'admin' },
    });
  });

  test('an external id counts only with the site’s signature', async () => {
    const secret = await belfry.identitySecret(site);
    const one = browser();
    const right = await belfry.subscribe(site, one, {
      externalId: 'anna',
      externalIdSignature: sign(secret, 'anna'),
    });
    expect(right.status).toBe(201);
    expect(await belfry.subscriber(right.body.id)).toMatchObject({ externalId: 'anna' });

    const stranger = browser();
    for (const externalIdSignature of [undefined, sign(secret, 'bob'), sign('0'.repeat(64), 'anna')]) {
      const refused = await belfry.subscribe(site, stranger, { externalId: 'anna', externalIdSignature });
      expect(refused).toMatchObject({ status: 403, body: { code: 'external_id_not_signed' } });
    }
    const found = await belfry.api<{ items: unknown[] }>(
      'GET',
      `/subscribers?site=${site.id}&externalId=anna`,
    );
    expect(found.items).toHaveLength(1);

    // uppercase hex is the same signature; without an external id none is needed, and the known one stays
    const upper = { externalId: 'anna', externalIdSignature: sign(secret, 'anna').toUpperCase() };
    expect((await sync(one, upper)).status).toBe(200);
    expect((await sync(one)).status).toBe(200);
    expect(await belfry.subscriber(right.body.id)).toMatchObject({ externalId: 'anna' });

    // a new secret makes the old signatures worthless
    const rotated = await belfry.api<{ secret: string }>('POST', `/sites/${site.id}/identity-secret`);
    expect(rotated.secret).not.toBe(secret);
    expect((await sync(one, upper)).status).toBe(403);
    const renewed = { externalId: 'anna', externalIdSignature: sign(rotated.secret, 'anna') };
    expect((await sync(one, renewed)).status).toBe(200);
  });

  test('an operator may do without signatures', async () => {
    const trusting = await belfry.makeSite({ settings: { requireSignedExternalId: false } });
    const answer = await belfry.subscribe(trusting, browser(), { externalId: 'carla' });
    expect(answer.status).toBe(201);
    expect(await belfry.subscriber(answer.body.id)).toMatchObject({ externalId: 'carla' });
  });

  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  test('language, time zone, country and browser are derived; the page loses its query', async () => {
    const answer = await belfry.subscribe(
      site,
      browser(),
      {
        language: 'DE-at',
        timeZone: 'europe/vienna',
        page: `${siteOrigin}/news/today?session=secret#part`,
        consent: { version: '2026-05' },
      },
      { 'user-agent': firefox },
    );
    const one = await belfry.subscriber(answer.body.id);
    expect(one).toMatchObject({
      language: 'de-AT',
      timeZone: 'Europe/Vienna',
      country: 'AT',
      browser: 'Firefox',
      browserVersion: '140',
      system: 'Linux',
      device: 'desktop',
      page: `${siteOrigin}/news/today`,
      consent: { version: '2026-05', at: one.firstSeen },
    });
  });

  test('what a browser says wrongly is left out, not refused', async () => {
    const answer = await belfry.subscribe(site, browser(), {
      language: 'no language at all',
      timeZone: 'Mars/Olympus',
      page: 'https://elsewhere.example/page',
    });
    expect(answer.status).toBe(201);
    expect(await belfry.subscriber(answer.body.id)).toMatchObject({
      language: null,
      timeZone: null,
      country: null,
      page: null,
      consent: null,
    });
  });

  test('the time of consent is that of its version', async () => {
    const one = browser();
    const { id } = (await belfry.subscribe(site, one, { consent: { version: '1' } })).body;
    const first = (await belfry.subscriber(id)).consent;
    await sync(one, { consent: { version: '1' } });
    await sync(one);
    expect((await belfry.subscriber(id)).consent).toEqual(first);
    await sync(one, { consent: { version: '2' } });
    const second = (await belfry.subscriber(id)).consent;
    expect(second?.version).toBe('2');
    expect(Date.parse(second?.at ?? '')).toBeGreaterThan(Date.parse(first?.at ?? ''));
  });

  test('a rotated encryption key of the same endpoint is the one that is sent with', async () => {
    const one = browser();
    const { id } = (await belfry.subscribe(site, one)).body;
    const rotated = {
      ...one,
      subscription: { ...browser().subscription, endpoint: one.subscription.endpoint },
    };
    expect((await sync(rotated)).body.id).toBe(id);
    await belfry.until((await belfry.send(site, { audience: { subscriber: id } })).id, 'finished');
    expect(one.received).toHaveLength(0); // sent to it, but for the new key
    expect(service.acknowledgements.at(-1)?.outcome).toBe('undecryptable');
  });

  test('lists: states, pages without a gap, and another list’s cursor refused', async () => {
    const small = await belfry.makeSite({ name: 'Small' });
    const people = await belfry.people(small, service, 7);
    await belfry.api('POST', `/subscribers/${people[2]?.id}/remove`);
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } = await belfry.api(
        'GET',
        `/subscribers?site=${small.id}&state=all&limit=3${cursor ? `&cursor=${cursor}` : ''}`,
      );
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(found).toEqual(people.map(({ id }) => id).reverse());
    const active = await belfry.api<{ items: unknown[] }>('GET', `/subscribers?site=${small.id}`);
    expect(active.items).toHaveLength(6);
    expect(await belfry.api('GET', `/subscribers/counts?site=${small.id}`)).toEqual({
      active: 6,
      foreign: 0,
      expired: 0,
      unsubscribed: 1,
      quarantined: 0,
    });
    const foreign = await belfry.call('GET', `/subscribers?cursor=${small.id}`);
    expect(foreign).toMatchObject({ status: 400, body: { errors: [{ pointer: '/cursor' }] } });
  });
});
