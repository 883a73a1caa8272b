import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Page } from '../../main/contract/common.ts';
import type { Rehearsal, ServiceBehaviour } from '../../main/contract/rehearsal.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber, TimelineEntry } from '../../main/contract/subscribers.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';

/** Nothing but 201, at once. */
const perfect: Partial<ServiceBehaviour> = { gone: 0, failing: 0, slow: 0, latencyMs: 0 };
const allPerfect = { fcm: perfect, mozilla: perfect, wns: perfect, apple: perfect };

const rehearsal = (belfry: Belfry) => belfry.api<Rehearsal>('GET', '/rehearsal');
const totals = async (belfry: Belfry) => {
  const { totals } = await rehearsal(belfry);
  if (totals === null) throw new Error('The rehearsal counts nothing.');
  return totals;
};
const sum = (...numbers: (number | undefined)[]) => numbers.reduce<number>((all, n) => all + (n ?? 0), 0);

async function rehearse(
  belfry: Belfry,
  wanted: object,
  behaviour: object | null = allPerfect,
): Promise<Site> {
  await belfry.api('POST', '/rehearsal', { seed: 11, ...wanted });
  await eventually('the practice site', async () => (await rehearsal(belfry)).state === 'ready', 60);
  const { site, problem } = await rehearsal(belfry);
  expect(problem).toBeNull();
  if (behaviour !== null) await belfry.api('PATCH', '/rehearsal/behaviour', behaviour);
  return belfry.api<Site>('GET', `/sites/${site}`);
}

/** How many rows each table has. */
function rows(belfry: Belfry): Record<string, number> {
  const db = new Database(join(belfry.data, 'belfry.db'), { readonly: true });
  const names = db
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .pluck()
    .all();
  const counts = names.map((name) => [name, db.prepare(`SELECT count(*) FROM "${name}"`).pluck().get()]);
  db.close();
  return Object.fromEntries(counts);
}

/** The counts by push service that the engine goes by, as they are kept, and as the deliveries have them. */
function countsByService(belfry: Belfry) {
  const db = new Database(join(belfry.data, 'belfry.db'), { readonly: true });
  const kept = db
    .prepare(
      `SELECT campaign_id, push_service, accepted, expired, rejected, failed, bytes FROM campaign_service
       ORDER BY campaign_id, push_service`,
    )
    .all();
  const of = (state: number) => `count(*) FILTER (WHERE state = ${state})`;
  const counted = db
    .prepare(
      `SELECT campaign_id, push_service, ${of(2)} AS accepted, ${of(3)} AS expired, ${of(4)} AS rejected,
         ${of(5)} AS failed, coalesce(sum(bytes * (1 + (SELECT count(*) FROM attempt a
           WHERE a.campaign_id = d.campaign_id AND a.subscriber_id = d.subscriber_id))), 0) AS bytes
       FROM delivery d GROUP BY campaign_id, push_service ORDER BY campaign_id, push_service`,
    )
    .all();
  db.close();
  return { kept, counted };
}

