import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { RetentionNow } from '../../main/contract/system.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { addCrowd, openBeside } from '../helpers/crowd.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

const day = 24 * 3_600_000;
const forEver = { deliveryDays: null, deliveries: 1_000_000_000, expiredDays: null };

describeWith('openssl', 'upkeep', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let later = 0;
  let calm: () => void = () => {};
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    // days pass when the test says so
    belfry = await Belfry.start({ service, certificates, clock: { now: () => Date.now() + later } });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    calm();
    await belfry.api('PUT', '/retention', forEver);
  });

  const keep = (some: object) => belfry.api<RetentionNow>('PUT', '/retention', { ...forEver, ...some });
  const rowsOf = (table: string, where = '1') => {
    const db = openBeside(belfry.data);
    try {
      return db.prepare<[], number>(`SELECT count(*) FROM ${table} WHERE ${where}`).pluck().get() ?? 0;
    } finally {
      db.close();
    }
  };
  /** What must not change, in an order that does not matter. */
  const truth = ({ counts, outcomes, clicks, state, finishedAt }: CampaignDetail) => ({
    counts,
    state,
    finishedAt,
    outcomes: outcomes.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    clicks: clicks.toSorted((a, b) => a.action.localeCompare(b.action)),
  });

  /** A campaign with every kind of end, retries and clicks. */
  async function aPast(site: Site): Promise<Campaign> {
    const people = await belfry.people(site, service, 30);
    const indexOf = (token: string) =>
      people.findIndex(({ browser }) => browser.subscription.endpoint.endsWith(token));
    const tried = new Set<number>();
    calm = service.disturb(({ token }) => {
      const i = indexOf(token);
      if (i < 4) return { status: 410 };
      if (i < 7) return { status: 413 };
      if (i === 7 && !tried.has(i)) {
        tried.add(i);
        return { status: 503 };
      }
      return undefined;
    });
    const message = { title: 'Long ago', actions: [{ action: 'read', title: 'Read' }] };
    const { id } = await belfry.send(site, { message });
    const done = await belfry.until(id, 'finished');
    calm();
    const at = Date.now() + later;
    const events = people.slice(10, 20).flatMap(({ browser }, i) => {
      const { token } = JSON.parse(browser.received[0] ?? '').notification.data.belfry;
      return [
        { token, type: 'shown', at },
        { token, type: 'clicked', at, ...(i < 3 && { action: 'read' }) },
      ];
    });
    await belfry.visit('/v1/events', { events }, { 'content-type': 'text/plain' });
    await belfry.until(id, ({ counts }) => counts.clicked === 10);
    return done;
  }

  test('single deliveries go after their time; every number, reason and click of the campaign stays', async () => {
    const site = await belfry.makeSite();
    const { id } = await aPast(site);
    const before = truth(await belfry.campaign(id));
    expect(before.outcomes.map(({ state }) => state).toSorted()).toEqual(['accepted', 'expired', 'rejected']);
    const tokenless = await belfry.deliveries(id);
    expect(tokenless).toHaveLength(30);

    await keep({ deliveryDays: 30 });
    expect(await belfry.deliveries(id)).toHaveLength(30); // it is not old enough
    later += 31 * day;
    await keep({ deliveryDays: 30 }); // which looks at once
    await eventually('they are gone', async () => (await belfry.deliveries(id)).length === 0);
    await eventually('attempts and clicks, too', () => rowsOf('attempt') + rowsOf('click') === 0);
    // whoever asks for what is gone is told
    const clicked = { did: 'clicked', campaigns: { last: 5 } };
    const asked = (expression: object) =>
      belfry.api('POST', '/segments/count', { site: site.id, expression });
    expect(await asked({ none: [clicked] })).toMatchObject({ people: 26, forgotten: 1 });
    expect(await asked({ did: 'clicked', campaigns: { within: { days: 20 } } })).toMatchObject({
      forgotten: 0,
    });
    const after = await belfry.campaign(id);
    expect(truth(after)).toEqual(before);
    expect(after.detailDroppedAt).not.toBeNull();
    // people are not forgotten with it
    expect(await belfry.api('GET', `/subscribers/counts?site=${site.id}`)).toMatchObject({
      active: 26,
      expired: 4,
    });
    // to whom it went is not known any more: nothing is sent again, and that is said
    const group = { pushService: service.host, state: 'rejected', reason: 'too-large' };
    expect(await belfry.call('POST', `/campaigns/${id}/resend`, group)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('not kept any more') },
    });
  });

  test('beyond so many deliveries the oldest go; what is under way or waits is never touched', async () => {
    const site = await belfry.makeSite();
    await belfry.people(site, service, 20);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { id } = await belfry.send(site);
      await belfry.until(id, 'finished');
      ids.push(id);
    }
    calm = service.disturb(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const waiting = await belfry.send(site, { message: { title: 'Waits', ttl: 2_000_000 } });
    await belfry.until(waiting.id, ({ holds }) => holds.length > 0);
    await belfry.call('POST', `/campaigns/${waiting.id}/pause`);
    const answer = await keep({ deliveries: 45, deliveryDays: 1 });
    expect(answer.kept.deliveries).toBeGreaterThanOrEqual(80);
    await eventually('two are gone', async () => {
      const left = await Promise.all(ids.map(async (id) => (await belfry.deliveries(id)).length));
      return left.join() === '0,0,20';
    });
    expect((await belfry.api<RetentionNow>('GET', '/retention')).kept).toMatchObject({ deliveries: 40 });
    later += 100 * day;
    await keep({ deliveryDays: 1, deliveries: 0 });
    await eventually('the third', async () => (await belfry.deliveries(ids[2] ?? '')).length === 0);
    expect(await belfry.deliveries(waiting.id)).toHaveLength(20);
    expect((await belfry.campaign(waiting.id)).counts).toMatchObject({ total: 20, pending: 20 });
    await belfry.call('POST', `/campaigns/${waiting.id}/cancel`);
  });

  test('who expired long ago is deleted, who did lately is kept, and both can come back', async () => {
    const site = await belfry.makeSite();
    const [old, young, fine] = await belfry.people(site, service, 3);
    if (!old || !young || !fine) throw new Error('three people');
    const expire = async (one: typeof old) => {
      service.expire(one.browser.subscription.endpoint);
      await belfry.until((await belfry.send(site, { audience: { subscriber: one.id } })).id, 'finished');
    };
    await expire(old);
    later += 40 * day;
    await expire(young);
    await keep({ expiredDays: 30 });
    await eventually(
      'one is deleted',
      async () => (await belfry.call('GET', `/subscribers/${old.id}`)).status === 404,
    );
    const counts = () => belfry.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`);
    expect(await counts()).toMatchObject({ active: 1, expired: 1 });
    // they had not left: a sync makes the one a new person and revives the other
    for (const { browser, id } of [old, young]) {
      const answer = await belfry.subscribe(site, browser, { intent: 'sync' });
      expect(answer.status).toBeLessThan(300);
      expect(answer.body.id === id).toBe(id === young.id);
    }
    expect(await counts()).toMatchObject({ active: 3, expired: 0 });
  });

  test('the choice is checked, is the operator’s alone, and outlives a restart', async () => {
    expect((await belfry.call('PUT', '/retention', { deliveryDays: 0 })).status).toBe(400);
    await keep({ deliveryDays: 7, expiredDays: 8, deliveries: 9_000_000 });
    await belfry.restart();
    expect(await belfry.api('GET', '/retention')).toMatchObject({
      deliveryDays: 7,
      expiredDays: 8,
      deliveries: 9_000_000,
      kept: { bytes: expect.any(Number), freeBytes: expect.any(Number) },
    });
    const site = await belfry.makeSite();
    const key = await belfry.api<{ secret: string }>('POST', '/api-keys', {
      site: site.id,
      name: 'x',
      scopes: ['read', 'send', 'manage'],
    });
    expect((await belfry.call('GET', '/retention', undefined, {}, key.secret)).status).toBe(403);
  });

  test('a large site is gone at once for everybody; its rows go little by little, also over a restart', async () => {
    const site = await belfry.makeSite();
    await belfry.stop();
    addCrowd(belfry.data, 20_000);
    await belfry.launch();
    const { id } = await belfry.send(site, { at: new Date(Date.now() + later + day).toISOString() });
    const { items: some } = await belfry.api<{ items: { id: string }[] }>(
      'GET',
      `/subscribers?site=${site.id}&limit=1`,
    );
    expect((await belfry.call('DELETE', `/sites/${site.id}`)).status).toBe(204);
    const gone = [`/sites/${site.id}`, `/campaigns/${id}`, `/subscribers/${some[0]?.id}`];
    for (const path of gone) expect((await belfry.call('GET', path)).status).toBe(404);
    expect(await belfry.api<{ items: Campaign[] }>('GET', '/campaigns?limit=500')).not.toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id })]),
    });
    const browser = service.subscribe(site.vapidPublicKey);
    expect((await belfry.subscribe(site, browser)).status).toBe(404);
    // nothing of the key is left, however many rows there are
    const db = openBeside(belfry.data);
    const left = db.prepare(
      'SELECT length(private_key) AS n FROM vapid_key JOIN site s ON s.id = site_id WHERE removed_at > 0',
    );
    expect(left.all().every((row) => (row as { n: number }).n === 0)).toBe(true);
    db.close();

    await belfry.stop();
    expect(
      rowsOf(
        'subscriber',
        'endpoint_hash IS NOT NULL AND site_id IN (SELECT id FROM site WHERE removed_at > 0)',
      ),
    ).toBeGreaterThan(0);
    await belfry.launch();
    for (const path of gone) expect((await belfry.call('GET', path)).status).toBe(404);
    await eventually('nothing is left of it', () => rowsOf('site', 'removed_at > 0') === 0);
    expect(rowsOf('subscriber', 'site_id NOT IN (SELECT id FROM site)')).toBe(0);
  });

  test('a large campaign is cancelled at once; who waits is skipped little by little, also over a restart', async () => {
    const site = await belfry.makeSite();
    await belfry.stop();
    addCrowd(belfry.data, 30_000);
    await belfry.launch();
    const { id } = await belfry.send(site, { pace: { perMinute: 1 } });
    await belfry.until(id, ({ preparing }) => preparing === null);
    const cancelled = await belfry.api<Campaign>('POST', `/campaigns/${id}/cancel`);
    expect(cancelled.state).toBe('cancelled');
    const sums = ({ pending, accepted, expired, rejected, failed, skipped }: Campaign['counts']) =>
      pending + accepted + expired + rejected + failed + skipped;
    expect(sums(cancelled.counts)).toBe(30_000);
    await belfry.stop();
    expect(rowsOf('delivery', 'state = 0')).toBeGreaterThan(0);
    await belfry.launch();
    const over = await belfry.until(id, ({ counts }) => {
      expect(sums(counts)).toBe(30_000);
      return counts.pending === 0;
    });
    expect(over).toMatchObject({ state: 'cancelled' });
    expect(over.counts.skipped).toBeGreaterThan(29_900);
    await belfry.api('DELETE', `/sites/${site.id}`);
  });
});
