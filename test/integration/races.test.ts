import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

const hour = 3_600_000;

describeWith('openssl', 'requests that cross one another', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  test('who leaves while the operator removes them has left: nobody can bring them back', async () => {
    const site = await belfry.makeSite();
    for (const { id, browser } of await belfry.people(site, service, 30)) {
      const [removed] = await Promise.all([
        belfry.call('POST', `/subscribers/${id}/remove`),
        belfry.leave(site, browser),
      ]);
      expect(removed.status).toBe(200);
      expect(await belfry.subscriber(id)).toMatchObject({ state: 'unsubscribed', stateReason: 'left' });
      expect((await belfry.call('POST', `/subscribers/${id}/restore`)).status).toBe(409);
    }
  });

  test('settings that are changed at the same time are all changed', async () => {
    const site = await belfry.makeSite();
    await Promise.all([
      belfry.api('PATCH', `/sites/${site.id}`, { settings: { visitorTags: ['news'] } }),
      belfry.api('PATCH', `/sites/${site.id}`, { settings: { visitorAttributes: ['plan'] } }),
      belfry.api('PATCH', `/sites/${site.id}`, { settings: { requireSignedExternalId: false } }),
      belfry.api('PATCH', `/sites/${site.id}`, {
        settings: { frequencyCap: { perDay: null, perWeek: 2 } },
      }),
    ]);
    expect((await belfry.api<Site>('GET', `/sites/${site.id}`)).settings).toEqual({
      visitorTags: ['news'],
      visitorAttributes: ['plan'],
      requireSignedExternalId: false,
      workerPath: '/belfry-sw.js',
      frequencyCap: { perDay: null, perWeek: 2 },
    });
  });

  test('a site that goes does not come back by what was asked of it just before', async () => {
    const site = await belfry.makeSite();
    const rename = () => belfry.call('PATCH', `/sites/${site.id}`, { name: 'Going' });
    const visit = () => belfry.subscribe(site, service.subscribe(site.vapidPublicKey));
    const crowd = () => Array.from({ length: 100 }, () => [rename(), visit()]).flat();
    const before = crowd();
    const removed = belfry.call('DELETE', `/sites/${site.id}`);
    const statuses = (await Promise.all([...before, ...crowd()])).map(({ status }) => status);
    expect((await removed).status).toBe(204);
    expect(statuses.filter((status) => ![200, 201, 404].includes(status))).toEqual([]);
    expect((await belfry.call('GET', `/sites/${site.id}`)).status).toBe(404);
    expect((await visit()).status).toBe(404);
  });

  test('a time taken away while the campaign is scheduled leaves a draft, which sends nothing', async () => {
    const site = await belfry.makeSite();
    const at = new Date(Date.now() + hour).toISOString();
    for (let round = 0; round < 20; round++) {
      const { id } = await belfry.send(site, { draft: true, at });
      const [, edited] = await Promise.all([
        belfry.api<Campaign>('POST', `/campaigns/${id}/start`),
        belfry.call<Campaign>('PATCH', `/campaigns/${id}`, { at: null }),
      ]);
      if (edited.status === 200) expect(edited.body).toMatchObject({ state: 'draft', at: null });
    }
  });

  test.each(['9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00+12:00'])(
    'a time that no answer could show is refused: %s',
    async (at) => {
      const site = await belfry.makeSite();
      const message = { title: 'At the end of time' };
      const wanted = { site: site.id, message, audience: { everyone: true }, draft: true, at };
      expect((await belfry.call('POST', '/campaigns', wanted)).status).toBe(400);
      const { id } = await belfry.send(site, { draft: true });
      expect((await belfry.call('PATCH', `/campaigns/${id}`, { at })).status).toBe(400);
      expect((await belfry.call('GET', `/campaigns?site=${site.id}`)).status).toBe(200);
    },
  );

  test('attributes that come bit by bit may become many, and the person can still be shown', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
    const site = await belfry.makeSite({ settings: { visitorAttributes: names } });
    const browser = service.subscribe(site.vapidPublicKey);
    for (const some of [names.slice(0, 100), names.slice(100)]) {
      const attributes = Object.fromEntries(some.map((name) => [name, true]));
      expect((await belfry.subscribe(site, browser, { attributes })).status).toBeLessThan(300);
    }
    const { items } = await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}`);
    expect(Object.keys(items[0]?.attributes ?? {})).toHaveLength(200);
  });

  test('a cursor that was not given out is refused alike by every list', async () => {
    for (const list of ['sites', 'subscribers', 'campaigns', 'api-keys'])
      expect((await belfry.call('GET', `/${list}?cursor=none`)).status).toBe(400);
  });
});

describeWith('openssl', 'when too many people are said to be gone', () => {
  const message = { title: 'The bell rings' };
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let elsewhere: string;
  let calm: () => void = () => {};
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    elsewhere = service.host.replace('localhost', '127.0.0.1');
    belfry = await Belfry.start({ service, certificates, args: ['--allow-push-host', elsewhere] });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });
  afterEach(() => calm());
  const sayGone = () => {
    calm = service.disturb(({ host }) => (host === service.host ? { status: 410 } : { delay: 100 }));
  };
  const answer = (id: string, what: 'real' | 'mistake') =>
    belfry.call<Campaign>('POST', `/campaigns/${id}/gone`, { pushService: service.host, answer: what });
  const isAsked = ({ holds }: Campaign) => holds.some(({ kind }) => kind === 'ask');

  test('a campaign that has nobody left waits for the answer, and goes on to those who are back', async () => {
    const site = await belfry.makeSite();
    const people = await belfry.people(site, service, 55);
    sayGone();
    const { id } = await belfry.send(site);
    const halted = await belfry.until(id, 'halted');
    expect(halted.counts).toMatchObject({ expired: 55, pending: 0 });
    expect(isAsked(halted)).toBe(true);
    calm();
    expect((await answer(id, 'mistake')).status).toBe(200);
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 55, expired: 0 });
    for (const { browser } of people) expect(browser.received).toHaveLength(1);
  });

  test('only a campaign under way is asked, and the answer holds for all that met the same', async () => {
    const site = await belfry.makeSite();
    const people = await belfry.people(site, service, 80);
    const before = await belfry.send(site, { audience: { externalIds: ['nobody'] } });
    await belfry.until(before.id, 'finished');
    sayGone();
    const first = await belfry.send(site, { message });
    await belfry.until(first.id, 'halted');
    const second = await belfry.send(site, { audience: { subscribers: people.map(({ id }) => id) } });
    await belfry.until(second.id, (campaign) => campaign.state === 'halted');
    calm();
    expect((await answer(before.id, 'mistake')).status).toBe(409);
    expect((await answer(second.id, 'mistake')).status).toBe(200);
    expect((await belfry.until(first.id, 'finished')).counts).toMatchObject({ accepted: 80, expired: 0 });
    await belfry.until(second.id, 'finished');
  });

  test('“they are gone” is asked once, also while others are still being sent to', async () => {
    const site = await belfry.makeSite();
    await belfry.people(site, service, 150);
    for (let i = 0; i < 400; i++) {
      const { subscription } = service.subscribe(site.vapidPublicKey);
      const endpoint = subscription.endpoint.replace(service.host, elsewhere);
      await belfry.api('POST', '/subscribers', {
        site: site.id,
        subscription: { ...subscription, endpoint },
      });
    }
    sayGone();
    const { id } = await belfry.send(site, { pace: { perMinute: 9000 } });
    const asked = await belfry.until(id, isAsked);
    expect(asked.state).toBe('sending');
    expect((await answer(id, 'real')).status).toBe(200);
    const end = await belfry.until(id, (campaign) => campaign.state !== 'sending' || isAsked(campaign));
    expect(end).toMatchObject({ state: 'finished', counts: { expired: 150, accepted: 400 } });
  });

  test('a finished campaign that is sent again has not ended yet, also after a restart', async () => {
    const site = await belfry.makeSite();
    await belfry.people(site, service, 1);
    const end = service.disturb(() => ({ status: 413 }));
    const { id } = await belfry.send(site);
    const { outcomes, finishedAt } = await belfry.until(id, 'finished');
    expect(finishedAt).not.toBeNull();
    end();
    const wait = service.disturb(() => ({ status: 429, headers: { 'retry-after': '2' } }));
    const { reason = '', pushService = '' } = outcomes[0] ?? {};
    const again = await belfry.api<Campaign>('POST', `/campaigns/${id}/resend`, {
      pushService,
      state: 'rejected',
      reason,
    });
    expect(again).toMatchObject({ state: 'sending', finishedAt: null });
    await belfry.restart();
    wait();
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 1, rejected: 0 });
  });
});