describe('a rehearsal', () => {
  test('of 10 000 people: Belfry counts what the people themselves did, one by one', {
    timeout: 300_000,
  }, async () => {
    await using belfry = await Belfry.start();
    const site = await rehearse(belfry, { people: 10_000, history: false });
    expect(site).toMatchObject({
      practice: true,
      subscribers: { active: 10_000, expired: 0, unsubscribed: 0 },
    });

    const message = {
      title: 'To ten thousand',
      actions: [
        { action: 'read', title: 'Read' },
        { action: 'later', title: 'Later' },
      ],
    };
    const { id } = await belfry.send(site, { message });
    const { counts } = await belfry.until(id, 'finished', 200);
    expect(counts).toMatchObject({ total: 10_000, accepted: 10_000, pending: 0, repeated: 0 });
    expect(await totals(belfry)).toMatchObject({
      requests: 10_000,
      received: 10_000,
      decrypted: 10_000,
      undecryptable: 0,
      duplicates: 0,
      refused: 0,
    });

    await eventually('everyone to have reacted', async () => (await totals(belfry)).waiting === 0, 90);
    const { shown, clicked, closed, left, lost } = await totals(belfry);
    expect(lost).toBe(0);
    expect(Math.min(shown, clicked, closed, left)).toBeGreaterThan(0);
    const after = await belfry.campaign(id);
    expect(after.counts).toMatchObject({ shown, clicked, closed, unsubscribed: left });
    expect(sum(...after.clicks.map(({ count }) => count))).toBe(clicked);
    expect(new Set(after.clicks.map(({ action }) => action))).toEqual(new Set(['', 'read', 'later']));
    const now = await belfry.api<Site>('GET', `/sites/${site.id}`);
    expect(now.subscribers).toMatchObject({ active: 10_000 - left, unsubscribed: left });
  });

  test('answers as the operator sets it, and Belfry counts each answer as what it is', async () => {
    await using belfry = await Belfry.start();
    const site = await rehearse(
      belfry,
      { people: 400, history: false },
      {
        fcm: { ...perfect, gone: 0.1, missing: 0.05, tooLarge: 0.1 },
        mozilla: { ...perfect, failing: 0.3 },
        wns: { ...perfect, limited: 0.1, retryAfter: 1 },
        apple: { ...perfect, garbled: 0.2, slow: 0.2, slowMs: 300 },
      },
    );
    const { id } = await belfry.send(site);
    const { counts, outcomes } = await belfry.until(id, 'finished', 50);
    const log = await totals(belfry);
    const { fcm, mozilla, wns, apple } = log.answers;
    for (const kind of ['gone', 'missing', 'tooLarge'] as const) expect(fcm[kind]).toBeGreaterThan(0);
    expect(mozilla['failing']).toBeGreaterThan(0);
    expect(wns['limited']).toBeGreaterThan(0);
    expect(apple['garbled']).toBeGreaterThan(0);
    expect(counts).toEqual({
      total: 400,
      pending: 0,
      accepted: log.received,
      expired: sum(fcm['gone'], fcm['missing']),
      rejected: fcm['tooLarge'],
      failed: 0,
      skipped: 0,
      shown: expect.any(Number),
      clicked: expect.any(Number),
      closed: expect.any(Number),
      unsubscribed: expect.any(Number),
      repeated: expect.any(Number),
    });
    // an answer that is no HTTP may stand for a message that was taken
    expect(counts.repeated).toBeGreaterThan(0);
    expect(counts.repeated).toBeLessThanOrEqual(apple['garbled'] ?? 0);
    const outcome = (state: string, status: number) =>
      sum(
        ...outcomes.filter((one) => one.state === state && one.status === status).map(({ count }) => count),
      );
    expect(outcome('expired', 410)).toBe(fcm['gone']);
    expect(outcome('expired', 404)).toBe(fcm['missing']);
    expect(outcome('rejected', 413)).toBe(fcm['tooLarge']);
    for (const [name, answers] of Object.entries(log.answers))
      expect(
        sum(
          ...outcomes
            .filter((one) => one.state === 'accepted' && one.pushService === name)
            .map(({ count }) => count),
        ),
      ).toBe(answers['accepted']);
    expect(log).toMatchObject({ duplicates: 0, undecryptable: 0, decrypted: log.received });
    expect(log.requests).toBe(log.received + log.refused);
    const { subscribers } = await belfry.api<Site>('GET', `/sites/${site.id}`);
    expect(subscribers.expired).toBe(counts.expired);
  });

  test('follows a change in the middle of a campaign', async () => {
    await using belfry = await Belfry.start();
    const limited = { ...perfect, limited: 1, retryAfter: 1 };
    const site = await rehearse(
      belfry,
      { people: 300, history: false },
      { ...allPerfect, fcm: limited, apple: { ...perfect, failing: 0.3 } },
    );
    const { id } = await belfry.send(site);
    const log = () => totals(belfry);
    await eventually('the others to be through', async () => {
      const { answers } = await log();
      return sum(answers.fcm['limited']) > 0 && sum(answers.apple['failing']) > 0;
    });
    const held = await belfry.until(id, ({ counts }) => counts.accepted > 0, 20);
    expect(held.state).toBe('sending');
    expect((await log()).answers.fcm['accepted'] ?? 0).toBe(0);

    const changed = await belfry.api<Rehearsal>('PATCH', '/rehearsal/behaviour', {
      fcm: { limited: 0 },
      apple: { failing: 0 },
    });
    expect(changed.behaviour.fcm).toMatchObject({ limited: 0, retryAfter: 1, latencyMs: 0 });
    const { counts } = await belfry.until(id, 'finished', 40);
    expect(counts).toMatchObject({ total: 300, accepted: 300 });
    expect(await log()).toMatchObject({ received: 300, duplicates: 0 });

    const impossible = await belfry.call('PATCH', '/rehearsal/behaviour', {
      fcm: { failing: 0.7, limited: 0.6 },
    });
    expect(impossible.status).toBe(400);
    expect((await rehearsal(belfry)).behaviour).toEqual(changed.behaviour);
  });

  test('has a past in which everything adds up', async () => {
    await using belfry = await Belfry.start();
    const site = await rehearse(belfry, { people: 1500 });
    const { items } = await belfry.api<Page<Campaign>>('GET', `/campaigns?site=${site.id}&limit=50`);
    expect(items.length).toBe(12);
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['halted', 'finished', 'cancelled']));
    expect(sum(...Object.values(site.subscribers))).toBe(1500);
    let expired = 0;
    for (const { id } of items) {
      const { counts, outcomes, clicks, startedAt, createdAt } = await belfry.campaign(id);
      const { total, pending, accepted, rejected, failed, skipped } = counts;
      expect(total).toBe(pending + accepted + counts.expired + rejected + failed + skipped);
      // outcomes also tell what the pending ones wait for
      const settled = outcomes.filter(({ state }) => state !== 'pending');
      expect(sum(...settled.map(({ count }) => count))).toBe(total - pending);
      expect(sum(...clicks.map(({ count }) => count))).toBe(counts.clicked);
      expect(counts.clicked).toBeLessThanOrEqual(accepted);
      expect(createdAt < String(startedAt)).toBe(true);
      expired += counts.expired;
    }
    expect(site.subscribers.expired).toBe(expired);
    const { kept, counted } = countsByService(belfry);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept).toEqual(counted);

    const { items: some } = await belfry.api<Page<Subscriber>>(
      'GET',
      `/subscribers?site=${site.id}&state=all&limit=60`,
    );
    for (const { id, firstSeen } of some) {
      const timeline = await belfry.api<{ items: TimelineEntry[] }>('GET', `/subscribers/${id}/timeline`);
      for (const { at } of timeline.items) expect(at >= firstSeen).toBe(true);
    }

    // the halted one can be taken up, and everyone who waited for it gets it
    const halted = items.find(({ state }) => state === 'halted') as Campaign;
    expect(halted.holds).toMatchObject([{ pushService: 'apple', kind: 'halt', reason: 'bad-token' }]);
    expect(halted.counts.pending).toBeGreaterThan(0);
    await belfry.api('POST', `/campaigns/${halted.id}/resume`);
    const resumed = await belfry.until(halted.id, 'finished');
    expect(resumed.counts).toMatchObject({ pending: 0, rejected: 0 });
    expect(resumed.counts.accepted).toBe(
      halted.counts.accepted + halted.counts.pending + halted.counts.rejected - resumed.counts.skipped,
    );
    expect((await totals(belfry)).received).toBe(resumed.counts.accepted - halted.counts.accepted);
  });

  test('is the same again with the same seed', { timeout: 150_000 }, async () => {
    await using belfry = await Belfry.start();
    const look = async () => {
      const site = await rehearse(belfry, { people: 200, history: false });
      const query = `/subscribers?site=${site.id}&limit=200`;
      const people = (await belfry.api<Page<Subscriber>>('GET', query)).items;
      const { id } = await belfry.send(site, { message: { title: 'Again' } });
      await belfry.until(id, 'finished');
      await eventually('everyone to have reacted', async () => (await totals(belfry)).waiting === 0, 50);
      const { shown, clicked, closed, left } = await totals(belfry);
      await belfry.api('DELETE', '/rehearsal');
      return [
        people.map(({ endpointTail, browser, language, tags }) => [endpointTail, browser, language, tags]),
        left,
        clicked,
        shown > 0,
        closed > 0,
      ];
    };
    expect(await look()).toEqual(await look());
  });
});

