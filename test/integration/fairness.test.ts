import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { describeWith } from '../helpers/requirements.ts';

type Person = { id: string; browser: SimulatedBrowser };

describeWith('openssl', 'several at once', () => {
  let certificates: Certificates;
  let service: PushService;
  let second: PushService;
  let belfry: Belfry;
  const ends: (() => void)[] = [];
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    second = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates, args: ['--allow-push-host', second.host] });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await second?.close();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  const disturb = (at: PushService, rule: Parameters<PushService['disturb']>[0]) =>
    void ends.push(at.disturb(rule));
  /** Answers that never come until the test lets them. */
  function stall(at: PushService, which: (token: string) => boolean = () => true) {
    let open: (value?: unknown) => void = () => {};
    const until = new Promise((resolve) => {
      open = resolve;
    });
    disturb(at, ({ token }) => (which(token) ? { until } : undefined));
    ends.push(() => open());
    return () => open();
  }
  /** New people, many at a time. */
  async function crowd(site: Site, at: PushService, count: number): Promise<Person[]> {
    const register = async (): Promise<Person> => {
      const browser = at.subscribe(site.vapidPublicKey);
      const { subscription } = browser;
      const { id } = await belfry.api<{ id: string }>('POST', '/subscribers', {
        site: site.id,
        subscription,
      });
      return { id, browser };
    };
    return Promise.all(Array.from({ length: count }, register));
  }
  const isOf = (people: Person[]) => {
    const tokens = new Set(people.map(({ browser }) => browser.subscription.endpoint.split('/').at(-1)));
    return (token: string) => tokens.has(token);
  };
  const act = (id: string, action: string) => belfry.api<Campaign>('POST', `/campaigns/${id}/${action}`);

  test('two campaigns go forward together: neither waits until the other is done', async () => {
    const sites = [await belfry.makeSite(), await belfry.makeSite()] as [Site, Site];
    const people = await Promise.all(sites.map((site) => crowd(site, service, 160)));
    disturb(service, () => ({ delay: 40 }));
    const from = service.requests.length;
    const sent = await Promise.all(sites.map((site) => belfry.send(site)));
    await Promise.all(sent.map(({ id }) => belfry.until(id, 'finished', 90)));
    const order = service.requests.slice(from).map(({ token }) => (isOf(people[0] ?? [])(token) ? 0 : 1));
    expect(order).toHaveLength(320);
    // when the first of them is half done, the other has come a good part of the way
    for (const one of [0, 1]) {
      const half = order.findIndex(
        (which, i) => which === one && order.slice(0, i).filter((w) => w === one).length === 200,
      );
      expect(order.slice(0, half).filter((which) => which !== one).length).toBeGreaterThan(20);
    }
  });

  test('a transactional message, one to a single person and a test overtake a large campaign', async () => {
    const site = await belfry.makeSite();
    const people = await crowd(site, service, 400);
    const [one, two, mine] = people;
    if (!one || !two || !mine) throw new Error('people');
    await belfry.api('PATCH', `/subscribers/${mine.id}`, { testDevice: true });
    const large = await belfry.send(site, { pace: { perMinute: 1200 } });
    await belfry.until(large.id, ({ counts }) => counts.accepted > 5);
    const quick = [
      await belfry.send(site, { kind: 'transactional', audience: { subscriber: one.id } }),
      await belfry.send(site, { audience: { subscriber: two.id } }),
      await belfry.api<Campaign>('POST', '/campaigns/test', { site: site.id, message: { title: 'A test' } }),
    ];
    for (const { id } of quick) await belfry.until(id, 'finished', 60);
    expect((await belfry.campaign(large.id)).counts.pending).toBeGreaterThan(0);
    expect(mine.browser.received.some((payload) => payload.includes('A test'))).toBe(true);
    await act(large.id, 'cancel');
  });

  test('a test goes to one’s own devices alone, and is in nobody else’s numbers', async () => {
    const site = await belfry.makeSite();
    const [mine, old, other] = await crowd(site, service, 3);
    if (!mine || !old || !other) throw new Error('people');
    const wanted = { site: site.id, message: { title: 'Only me' } };
    const none = await belfry.call('POST', '/campaigns/test', wanted);
    expect(none).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('no test device yet') },
    });
    for (const { id } of [mine, old])
      expect(await belfry.api('PATCH', `/subscribers/${id}`, { testDevice: true })).toMatchObject({
        testDevice: true,
      });
    await belfry.leave(site, old.browser);
    expect(await belfry.api('GET', `/subscribers/test-devices?site=${site.id}`)).toMatchObject({
      items: [{ id: mine.id }],
    });
    const { id } = await belfry.api<Campaign>('POST', '/campaigns/test', wanted);
    expect(await belfry.until(id, 'finished')).toMatchObject({
      kind: 'transactional',
      counts: { total: 1, accepted: 1 },
    });
    expect([mine, old, other].map(({ browser }) => browser.received.length)).toEqual([1, 0, 0]);
    // a sync of the same browser changes nothing about whose it is
    await belfry.subscribe(site, mine.browser, { intent: 'sync' });
    expect((await belfry.subscriber(mine.id)).testDevice).toBe(true);
  });

  test('a push service that says nothing holds up no other, nor what comes after', async () => {
    const site = await belfry.makeSite();
    await crowd(site, service, 80);
    await crowd(site, second, 80);
    const open = stall(service);
    const first = await belfry.send(site);
    const next = await belfry.send(site);
    await eventually('all of the others', () => second.accepted.length === 160);
    for (const { id } of [first, next]) {
      const { state, counts } = await belfry.until(id, (now) => now.counts.accepted === 80);
      expect({ state, pending: counts.pending, failed: counts.failed }).toEqual({
        state: 'sending',
        pending: 80,
        failed: 0,
      });
    }
    open();
    for (const end of ends.splice(0)) end();
    for (const { id } of [first, next])
      expect((await belfry.until(id, 'finished', 90)).counts).toMatchObject({ total: 160, accepted: 160 });
  });

  test('one site’s trouble with a push service is not another’s', async () => {
    const [slow, quick] = [await belfry.makeSite(), await belfry.makeSite()];
    const held = await crowd(slow, service, 60);
    await crowd(quick, service, 60);
    const mine = isOf(held);
    disturb(service, ({ token }) =>
      mine(token) ? { status: 429, headers: { 'retry-after': '3600' } } : undefined,
    );
    const waiting = await belfry.send(slow, { message: { title: 'x', ttl: 86_400 } });
    await belfry.until(waiting.id, ({ holds }) => holds.length > 0);
    const done = await belfry.until((await belfry.send(quick)).id, 'finished');
    expect(done.counts).toMatchObject({ accepted: 60 });
    expect(done.holds).toEqual([]);
    expect((await belfry.campaign(waiting.id)).counts).toMatchObject({ accepted: 0, pending: 60 });
    await act(waiting.id, 'cancel');
  });

  test('after pause and cancel nothing more goes out than what was under way', async () => {
    const site = await belfry.makeSite();
    const people = await crowd(site, service, 300);
    const open = stall(service);
    const { id } = await belfry.send(site);
    const mine = isOf(people);
    const out = () => service.requests.filter(({ token }) => mine(token)).length;
    await eventually('some are out', () => out() > 20);
    expect((await act(id, 'pause')).state).toBe('paused');
    open();
    for (const end of ends.splice(0)) end();
    const settled = await belfry.until(id, ({ counts }) => counts.accepted === out());
    expect(settled.state).toBe('paused');
    const sent = out();
    expect(sent).toBeLessThanOrEqual(64); // what a service may have at first, and what was handed over meanwhile
    expect((await act(id, 'resume')).state).toBe('sending');
    await eventually('it goes on', () => out() > sent);
    const cancelled = await act(id, 'cancel');
    expect(cancelled.state).toBe('cancelled');
    const over = await belfry.until(id, ({ counts }) => counts.pending === 0);
    expect(over.counts.accepted).toBe(out());
    expect(over.counts.accepted + over.counts.skipped).toBe(300);
    for (const { browser } of people) expect(browser.received.length).toBeLessThanOrEqual(1);
  });
});
