import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { generateVapidKeys } from '../../main/push/vapid-keys.ts';
import { Belfry, siteOrigin } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { describeWith } from '../helpers/requirements.ts';

const otherKey = Buffer.from(generateVapidKeys().publicKey).toString('base64url');
const hour = 3_600_000;
const mismatch =
  'the VAPID credentials in the authorization header do not correspond to the credentials used to create the ' +
  'subscriptions.';

describeWith('openssl', 'faults of ours', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  let calm: () => void = () => {};
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates, proxied: true });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });
  afterEach(() => calm());

  /** A browser subscribed at FCM, with the site's key or another. */
  function atFcm(key = site.vapidPublicKey): SimulatedBrowser {
    const browser = service.subscribe(key);
    browser.subscription.endpoint = browser.subscription.endpoint.replace(
      /^.*\/push\//,
      'https://fcm.googleapis.com/fcm/send/',
    );
    return browser;
  }
  async function register(browser: SimulatedBrowser): Promise<Subscriber> {
    const { subscription } = browser;
    return belfry.api('POST', '/subscribers', { site: site.id, subscription });
  }
  async function people(count: number, key?: string) {
    const browsers = Array.from({ length: count }, () => atFcm(key));
    const made = [];
    for (const browser of browsers) made.push({ browser, id: (await register(browser)).id });
    return made;
  }
  const counts = () => belfry.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`);
  /** FCM's own words for what our service says of a key that is not the subscription's. */
  const speakAsFcm = (wrong: string[]) => {
    calm = service.disturb(({ token }) =>
      wrong.some((endpoint) => endpoint.endsWith(token)) ? { status: 403, body: mismatch } : undefined,
    );
  };

  test('a subscription made with another key is quarantined: kept, counted, not sent to again', async () => {
    site = await belfry.makeSite();
    await people(12);
    const [odd] = await people(1, otherKey);
    if (!odd) throw new Error('one person');
    speakAsFcm([odd.browser.subscription.endpoint]);
    const first = await belfry.until((await belfry.send(site)).id, 'finished');
    expect(first.counts).toMatchObject({ total: 13, accepted: 12, rejected: 1, pending: 0 });
    expect(first.outcomes).toContainEqual(
      expect.objectContaining({
        state: 'rejected',
        reason: 'key-mismatch',
        pushService: 'fcm',
        status: 403,
        count: 1,
        advice: expect.stringContaining('another VAPID key'),
      }),
    );
    expect(await belfry.subscriber(odd.id)).toMatchObject({
      state: 'quarantined',
      stateReason: 'key-mismatch',
    });
    expect(await counts()).toMatchObject({ active: 12, quarantined: 1, expired: 0 });
    const listed = `/subscribers?site=${site.id}&state=quarantined`;
    expect(await belfry.api('GET', listed)).toMatchObject({ items: [{ id: odd.id }] });

    const requests = service.requests.length;
    const second = await belfry.until((await belfry.send(site)).id, 'finished');
    expect(second.counts).toMatchObject({ total: 12, accepted: 12 });
    const named = await belfry.send(site, { audience: { subscriber: odd.id } });
    const skipped = await belfry.until(named.id, 'finished');
    expect(skipped.outcomes).toMatchObject([{ state: 'skipped', reason: 'key-mismatch', count: 1 }]);
    expect(service.requests.length).toBe(requests + 12);

    // they open the site again, where the client subscribes them with the right key
    const again = atFcm();
    const { oldEndpoint } = { oldEndpoint: odd.browser.subscription.endpoint };
    const answer = await belfry.subscribe(site, again, { intent: 'sync', oldEndpoint });
    expect(answer.body.id).toBe(odd.id);
    expect(await belfry.subscriber(odd.id)).toMatchObject({ state: 'active', stateReason: null });
    await belfry.until((await belfry.send(site)).id, 'finished');
    expect(again.received).toHaveLength(1);
  });

  test('one alone is quarantined as well, and stops nothing; it can be sent to again', async () => {
    site = await belfry.makeSite();
    const [odd] = await people(1, otherKey);
    if (!odd) throw new Error('one person');
    speakAsFcm([odd.browser.subscription.endpoint]);
    const { id } = await belfry.send(site);
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ rejected: 1 });
    expect((await belfry.subscriber(odd.id)).state).toBe('quarantined');
    const which = { pushService: 'fcm', state: 'rejected', reason: 'key-mismatch' };
    // as if the service had erred
    calm();
    calm = service.disturb(({ token }) =>
      odd.browser.subscription.endpoint.endsWith(token) ? { status: 201 } : undefined,
    );
    await belfry.api('POST', `/campaigns/${id}/resend`, which);
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 1, rejected: 0 });
    expect((await belfry.subscriber(odd.id)).state).toBe('active');
    // the operator may try it, too
    speakAsFcm([odd.browser.subscription.endpoint]);
    await belfry.until((await belfry.send(site)).id, 'finished');
    expect((await belfry.subscriber(odd.id)).state).toBe('quarantined');
    expect(await belfry.api('POST', `/subscribers/${odd.id}/restore`)).toMatchObject({ state: 'active' });
  });

  test('the site’s key is the wrong one for all: halted, and nobody is quarantined', async () => {
    site = await belfry.makeSite();
    const all = await people(20, otherKey);
    speakAsFcm(all.map(({ browser }) => browser.subscription.endpoint));
    const { id } = await belfry.send(site);
    const halted = await belfry.until(id, 'halted');
    expect(halted.holds).toMatchObject([{ kind: 'halt', pushService: 'fcm', reason: 'key-mismatch' }]);
    expect(halted.counts).toMatchObject({ total: 20, pending: 20, rejected: 0 });
    expect(await counts()).toMatchObject({ active: 20, quarantined: 0, expired: 0 });
  });

  const behind = [
    ['ahead of', -14 * hour, 14],
    ['behind', 13 * hour, 13],
  ] as const;
  test.each(behind)('a clock that is off is named: %s', async (words, off, hours) => {
    site = await belfry.makeSite();
    await people(8);
    // whatever reason it gives: its clock says that our token cannot be right
    calm = service.disturb(() => ({
      status: 403,
      headers: { date: new Date(Date.now() + off).toUTCString() },
      body: mismatch,
    }));
    const { id } = await belfry.send(site);
    const halted = await belfry.until(id, 'halted');
    const [hold] = halted.holds;
    expect(hold).toMatchObject({ kind: 'halt', reason: 'clock-off', pushService: 'fcm' });
    expect(hold?.advice).toContain(`clock of this computer is ${hours} hours ${words} the push service’s`);
    expect(hold?.advice).toContain('resume');
    expect(await counts()).toMatchObject({ active: 8, quarantined: 0 });
    // the figure outlives a restart
    await belfry.restart();
    expect((await belfry.campaign(id)).holds[0]?.advice).toContain(`${hours} hours ${words}`);
    calm();
    await belfry.api('POST', `/campaigns/${id}/resume`);
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 8 });
  });

  test('a clock that is right, or a little off, is not blamed for a wrong key', async () => {
    site = await belfry.makeSite();
    await people(6);
    const date = new Date(Date.now() + 20 * 60_000).toUTCString();
    calm = service.disturb(() => ({ status: 403, headers: { date } }));
    const { holds } = await belfry.until((await belfry.send(site)).id, 'halted');
    expect(holds).toMatchObject([{ reason: 'forbidden' }]);
    expect(holds[0]?.advice).not.toContain('hours');
  });

  test('a halt is of one service and one site: another site sends there, and this site elsewhere', async () => {
    site = await belfry.makeSite();
    await people(6);
    const mozilla = service.subscribe(site.vapidPublicKey);
    const endpoint = mozilla.subscription.endpoint.replace(
      /^.*\/push\//,
      'https://updates.push.services.mozilla.com/wpush/v2/',
    );
    await belfry.api('POST', '/subscribers', {
      site: site.id,
      subscription: { ...mozilla.subscription, endpoint },
    });
    const wrong = `k=${site.vapidPublicKey}`;
    calm = service.disturb(({ host, headers }) =>
      host.startsWith('fcm') && String(headers['authorization']).includes(wrong)
        ? { status: 403 }
        : undefined,
    );
    const { id } = await belfry.send(site);
    const halted = await belfry.until(id, ({ holds, counts: now }) => holds.length > 0 && now.accepted === 1);
    expect(halted.counts).toMatchObject({ accepted: 1, pending: 6 });
    const first = site;
    site = await belfry.makeSite({ origins: [siteOrigin] });
    await people(6);
    expect((await belfry.until((await belfry.send(site)).id, 'finished')).counts.accepted).toBe(6);
    expect(await belfry.campaign(id)).toMatchObject({ site: first.id, counts: { pending: 6 } });
  });

  test('people who were called gone can be brought back later, and sent to again', async () => {
    site = await belfry.makeSite();
    const all = await people(10);
    calm = service.disturb(() => ({ status: 404 }));
    const { id } = await belfry.send(site);
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ expired: 10 });
    expect(await counts()).toMatchObject({ active: 0, expired: 10 });
    calm();
    const which = { pushService: 'fcm', state: 'expired', reason: 'gone' };
    const again = await belfry.api<Campaign>('POST', `/campaigns/${id}/resend`, which);
    expect(again).toMatchObject({ state: 'sending', finishedAt: null });
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 10, expired: 0 });
    for (const { browser } of all) expect(browser.received).toHaveLength(1);
    expect(await counts()).toMatchObject({ active: 10, expired: 0 });
    expect((await belfry.call('POST', `/campaigns/${id}/resend`, which)).status).toBe(409);
  });

  test('each attempt is on the person’s page: when, where, what was answered, how long it took', async () => {
    site = await belfry.makeSite();
    const [one] = await people(1);
    let left = 2;
    calm = service.disturb(() => (left-- > 0 ? { status: 503 } : undefined));
    await belfry.until((await belfry.send(site)).id, 'finished');
    const { items } = await belfry.api<{ items: object[] }>('GET', `/subscribers/${one?.id}/timeline`);
    const answer = (number: number, status: number) => ({
      number,
      status,
      pushService: 'fcm',
      duration: expect.any(Number),
    });
    expect(items.slice(0, 3)).toMatchObject([
      { what: 'accepted', attempt: answer(3, 201) },
      { what: 'tried', detail: 'service-unavailable', attempt: answer(2, 503) },
      { what: 'tried', detail: 'service-unavailable', attempt: answer(1, 503) },
    ]);
  });
});