describe('a practice site', () => {
  test('is removed without a trace, also while it is being made, and nothing else is touched', async () => {
    await using belfry = await Belfry.start({ args: ['--allow-push-host', 'push.example.org'] });
    const real = await belfry.makeSite();
    await belfry.api('POST', '/subscribers', {
      site: real.id,
      subscription: subscription('https://push.example.org/1'),
    });
    await belfry.api('POST', '/campaigns', {
      site: real.id,
      message: { title: 'A draft' },
      audience: { everyone: true },
      draft: true,
    });
    const before = rows(belfry);

    const site = await rehearse(belfry, { people: 300 });
    await belfry.api('POST', '/api-keys', { site: site.id, name: 'tried', scopes: ['send'] });
    const { id } = await belfry.send(site);
    await belfry.until(id, ({ counts }) => counts.accepted > 0);
    expect(rows(belfry)).not.toEqual(before);
    expect((await belfry.call('POST', '/rehearsal', { people: 20 })).status).toBe(409);
    expect(await belfry.api<Rehearsal>('DELETE', '/rehearsal')).toMatchObject({ state: 'none', site: null });
    expect(rows(belfry)).toEqual(before);
    expect((await belfry.call('GET', `/sites/${site.id}`)).status).toBe(404);

    await belfry.api('POST', '/rehearsal', { people: 50_000 });
    await eventually('some people', async () => ((await rehearsal(belfry)).progress?.done ?? 0) > 0, 40);
    expect((await belfry.api<Rehearsal>('DELETE', '/rehearsal')).state).toBe('none');
    expect(rows(belfry)).toEqual(before);

    // as any site, too
    const again = await rehearse(belfry, { people: 50 });
    await belfry.api('DELETE', `/sites/${again.id}`);
    expect(rows(belfry)).toEqual(before);
    expect((await rehearsal(belfry)).state).toBe('none');
  });

  test('goes on after a restart; one that was not finished is gone after it', async () => {
    await using belfry = await Belfry.start({ args: ['--rehearsal'] });
    await belfry.api('DELETE', '/rehearsal');
    const site = await rehearse(
      belfry,
      { people: 200, history: false },
      { ...allPerfect, wns: { ...perfect, latencyMs: 70 } },
    );
    const first = await belfry.send(site);
    await belfry.until(first.id, ({ counts }) => counts.accepted > 0);
    await belfry.restart(); // with --rehearsal: the one that is there is kept
    expect(await rehearsal(belfry)).toMatchObject({
      state: 'ready',
      site: site.id,
      people: 200,
      seed: 11,
      behaviour: { wns: { latencyMs: 70 } },
    });
    const { counts } = await belfry.until(first.id, 'finished');
    expect(counts).toMatchObject({ accepted: 200, rejected: 0, failed: 0 });
    const second = await belfry.send(site, { message: { title: 'After the restart' } });
    const { total, accepted } = (await belfry.until(second.id, 'finished')).counts;
    expect(accepted).toBe(total);
    expect((await totals(belfry)).undecryptable).toBe(0);

    await belfry.api('DELETE', '/rehearsal');
    await belfry.api('POST', '/rehearsal', { people: 50_000 });
    await eventually('some people', async () => ((await rehearsal(belfry)).progress?.done ?? 0) > 0, 40);
    await belfry.restart(); // removes what was left, and makes the one that is asked for
    expect(await rehearsal(belfry)).toMatchObject({ state: 'ready', people: 2000, history: true });
    const { items } = await belfry.api<Page<Site>>('GET', '/sites');
    expect(items.length).toBe(1);
    expect(sum(...Object.values(items[0]?.subscribers ?? {}))).toBe(2000);
  });

  test('takes nobody real, and its people get nowhere else', async () => {
    await using belfry = await Belfry.start({ args: ['--allow-push-host', 'fcm.rehearsal.invalid'] });
    const practice = await rehearse(belfry, { people: 10, history: false });
    const real = await belfry.makeSite();
    const simulated = 'https://fcm.rehearsal.invalid/fcm/send/AAAA:APA91b';
    const google = 'https://fcm.googleapis.com/fcm/send/AAAA:APA91b';
    const before = rows(belfry);
    const ask = (site: Site, endpoint: string, origin: string) =>
      belfry.visit<{ code: string }>(
        `/v1/sites/${site.key}/subscriptions`,
        { intent: 'subscribe', subscription: subscription(endpoint) },
        { origin },
      );
    const create = (site: Site, endpoint: string) =>
      belfry.call('POST', '/subscribers', { site: site.id, subscription: subscription(endpoint) });

    expect((await ask(real, simulated, real.origins[0] ?? '')).status).toBe(400);
    expect((await ask(practice, google, practice.origins[0] ?? '')).status).toBe(403);
    expect((await ask(practice, simulated, practice.origins[0] ?? '')).status).toBe(403);
    expect((await create(real, simulated)).status).toBe(400);
    expect((await create(practice, google)).status).toBe(403);
    expect(rows(belfry)).toEqual(before);

    // even if they got in: what is sent with a key of one kind never reaches the other
    const db = new Database(join(belfry.data, 'belfry.db'), { timeout: 5000 });
    const { id: realId } = db.prepare<[], { id: number }>('SELECT id FROM site WHERE practice = 0').get() ?? {
      id: 0,
    };
    db.prepare(
      `UPDATE subscriber SET site_id = ?, vapid_key_id = (SELECT id FROM vapid_key WHERE site_id = ?)
       WHERE id = (SELECT min(id) FROM subscriber)`,
    ).run(realId, realId);
    db.prepare('UPDATE subscriber SET endpoint = ? WHERE id = (SELECT max(id) FROM subscriber)').run(google);
    db.close();
    const outcomesOf = async (site: Site): Promise<CampaignDetail['outcomes']> => {
      const { id } = await belfry.send(site);
      return (await belfry.until(id, 'finished')).outcomes;
    };
    expect(await outcomesOf(real)).toMatchObject([
      { state: 'rejected', reason: 'host-not-allowed', count: 1 },
    ]);
    expect(await outcomesOf(practice)).toContainEqual(
      expect.objectContaining({ state: 'rejected', reason: 'practice-only', count: 1 }),
    );
    expect((await totals(belfry)).requests).toBe(8);
  });

  test('tells whoever watches how far it is', async () => {
    await using belfry = await Belfry.start();
    const leaving = new AbortController();
    const response = await fetch(new URL('/api/v1/rehearsal/live', belfry.program.addresses.console ?? ''), {
      headers: { authorization: `Bearer ${belfry.program.token}` },
      signal: leaving.signal,
    });
    const states: Rehearsal['state'][] = [];
    const done: number[] = [];
    const reading = (async () => {
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        for (const line of text.split('\n').slice(0, -1)) {
          if (!line.startsWith('data: ')) continue;
          const { state, progress } = JSON.parse(line.slice(6)) as Rehearsal;
          if (states.at(-1) !== state) states.push(state);
          if (progress) done.push(progress.done);
        }
        text = text.slice(text.lastIndexOf('\n') + 1);
      }
    })().catch(() => {});
    await eventually('the first state', () => states.length > 0);
    await rehearse(belfry, { people: 12_000 }, null);
    await eventually('the last state', () => states.at(-1) === 'ready');
    leaving.abort();
    await reading;
    expect(states).toEqual(['none', 'making', 'ready']);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.some((n) => n > 0 && n < 12_000)).toBe(true);
  });
});

/** A browser's subscription with keys that are keys. */
const subscription = (endpoint: string) => ({
  endpoint,
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
});
