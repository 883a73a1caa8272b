import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry, eventually, sign, siteOrigin } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import type { Fault } from '../helpers/push-service/faults.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { describeWith } from '../helpers/requirements.ts';

type Disturb = Parameters<PushService['disturb']>[0];

describeWith('openssl', 'campaigns', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  let undisturbed: (() => void)[] = [];
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
  afterEach(() => {
    for (const end of undisturbed) end();
    undisturbed = [];
  });

  const disturb = (rule: Disturb) => {
    const end = service.disturb(rule);
    undisturbed.push(end);
    return end;
  };
  /** Answers for one person alone. */
  const disturbOne = (one: SimulatedBrowser, rule: Disturb) =>
    disturb((request) => (one.subscription.endpoint.endsWith(request.token) ? rule(request) : undefined));
  /** A site of its own with so many people. */
  async function siteWith(count: number) {
    site = await belfry.makeSite();
    return belfry.people(site, service, count);
  }
  const act = (campaign: Pick<Campaign, 'id'>, action: string) =>
    belfry.call<Campaign>('POST', `/campaigns/${campaign.id}/${action}`);
  const requestsOf = (one: SimulatedBrowser) =>
    service.requests.filter(({ token }) => one.subscription.endpoint.endsWith(token));
  const later = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
  const hour = 3_600_000;

  function addsUp({ counts }: Pick<Campaign, 'counts'>) {
    const { total, pending, accepted, expired, rejected, failed, skipped } = counts;
    expect(pending + accepted + expired + rejected + failed + skipped).toBe(total);
  }

  /** The answer that never comes until it is let. */
  function gate() {
    let open: (value?: unknown) => void = () => {};
    const until = new Promise((resolve) => {
      open = resolve;
    });
    undisturbed.push(() => open());
    return { until, open };
  }

  test('a message reaches everyone once, decrypted, with a token of its own', async () => {
    const people = await siteWith(30);
    const sent = await belfry.send(site, {
      message: { title: 'Hello', body: 'world', url: `${siteOrigin}/a?b=1#c` },
    });
    expect(sent).toMatchObject({ state: 'sending', counts: { total: 30 } });
    const done = await belfry.until(sent.id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ total: 30, accepted: 30, pending: 0, repeated: 0 });
    expect(done.finishedAt).not.toBeNull();
    const tokens = new Set<string>();
    for (const { browser } of people) {
      expect(browser.received).toHaveLength(1);
      const { web_push, notification } = JSON.parse(browser.received[0] ?? '');
      expect(web_push).toBe(8030);
      const { token } = notification.data.belfry;
      expect(notification).toMatchObject({
        title: 'Hello',
        body: 'world',
        navigate: `${siteOrigin}/a?b=1&belfry=${token}#c`,
      });
      tokens.add(token);
    }
    expect(tokens.size).toBe(30);
  });

  // every state, what each act makes of it, and what a repeat or an impossible one answers
  const acts = ['start', 'pause', 'resume', 'cancel'] as const;
  const transitions: Record<string, Record<(typeof acts)[number], Campaign['state'] | 409>> = {
    draft: { start: 'sending', pause: 409, resume: 409, cancel: 'cancelled' },
    scheduled: { start: 'scheduled', pause: 409, resume: 409, cancel: 'cancelled' },
    sending: { start: 'sending', pause: 'paused', resume: 'sending', cancel: 'cancelled' },
    paused: { start: 'sending', pause: 'paused', resume: 'sending', cancel: 'cancelled' },
    halted: { start: 'sending', pause: 'paused', resume: 'sending', cancel: 'cancelled' },
    finished: { start: 'finished', pause: 409, resume: 409, cancel: 409 },
    cancelled: { start: 409, pause: 409, resume: 409, cancel: 'cancelled' },
  };
  const bringTo: Record<string, () => Promise<Campaign>> = {
    draft: () => belfry.send(site, { draft: true }),
    scheduled: () => belfry.send(site, { at: later(hour) }),
    sending: () => belfry.send(site),
    paused: async () => (await act(await belfry.send(site), 'pause')).body,
    halted: async () => {
      const end = disturb(() => ({ status: 403 }));
      const halted = await belfry.until((await belfry.send(site)).id, 'halted');
      end();
      return halted;
    },
    finished: async () => {
      const { open } = gate();
      open();
      return belfry.until(
        (await belfry.send(site, { audience: { externalIds: ['nobody'] } })).id,
        'finished',
      );
    },
    cancelled: async () => (await act(await belfry.send(site, { draft: true }), 'cancel')).body,
  };
  const rows = Object.entries(transitions).flatMap(([state, to]) =>
    acts.map((action) => [state, action, to[action]] as const),
  );

  test.each(rows)('%s, then %s: %s', async (state, action, to) => {
    await siteWith(1);
    if (state !== 'halted') {
      // nothing ends by itself while it is looked at
      const { until } = gate();
      disturb(() => ({ until }));
    }
    const campaign = await bringTo[state]?.();
    if (campaign === undefined) throw new Error(state);
    expect(campaign.state).toBe(state);
    if (state === 'halted') {
      const { until } = gate();
      disturb(() => ({ until }));
    }
    const first = await act(campaign, action);
    if (to === 409) {
      expect(first).toMatchObject({ status: 409, body: { code: 'conflict' } });
      expect((await belfry.campaign(campaign.id)).state).toBe(state);
    } else {
      expect(first).toMatchObject({ status: 200, body: { id: campaign.id, state: to } });
      expect(await act(campaign, action)).toMatchObject({ status: 200, body: { state: to } });
      addsUp(await belfry.campaign(campaign.id));
    }
  });

  test('a draft can be changed and deleted, a started campaign cannot', async () => {
    await siteWith(1);
    const draft = await belfry.send(site, { draft: true });
    expect(draft).toMatchObject({ state: 'draft', counts: { total: 0 } });
    const path = `/campaigns/${draft.id}`;
    expect(await belfry.api('PATCH', path, { message: { title: 'Changed' } })).toMatchObject({
      state: 'draft',
      message: { title: 'Changed' },
      audience: { everyone: true },
    });
    await act(draft, 'start');
    expect((await belfry.call('PATCH', path, { message: { title: 'Late' } })).status).toBe(409);
    expect((await belfry.call('DELETE', path)).status).toBe(409);
    const other = await belfry.send(site, { draft: true });
    expect((await belfry.call('DELETE', `/campaigns/${other.id}`)).status).toBe(204);
    expect((await belfry.call('GET', `/campaigns/${other.id}`)).status).toBe(404);
  });

  test('a scheduled campaign begins at its time, can be moved, and taken off the schedule', async () => {
    await siteWith(2);
    const moved = await belfry.send(site, { at: later(hour) });
    const off = await belfry.send(site, { at: later(hour) });
    expect(await belfry.api('PATCH', `/campaigns/${off.id}`, { at: null })).toMatchObject({ state: 'draft' });
    const soon = later(300);
    await belfry.api('PATCH', `/campaigns/${moved.id}`, { at: soon });
    const done = await belfry.until(moved.id, 'finished');
    expect(done.counts.accepted).toBe(2);
    expect(Date.parse(done.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(soon));
    expect((await belfry.campaign(off.id)).state).toBe('draft');
    // a time that has passed is now
    const past = await belfry.send(site, { at: later(-hour) });
    await belfry.until(past.id, 'finished');
    // a draft with a time waits for it once it is started
    const waiting = await belfry.send(site, { at: later(hour), draft: true });
    expect(waiting.state).toBe('draft');
    expect((await act(waiting, 'start')).body.state).toBe('scheduled');
  });

  test('a schedule outlives a restart, also when its time passes meanwhile', async () => {
    const people = await siteWith(1);
    const [soon, missed] = [
      await belfry.send(site, { at: later(3000) }),
      await belfry.send(site, { at: later(100) }),
    ];
    await belfry.stop();
    await new Promise((resolve) => setTimeout(resolve, 120)); // the time of the second one
    await belfry.launch();
    await belfry.until(missed.id, 'finished');
    await belfry.until(soon.id, 'finished');
    expect(people[0]?.browser.received).toHaveLength(2);
  });

  test('audiences: one, some, by external id; each person once', async () => {
    const people = await siteWith(4);
    const [a, b, c, d] = people.map(({ id }) => id);
    await belfry.api('PATCH', `/subscribers/${a}`, { externalId: '7' });
    await belfry.api('PATCH', `/subscribers/${b}`, { externalId: '7' });
    const reached = async (audience: object) => {
      const { id } = await belfry.send(site, { audience });
      const done = await belfry.until(id, 'finished');
      addsUp(done);
      return (await belfry.deliveries(id)).map(({ subscriber }) => subscriber);
    };
    expect(await reached({ subscriber: c })).toEqual([c]);
    expect(await reached({ subscribers: [d, c, d] })).toEqual([c, d]);
    expect(await reached({ externalIds: ['7', 'nobody', '7'] })).toEqual([a, b]);
    expect(await reached({ everyone: true })).toEqual([a, b, c, d]);
    const check = (audience: object) =>
      belfry.api<{ people: number }>('POST', '/campaigns/check', {
        site: site.id,
        message: { title: 'x' },
        audience,
      });
    expect((await check({ externalIds: ['7'] })).people).toBe(2);
    expect((await check({ everyone: true })).people).toBe(4);
  });

  test('who is unknown, or of another site, is refused with a pointer to each', async () => {
    const [elsewhere] = await siteWith(1);
    const [here] = await siteWith(1);
    const answer = await belfry.call('POST', '/campaigns', {
      site: site.id,
      message: { title: 'x' },
      audience: { subscribers: [here?.id, 'nonsense', elsewhere?.id] },
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_input',
        errors: [{ pointer: '/audience/subscribers/1' }, { pointer: '/audience/subscribers/2' }],
      },
    });
    const one = await belfry.call('POST', '/campaigns', {
      site: site.id,
      message: { title: 'x' },
      audience: { subscriber: elsewhere?.id },
    });
    expect(one).toMatchObject({ status: 400, body: { errors: [{ pointer: '/audience/subscriber' }] } });
    const { items } = await belfry.api<{ items: unknown[] }>('GET', `/campaigns?site=${site.id}`);
    expect(items).toEqual([]);
  });

  test('people named who cannot be sent to are skipped with the reason; everyone leaves them out', async () => {
    const [fine, expired, left, removed] = await siteWith(4);
    service.expire(expired?.browser.subscription.endpoint ?? '');
    await belfry.until((await belfry.send(site, { audience: { subscriber: expired?.id } })).id, 'finished');
    if (left) await belfry.leave(site, left.browser);
    await belfry.api('POST', `/subscribers/${removed?.id}/remove`);
    const { id } = await belfry.send(site, {
      audience: { subscribers: [fine, expired, left, removed].map((one) => one?.id) },
    });
    const done = await belfry.until(id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ total: 4, accepted: 1, skipped: 3 });
    expect((await belfry.deliveries(id)).map(({ state, reason }) => [state, reason])).toEqual([
      ['accepted', null],
      ['skipped', 'expired'],
      ['skipped', 'left'],
      ['skipped', 'left'],
    ]);
    expect((await belfry.until((await belfry.send(site)).id, 'finished')).counts.total).toBe(1);
  });

  test('a message that is too large for a push service is refused before anyone gets it', async () => {
    await siteWith(1);
    const answer = await belfry.call('POST', '/campaigns', {
      site: site.id,
      message: { title: 'x', body: 'ü'.repeat(2000), data: 'y'.repeat(1000) },
      audience: { everyone: true },
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_input',
        errors: [{ pointer: '/message', detail: expect.stringMatching(/\d+ bytes/) }],
      },
    });
    // the largest that is let through does fit
    const size = async (body: string) =>
      (
        await belfry.api<{ payloadBytes: number }>('POST', '/campaigns/check', {
          site: site.id,
          message: { title: 'x', body, data: 'y'.repeat(2000) },
          audience: { everyone: true },
        })
      ).payloadBytes;
    const room = 3993 - (await size('z'));
    const { id } = await belfry.send(site, {
      message: { title: 'x', body: 'z'.repeat(room + 1), data: 'y'.repeat(2000) },
    });
    expect((await belfry.until(id, 'finished')).counts.accepted).toBe(1);
  });

  // what a push service answers, and what becomes of the delivery and of the person
  const answers: [string, ReturnType<Disturb>, object, string][] = [
    ['404', { status: 404 }, { state: 'expired', status: 404, reason: 'gone' }, 'expired'],
    ['410', { status: 410 }, { state: 'expired', status: 410, reason: 'gone' }, 'expired'],
    ['413', { status: 413 }, { state: 'rejected', status: 413, reason: 'too-large' }, 'active'],
    ['406', { status: 406 }, { state: 'rejected', status: 406, reason: 'refused' }, 'active'],
    ['204', { status: 204 }, { state: 'accepted', status: 204, reason: null }, 'active'],
  ];
  test.each(answers)(
    '%s settles one delivery and leaves the others alone',
    async (_, fault, outcome, state) => {
      const [one, other] = await siteWith(2);
      if (!one || !other) throw new Error('two people');
      disturbOne(one.browser, () => fault);
      const { id } = await belfry.send(site);
      const done = await belfry.until(id, 'finished');
      addsUp(done);
      expect((await belfry.deliveries(id))[0]).toMatchObject({ subscriber: one.id, attempts: 1, ...outcome });
      expect(requestsOf(one.browser)).toHaveLength(1);
      expect(other.browser.received).toHaveLength(1);
      expect(await belfry.subscriber(one.id)).toMatchObject({ state });
    },
  );

  test.each([400, 401, 403])(
    '%i is our own fault: halted, nobody removed, sent again once resumed',
    async (status) => {
      const people = await siteWith(40);
      const mended = disturb(() => ({ status }));
      const { id } = await belfry.send(site);
      const halted = await belfry.until(id, 'halted');
      addsUp(halted);
      expect(halted.counts).toMatchObject({ total: 40, pending: 40, rejected: 0 });
      expect(halted.holds).toMatchObject([
        { pushService: service.host, kind: 'halt', until: null, advice: expect.stringMatching(/\w+ /) },
      ]);
      expect(halted.outcomes).toContainEqual(
        expect.objectContaining({ state: 'pending', status, advice: expect.any(String) }),
      );
      // it stopped: far fewer were asked than there are people
      const asked = service.requests.filter((request) => request.status === status).length;
      expect(asked).toBeGreaterThan(0);
      const { active } = await belfry.api<{ active: number }>('GET', `/subscribers/counts?site=${site.id}`);
      expect(active).toBe(40);
      // not mended yet: halted again
      await act(halted, 'resume');
      await belfry.until(id, 'halted');
      mended();
      expect((await act(halted, 'resume')).body.state).toBe('sending');
      const done = await belfry.until(id, 'finished');
      addsUp(done);
      expect(done.counts).toMatchObject({ accepted: 40, rejected: 0, pending: 0 });
      for (const { browser } of people) expect(browser.received).toHaveLength(1);
      expect(done.holds).toEqual([]);
    },
  );

  test('a fault of ours that meets the last person still halts the campaign', async () => {
    await siteWith(1);
    const mended = disturb(() => ({ status: 403 }));
    const { id } = await belfry.send(site);
    await belfry.until(id, 'halted');
    mended();
    await act({ id }, 'resume');
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ total: 1, accepted: 1 });
  });

  test('two campaigns halted by the same fault are both resumed whole', async () => {
    await siteWith(3);
    const mended = disturb(() => ({ status: 403 }));
    const one = await belfry.send(site);
    await belfry.until(one.id, 'halted');
    const two = await belfry.send(site);
    await belfry.until(two.id, 'halted');
    mended();
    for (const { id } of [one, two]) {
      await act({ id }, 'resume');
      expect((await belfry.until(id, 'finished')).counts).toMatchObject({ total: 3, accepted: 3 });
    }
  });

  test('a halt outlives a restart, with what it holds back', async () => {
    await siteWith(2);
    const mended = disturb(() => ({ status: 401 }));
    const { id } = await belfry.send(site);
    await belfry.until(id, 'halted');
    await belfry.restart();
    mended();
    expect(await belfry.campaign(id)).toMatchObject({ state: 'halted', holds: [{ kind: 'halt' }] });
    await act({ id }, 'resume');
    expect((await belfry.until(id, 'finished')).counts.accepted).toBe(2);
  });

  test('429 with Retry-After pauses the service, keeps everyone, and goes on by itself', async () => {
    const people = await siteWith(30);
    let refusals = 3;
    disturb(() => (refusals-- > 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined));
    const { id } = await belfry.send(site);
    const paused = await belfry.until(id, ({ holds }) => holds.length > 0);
    expect(paused).toMatchObject({
      state: 'sending',
      holds: [{ kind: 'pause', reason: 'too-many-requests' }],
    });
    expect(Date.parse(paused.holds[0]?.until ?? '')).toBeGreaterThan(Date.now() - 1000);
    const done = await belfry.until(id, 'finished');
    expect(done.counts).toMatchObject({ accepted: 30, failed: 0 });
    for (const { browser } of people) expect(browser.received).toHaveLength(1);
  });

  test('while one push service pauses or halts, the others go on', async () => {
    const second = await startPushService(certificates);
    try {
      await belfry.api('PUT', '/push-hosts', { added: [second.host] });
      await siteWith(5);
      const there = second.subscribe(site.vapidPublicKey);
      expect((await belfry.subscribe(site, there)).status).toBe(201);
      for (const fault of [{ status: 429, headers: { 'retry-after': '3600' } }, { status: 403 }]) {
        const end = disturb(() => fault);
        const { id } = await belfry.send(site);
        const partly = await belfry.until(id, ({ counts }) => counts.accepted === 1);
        expect(partly.counts).toMatchObject({ total: 6, accepted: 1, pending: 5 });
        addsUp(partly);
        await act({ id }, 'cancel');
        end();
        if (fault.status === 403) break;
        // the pause holds for other campaigns too
        const next = await belfry.send(site);
        expect((await belfry.until(next.id, ({ counts }) => counts.accepted === 1)).holds).toHaveLength(1);
        await act(next, 'cancel');
        site = await belfry.makeSite();
        await belfry.people(site, service, 5);
        await belfry.subscribe(site, second.subscribe(site.vapidPublicKey));
      }
    } finally {
      await belfry.api('PUT', '/push-hosts', { added: [] });
      await second.close();
    }
  });

  // alone, since a lost connection may carry the requests of many
  test.each<[string, Fault]>([
    ['503', { status: 503 }],
    ['a lost connection', { cut: 'reset' }],
    ['an answer that is no HTTP', { cut: 'garbage' }],
  ])('%s is tried again, and the person gets it once', async (_, fault) => {
    const [one] = await siteWith(1);
    if (!one) throw new Error('one person');
    let left = 1;
    disturb(() => (left-- > 0 ? fault : undefined));
    const { id } = await belfry.send(site);
    const waiting = await belfry.until(id, ({ outcomes }) =>
      outcomes.some(({ state }) => state === 'pending'),
    );
    addsUp(waiting);
    const done = await belfry.until(id, 'finished');
    expect(done.counts).toMatchObject({ accepted: 1, failed: 0 });
    expect(await belfry.deliveries(id)).toMatchObject([
      { state: 'accepted', attempts: 2, status: 201, reason: null },
    ]);
    expect(one.browser.received).toHaveLength(1);
  });

  test('a retry is not held up by another person’s answer that never comes', async () => {
    const [slow, quick] = await siteWith(2);
    if (!slow || !quick) throw new Error('two people');
    const { until, open } = gate();
    disturbOne(slow.browser, () => ({ until }));
    let refusals = 1;
    disturbOne(quick.browser, () => (refusals-- > 0 ? { status: 503 } : undefined));
    const { id } = await belfry.send(site);
    await eventually('the retry', () => quick.browser.received.length === 1);
    expect((await belfry.campaign(id)).counts.pending).toBeGreaterThan(0);
    open();
    await belfry.until(id, 'finished');
  });

  test('a retry is kept over a restart', async () => {
    const [one] = await siteWith(1);
    if (!one) throw new Error('one person');
    let refusals = 1;
    disturb(() => (refusals-- > 0 ? { status: 503, headers: { 'retry-after': '1' } } : undefined));
    const { id } = await belfry.send(site);
    await belfry.until(id, ({ outcomes }) => outcomes.some(({ state }) => state === 'pending'));
    await belfry.restart();
    const done = await belfry.until(id, 'finished');
    expect(done.counts).toMatchObject({ accepted: 1, repeated: 0 });
    expect((await belfry.deliveries(id))[0]).toMatchObject({ attempts: 2 });
    expect(one.browser.received).toHaveLength(1);
  });

  test('a message whose time to live is used up fails', async () => {
    await siteWith(1);
    disturb(() => ({ status: 503 }));
    const { id } = await belfry.send(site, { message: { title: 'x', ttl: 1 } });
    const done = await belfry.until(id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ failed: 1, pending: 0 });
    expect(done.outcomes).toMatchObject([{ state: 'failed', reason: 'service-unavailable', status: 503 }]);
    // a push service that wants a wait longer than that gets no second request
    undisturbed.pop()?.();
    disturb(() => ({ status: 429, headers: { 'retry-after': '60' } }));
    const before = service.requests.length;
    const other = await belfry.send(site, { message: { title: 'x', ttl: 30 } });
    expect((await belfry.until(other.id, 'finished')).counts.failed).toBe(1);
    expect(service.requests.length).toBe(before + 1);
  });

  test('a retry that comes too late after a stand-still is not sent', async () => {
    const [one] = await siteWith(1);
    if (!one) throw new Error('one person');
    let refusals = 1;
    disturb(() => (refusals-- > 0 ? { status: 503, headers: { 'retry-after': '1' } } : undefined));
    const { id } = await belfry.send(site, { message: { title: 'x', ttl: 2 } });
    await belfry.until(id, ({ outcomes }) => outcomes.some(({ state }) => state === 'pending'));
    await belfry.stop();
    await new Promise((resolve) => setTimeout(resolve, 2100)); // until the time to live is over
    await belfry.launch();
    const done = await belfry.until(id, 'finished');
    expect(done.counts).toMatchObject({ failed: 1, accepted: 0 });
    expect(done.outcomes).toMatchObject([{ reason: 'too-late' }]);
    expect(one.browser.received).toHaveLength(0);
  });

  test('a 410 for an endpoint that has moved meanwhile does not expire the person', async () => {
    const [one] = await siteWith(1);
    if (!one) throw new Error('one person');
    const { until, open } = gate();
    disturb((request) => {
      if (!one.browser.subscription.endpoint.endsWith(request.token)) return undefined;
      return { until };
    });
    const { id } = await belfry.send(site);
    await eventually('the request is there', () => requestsOf(one.browser).length === 1);
    const moved = service.subscribe(site.vapidPublicKey);
    const answer = await belfry.subscribe(site, moved, {
      intent: 'sync',
      oldEndpoint: one.browser.subscription.endpoint,
    });
    expect(answer.body.id).toBe(one.id);
    service.expire(one.browser.subscription.endpoint);
    open();
    expect((await belfry.until(id, 'finished')).counts).toMatchObject({ expired: 1 });
    expect(await belfry.subscriber(one.id)).toMatchObject({ state: 'active' });
  });

  /** Lets so many requests through and holds the rest back until `open`. */
  function slowAfter(count: number) {
    const { until, open } = gate();
    let passed = 0;
    disturb(() => (passed++ < count ? undefined : { until }));
    return open;
  }

  test('pause acts at once, what was on its way is still counted, and resume finishes', async () => {
    const people = await siteWith(300);
    const open = slowAfter(50);
    const before = service.requests.length;
    const { id } = await belfry.send(site);
    await eventually('it is slow', () => service.requests.length >= before + 60);
    const paused = (await act({ id }, 'pause')).body;
    expect(paused).toMatchObject({ state: 'paused', rate: null });
    addsUp(paused);
    open();
    // what was handed over goes out, and nothing else
    const still = await belfry.until(
      id,
      ({ counts }) => counts.accepted === service.requests.length - before,
    );
    addsUp(still);
    expect(still.counts.pending).toBeGreaterThan(0);
    expect((await belfry.campaign(id)).state).toBe('paused');
    await act({ id }, 'resume');
    const done = await belfry.until(id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ accepted: 300, repeated: 0 });
    for (const { browser } of people) expect(browser.received).toHaveLength(1);
  });

  test('resumed while a stopped run still waits for answers: everyone once', async () => {
    const people = await siteWith(260);
    const open = slowAfter(20);
    const { id } = await belfry.send(site);
    await eventually('some are through', async () => (await belfry.campaign(id)).counts.accepted >= 20);
    for (let i = 0; i < 3; i++) {
      await act({ id }, 'pause');
      await act({ id }, 'resume');
    }
    open();
    const done = await belfry.until(id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ total: 260, accepted: 260, repeated: 0 });
    for (const { browser } of people) expect(browser.received).toHaveLength(1);
  });

  test('cancel skips what is pending and counts what was on its way', async () => {
    const people = await siteWith(300);
    const open = slowAfter(30);
    const { id } = await belfry.send(site);
    await eventually('some are through', async () => (await belfry.campaign(id)).counts.accepted >= 30);
    const cancelled = (await act({ id }, 'cancel')).body;
    expect(cancelled.state).toBe('cancelled');
    expect(cancelled.counts.skipped).toBeGreaterThan(0);
    addsUp(cancelled);
    open();
    const done = await belfry.until(id, ({ counts }) => counts.pending === 0);
    addsUp(done);
    expect(done.state).toBe('cancelled');
    const received = people.filter(({ browser }) => browser.received.length > 0).length;
    expect(done.counts.accepted).toBe(received);
    expect(done.counts.accepted + done.counts.skipped).toBe(300);
    expect(done.outcomes).toContainEqual(expect.objectContaining({ state: 'skipped', reason: 'cancelled' }));
  });

  test('a cancelled campaign’s retries are skipped, not tried', async () => {
    const [one] = await siteWith(1);
    if (!one) throw new Error('one person');
    const { until, open } = gate();
    disturb(() => ({ until }));
    const { id } = await belfry.send(site);
    await eventually('it is asked', () => requestsOf(one.browser).length === 1);
    await act({ id }, 'cancel');
    disturb(() => ({ status: 503 }));
    const refuse = service.disturb(() => ({ cut: 'reset' }));
    undisturbed.push(refuse);
    open();
    const done = await belfry.until(id, ({ counts }) => counts.pending === 0);
    addsUp(done);
    expect(done.counts.skipped + done.counts.accepted).toBe(1);
  });

  test('who leaves in the middle is skipped; who joins after the start gets nothing', async () => {
    const people = await siteWith(260);
    const open = slowAfter(10);
    const { id } = await belfry.send(site);
    await eventually('some are through', async () => (await belfry.campaign(id)).counts.accepted >= 10);
    const [leaver, erased] = people.slice(-2);
    if (!leaver || !erased) throw new Error('people');
    await belfry.leave(site, leaver.browser);
    await belfry.api('DELETE', `/subscribers/${erased.id}`);
    const joiner = service.subscribe(site.vapidPublicKey);
    await belfry.subscribe(site, joiner);
    open();
    const done = await belfry.until(id, 'finished');
    addsUp(done);
    expect(done.counts).toMatchObject({ total: 260, accepted: 258, skipped: 2 });
    const skipped = done.outcomes.filter(({ state }) => state === 'skipped');
    expect(skipped.map(({ reason, count }) => [reason, count]).toSorted()).toEqual([
      ['erased', 1],
      ['left', 1],
    ]);
    for (const browser of [leaver.browser, erased.browser, joiner]) expect(browser.received).toHaveLength(0);
    const last = (await belfry.deliveries(id)).at(-1);
    expect(last).toMatchObject({ subscriber: null, state: 'skipped' });
  });

  const report = (events: object[]) =>
    belfry.visit('/v1/events', { events }, { 'content-type': 'text/plain' });
  const tokenOf = (one: SimulatedBrowser, nth = 0): string =>
    JSON.parse(one.received[nth] ?? '').notification.data.belfry.token;

  test('reports count once each; forged and tampered tokens are let pass without a word', async () => {
    const people = await siteWith(2);
    const message = { title: 'x', actions: [{ action: 'read', title: 'Read' }] };
    const { id } = await belfry.send(site, { message });
    await belfry.until(id, 'finished');
    const [one, two] = people.map(({ browser }) => tokenOf(browser));
    const at = Date.now();
    const events = [
      { token: one, type: 'shown', at },
      { token: one, type: 'shown', at },
      { token: one, type: 'clicked', at },
      { token: one, type: 'clicked', action: 'read', at },
      { token: one, type: 'clicked', action: 'read', at },
      { token: one, type: 'clicked', action: 'not an action of the message', at },
      { token: two, type: 'closed', at: at * 5 },
    ];
    const last = one?.at(-1) ?? '';
    const forged = [
      `${one?.slice(0, -1)}${last === 'A' ? 'g' : 'A'}`,
      `${one?.slice(0, 10)}AAAA${one?.slice(14)}`,
      'A'.repeat(22),
      '',
      'x',
    ].map((token) => ({ token, type: 'shown', at }));
    for (let i = 0; i < 2; i++) expect((await report([...events, ...forged])).status).toBe(204);
    await Promise.all(Array.from({ length: 10 }, () => report(events)));
    const done: CampaignDetail = await belfry.until(id, ({ counts }) => counts.closed === 1);
    expect(done.counts).toMatchObject({ shown: 1, clicked: 1, closed: 1 });
    expect(done.clicks.toSorted((a, b) => a.action.localeCompare(b.action))).toEqual([
      { action: '', count: 1 },
      { action: 'read', count: 1 },
    ]);
    const delivery = (await belfry.deliveries(id)).find(({ closedAt }) => closedAt !== null);
    // a browser's clock that is years ahead is not believed
    expect(Date.parse(delivery?.closedAt ?? '')).toBeLessThanOrEqual(Date.now());
  });

  test('leaving counts with the last campaign that reached the person, once', async () => {
    const people = await siteWith(2);
    const [one, two] = people;
    if (!one || !two) throw new Error('two people');
    const first = await belfry.until((await belfry.send(site)).id, 'finished');
    const second = await belfry.until(
      (await belfry.send(site, { audience: { subscriber: one.id } })).id,
      'finished',
    );
    await belfry.leave(site, one.browser);
    await belfry.leave(site, one.browser);
    await belfry.leave(site, two.browser);
    expect((await belfry.campaign(second.id)).counts.unsubscribed).toBe(1);
    expect((await belfry.campaign(first.id)).counts.unsubscribed).toBe(1);
  });

  test('a request repeated with its Idempotency-Key makes one campaign', async () => {
    await siteWith(1);
    const body = { site: site.id, message: { title: 'x' }, audience: { everyone: true } };
    const key = { 'idempotency-key': 'order-1' };
    const all = await Promise.all(
      Array.from({ length: 5 }, () => belfry.call<Campaign>('POST', '/campaigns', body, key)),
    );
    const made = all.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    for (const { status } of all) expect([201, 409]).toContain(status);
    const again = await belfry.call<Campaign>('POST', '/campaigns', body, key);
    expect(again).toMatchObject({ status: 201, body: { id: made[0]?.body.id } });
    const other = await belfry.call('POST', '/campaigns', { ...body, message: { title: 'y' } }, key);
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
    // an answer that a mistake got is given again too, and nothing came of it
    const wrong = { 'idempotency-key': 'order-2' };
    const audience = { subscriber: 'nobody' };
    const refused = await belfry.call('POST', '/campaigns', { ...body, audience }, wrong);
    expect(refused.status).toBe(400);
    expect((await belfry.call('POST', '/campaigns', { ...body, audience }, wrong)).body).toEqual(
      refused.body,
    );
    const { items } = await belfry.api<{ items: Campaign[] }>('GET', `/campaigns?site=${site.id}`);
    expect(items).toHaveLength(1);
  });

  test('a site that is deleted in the middle of a send takes everything with it', async () => {
    await siteWith(250);
    const open = slowAfter(10);
    const { id } = await belfry.send(site);
    await eventually('some are through', async () => (await belfry.campaign(id)).counts.accepted >= 10);
    expect((await belfry.call('DELETE', `/sites/${site.id}`)).status).toBe(204);
    open();
    for (const path of [`/campaigns/${id}`, `/sites/${site.id}`])
      expect((await belfry.call('GET', path)).status).toBe(404);
    // others go on
    await siteWith(1);
    await belfry.until((await belfry.send(site)).id, 'finished');
  });

  test('nothing that was logged names an endpoint, a key or a token', async () => {
    const [one] = await siteWith(1);
    const log = belfry.log.join('\n');
    expect(log).not.toContain('/push/');
    expect(log).not.toContain(belfry.program.token);
    for (const { token } of service.requests) expect(log).not.toContain(token);
    expect(log).not.toContain(one?.browser.subscription.keys.auth);
    expect(sign('a', 'b')).toHaveLength(64);
  });
});
