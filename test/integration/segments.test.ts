import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../../main/contract/errors.ts';
import type { Expression } from '../../main/contract/expressions.ts';
import type { Segment, SegmentUsers } from '../../main/contract/segments.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';

let certificates: Certificates;
let service: PushService;
let belfry: Belfry;
let site: Site;

beforeAll(async () => {
  certificates = await makeCertificates();
  service = await startPushService(certificates);
  belfry = await Belfry.start({ service, certificates });
});
afterAll(async () => {
  await belfry[Symbol.asyncDispose]();
  await service.close();
  await certificates[Symbol.asyncDispose]();
});
beforeEach(async () => {
  site = await belfry.makeSite();
});

const person = (more: object) =>
  belfry.api<Subscriber>('POST', '/subscribers', {
    site: site.id,
    subscription: service.subscribe(site.vapidPublicKey).subscription,
    ...more,
  });
const make = (name: string, expression: unknown) =>
  belfry.call<Segment & Problem>('POST', '/segments', { site: site.id, name, expression });
const made = async (name: string, expression: unknown) => {
  const { status, body } = await make(name, expression);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
interface Count {
  people: number;
  breakdown: Record<string, { value: string | null; people: number }[]> | null;
  newest: Subscriber[] | null;
}
const count = (expression: unknown, more = {}) =>
  belfry.api<Count>('POST', '/segments/count', { site: site.id, expression, ...more });
const recipients = async (id: string) =>
  (await belfry.deliveries(id)).map(({ subscriber }) => subscriber).sort();
const ids = (...people: Subscriber[]) => people.map(({ id }) => id).sort();
const news: Expression = { tag: 'news' };

/** People of three kinds: who reads news in German, who reads it in English, and who does not. */
async function three() {
  const german = await person({
    language: 'de-AT',
    timeZone: 'Europe/Vienna',
    tags: ['news'],
    attributes: { visits: 7 },
  });
  const english = await person({ language: 'en', tags: ['news'], attributes: { visits: 2, vip: true } });
  const neither = await person({ language: 'en', attributes: { topics: ['sport', 'music'] } });
  return { german, english, neither };
}

test('a segment is made, read, listed by name, renamed, changed, duplicated and deleted', async () => {
  const segment = await made('  Readers ', { all: [news, { field: 'language', is: ['de'] }] });
  expect(segment).toMatchObject({
    site: site.id,
    name: 'Readers',
    expression: { all: [news, { field: 'language', is: ['de'] }] },
  });
  expect(await belfry.api('GET', `/segments/${segment.id}`)).toEqual({
    ...segment,
    usedBy: { segments: [], campaigns: [] },
  });
  const copy = await belfry.api<Segment>('POST', `/segments/${segment.id}/duplicate`);
  expect(copy).toMatchObject({ name: 'Copy of Readers', expression: segment.expression });
  expect((await belfry.api<Segment>('POST', `/segments/${segment.id}/duplicate`)).name).toBe(
    'Copy 2 of Readers',
  );
  const renamed = await belfry.api<Segment>('PATCH', `/segments/${copy.id}`, { name: 'All of them' });
  expect(renamed).toMatchObject({ name: 'All of them', expression: segment.expression });
  await belfry.api('PATCH', `/segments/${copy.id}`, { expression: { all: [] } });
  const list = () =>
    belfry.api<{ items: Segment[]; nextCursor: string | null }>('GET', `/segments?site=${site.id}&limit=2`);
  const first = await list();
  expect(first.items.map(({ name }) => name)).toEqual(['All of them', 'Copy 2 of Readers']);
  const second = await belfry.api<{ items: Segment[]; nextCursor: null }>(
    'GET',
    `/segments?site=${site.id}&limit=2&cursor=${first.nextCursor}`,
  );
  expect(second).toEqual({ items: [segment], nextCursor: null });
  await belfry.api('DELETE', `/segments/${copy.id}`);
  expect((await belfry.call('GET', `/segments/${copy.id}`)).status).toBe(404);
  expect((await list()).items).toHaveLength(2);
});

test('a name is a segment’s own within its site', async () => {
  await made('Readers', news);
  const other = await made('Others', news);
  expect(await make('Readers', news)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  const renaming = await belfry.call<Problem>('PATCH', `/segments/${other.id}`, { name: 'Readers' });
  expect(renaming.status).toBe(409);
  expect(renaming.body.detail).toContain('“Readers”');
  site = await belfry.makeSite();
  await made('Readers', news);
});

test('people are counted, broken down and shown', async () => {
  const { german, english } = await three();
  expect(await count({ all: [] })).toEqual({ people: 3, forgotten: 0, breakdown: null, newest: null });
  const detail = await count(news, { detail: true });
  expect(detail.people).toBe(2);
  expect(detail.breakdown?.['language']).toEqual(
    expect.arrayContaining([
      { value: 'de-AT', people: 1 },
      { value: 'en', people: 1 },
    ]),
  );
  expect(detail.breakdown?.['country']).toEqual(
    expect.arrayContaining([
      { value: 'AT', people: 1 },
      { value: null, people: 1 },
    ]),
  );
  expect(detail.newest?.map(({ id }) => id)).toEqual([english.id, german.id]);
  expect((await count({ attribute: 'visits', above: 2 })).people).toBe(1);
  expect((await count({ attribute: 'topics', is: ['music'] })).people).toBe(1);
  expect((await count({ none: [{ attribute: 'vip', is: [true] }] })).people).toBe(2);
  // who left counts no more
  await belfry.api('POST', `/subscribers/${german.id}/remove`);
  expect((await count(news)).people).toBe(1);
  // what the operator changes counts at once
  await belfry.api('PATCH', `/subscribers/${english.id}`, { tags: [], attributes: { visits: 3 } });
  expect((await count(news)).people).toBe(0);
  expect((await count({ attribute: 'visits', above: 2 })).people).toBe(1);
});

test('segments lie in segments, and never in themselves', async () => {
  const { german } = await three();
  const readers = await made('Readers', news);
  const german2 = await made('German readers', {
    all: [{ segment: readers.id }, { field: 'language', is: ['de'] }],
  });
  expect((await count({ segment: german2.id })).people).toBe(1);
  expect((await count({ none: [{ segment: german2.id }] })).people).toBe(2);
  for (const [id, expression] of [
    [readers.id, { segment: german2.id }],
    [readers.id, { none: [{ segment: readers.id }] }],
  ]) {
    const { status, body } = await belfry.call<Problem>('PATCH', `/segments/${id}`, { expression });
    expect(status).toBe(400);
    expect(body.detail).toContain('would lie in itself');
  }
  // and one that was changed is changed wherever it lies
  await belfry.api('PATCH', `/segments/${readers.id}`, { expression: { any: [] } });
  expect((await count({ segment: german2.id })).people).toBe(0);
  expect(german.id).toBeTruthy();
});

test('what an expression names has to be the site’s own; the answer says where', async () => {
  const mine = await made('Readers', news);
  const campaign = await belfry.send(site, { draft: true });
  const elsewhere = await belfry.makeSite();
  for (const [expression, pointer] of [
    [{ all: [news, { segment: mine.id }] }, '/expression/all/1'],
    [{ any: [{ did: 'clicked', campaigns: { id: campaign.id } }] }, '/expression/any/0'],
    [{ segment: 'seg_nonsense' }, '/expression'],
    [{ all: [{ field: 'browser', is: [] }] }, '/expression/all/0/is'],
    [{ all: [{ unknown: 1 }] }, '/expression/all/0'],
  ]) {
    const body = { site: elsewhere.id, expression };
    const answer = await belfry.call<Problem>('POST', '/segments/count', body);
    expect(answer.status, JSON.stringify(expression)).toBe(400);
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  }
});

test('segments that double each other’s size are refused before they grow', async () => {
  let inner = await made('0', { all: Array.from({ length: 60 }, (_, i) => ({ tag: `t${i}` })) });
  for (let level = 1; level <= 3; level++)
    inner = await made(`${level}`, { any: [{ segment: inner.id }, { segment: inner.id }] });
  const { status, body } = await make('4', { any: [{ segment: inner.id }, { segment: inner.id }] });
  expect(status).toBe(400);
  expect(body.detail).toContain('more than 500 conditions');
});

test('a segment that is used is not deleted: it says by whom', async () => {
  const readers = await made('Readers', news);
  const other = await made('Not readers', { none: [{ segment: readers.id }] });
  const draft = await belfry.send(site, { audience: { segment: readers.id }, draft: true });
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const scheduled = await belfry.send(site, {
    message: { title: 'Tomorrow' },
    audience: { everyone: true, less: { segment: readers.id } },
    at,
  });
  const { usedBy } = await belfry.api<{ usedBy: SegmentUsers }>('GET', `/segments/${readers.id}`);
  expect(usedBy).toEqual({
    segments: [{ id: other.id, name: 'Not readers' }],
    campaigns: [
      { id: draft.id, title: 'The bell rings', state: 'draft' },
      { id: scheduled.id, title: 'Tomorrow', state: 'scheduled' },
    ],
  });
  const { status, body } = await belfry.call<Problem>('DELETE', `/segments/${readers.id}`);
  expect(status).toBe(409);
  expect(body.detail).toContain('“Not readers”');
  expect(body.detail).toContain('“Tomorrow”');
  // what was sent or given up does not need it any more
  await belfry.api('DELETE', `/campaigns/${draft.id}`);
  await belfry.api('POST', `/campaigns/${scheduled.id}/cancel`);
  await belfry.api('DELETE', `/segments/${other.id}`);
  await belfry.api('DELETE', `/segments/${readers.id}`);
});

test('a campaign goes to whom its audience means when it is started, and to nobody else', async () => {
  const { german, english, neither } = await three();
  const readers = await made('Readers', news);
  const check = (audience: object) =>
    belfry.api<{ people: number }>('POST', '/campaigns/check', {
      site: site.id,
      message: { title: 'x' },
      audience,
    });
  const audiences: [object, Subscriber[]][] = [
    [{ segment: readers.id }, [german, english]],
    [{ segment: readers.id, less: { field: 'language', is: ['de'] } }, [english]],
    [{ matching: { none: [{ segment: readers.id }] } }, [neither]],
    [{ everyone: true, less: { attribute: 'vip', is: [true] } }, [german, neither]],
    [{ matching: { any: [] } }, []],
  ];
  for (const [audience, people] of audiences) {
    expect((await check(audience)).people).toBe(people.length);
    const campaign = await belfry.send(site, { audience });
    await belfry.until(campaign.id, 'finished');
    expect(await recipients(campaign.id), JSON.stringify(audience)).toEqual(ids(...people));
    expect((await belfry.campaign(campaign.id)).audience).toEqual(audience);
  }
  // a draft means who fits once it is started, not when it was written
  const draft = await belfry.send(site, { audience: { segment: readers.id }, draft: true });
  await belfry.api('PATCH', `/subscribers/${neither.id}`, { tags: ['news'] });
  await belfry.api('POST', `/campaigns/${draft.id}/start`);
  await belfry.until(draft.id, 'finished');
  expect(await recipients(draft.id)).toEqual(ids(german, english, neither));
});

test('who did what with the last campaigns is found, and the one that is being sent is none of them', async () => {
  const { german, english, neither } = await three();
  const first = await belfry.send(site, { audience: { segment: (await made('Readers', news)).id } });
  await belfry.until(first.id, 'finished');
  const sentLast = { did: 'accepted', campaigns: { last: 1 } };
  expect((await count(sentLast)).people).toBe(2);
  expect((await count({ did: 'accepted', campaigns: { id: first.id } })).people).toBe(2);
  const second = await belfry.send(site, { audience: { matching: { none: [sentLast] } } });
  await belfry.until(second.id, 'finished');
  expect(await recipients(second.id)).toEqual(ids(neither));
  expect((await count({ none: [{ did: 'accepted', campaigns: { within: { days: 7 } } }] })).people).toBe(0);
  expect((await count({ did: 'clicked', campaigns: { last: 5 } })).people).toBe(0);
  expect([german, english]).toHaveLength(2);
});

test('of an audience that is no more, a scheduled campaign is a draft again, and nobody gets it', async () => {
  await three();
  const readers = await made('Readers', news);
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const campaign = await belfry.send(site, { audience: { segment: readers.id }, at });
  await belfry.stop();
  // as no one can through Belfry: a file that was mended by hand
  const db = new Database(`${belfry.data}/belfry.db`);
  db.exec("DELETE FROM segment; UPDATE campaign SET at = 1 WHERE state = 'scheduled'");
  db.close();
  await belfry.launch();
  const draft = await belfry.until(campaign.id, 'draft');
  expect(draft.counts.total).toBe(0);
  const start = await belfry.call<Problem>('POST', `/campaigns/${campaign.id}/start`);
  expect(start.status).toBe(400);
  expect(start.body.detail).toContain('no such segment');
});

test('a segment of another site does not exist for an API key', async () => {
  const theirs = await made('Readers', news);
  const other = await belfry.makeSite();
  const { secret } = await belfry.api<{ secret: string }>('POST', '/api-keys', {
    site: other.id,
    name: 'key',
    scopes: ['read', 'send'],
  });
  const asked = (method: string, path: string, body?: unknown) => belfry.call(method, path, body, {}, secret);
  for (const [method, path, body] of [
    ['GET', `/segments/${theirs.id}`],
    ['PATCH', `/segments/${theirs.id}`, { name: 'Mine' }],
    ['DELETE', `/segments/${theirs.id}`],
    ['POST', `/segments/${theirs.id}/duplicate`],
    ['POST', '/segments/count', { site: site.id, expression: news }],
    ['GET', `/segments/values?site=${site.id}`],
    ['GET', `/subscribers?segment=${theirs.id}`],
  ] as const)
    expect((await asked(method, path, body)).status, `${method} ${path}`).toBe(404);
  expect((await asked('GET', '/segments')).body).toEqual({ items: [], nextCursor: null });
  const campaign = { site: other.id, message: { title: 'x' }, audience: { segment: theirs.id } };
  expect((await asked('POST', '/campaigns', campaign)).status).toBe(400);
});

test('a list of subscribers is narrowed to a segment, an expression, or both', async () => {
  const { german, english, neither } = await three();
  const readers = await made('Readers', news);
  const list = async (query: Record<string, string>) =>
    (
      await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?${new URLSearchParams(query)}`)
    ).items.map(({ id }) => id);
  expect(await list({ segment: readers.id })).toEqual([english.id, german.id]);
  const matching = JSON.stringify({ field: 'language', is: ['de'] });
  expect(await list({ site: site.id, matching })).toEqual([german.id]);
  expect(await list({ segment: readers.id, matching })).toEqual([german.id]);
  await belfry.api('POST', `/subscribers/${neither.id}/remove`);
  const others = JSON.stringify({ none: [{ segment: readers.id }] });
  expect(await list({ site: site.id, matching: others })).toEqual([]);
  expect(await list({ site: site.id, matching: others, state: 'all' })).toEqual([neither.id]);
  for (const query of [
    'matching={',
    `matching=${matching}`,
    `site=${site.id}&matching={"tag":1}`,
    'segment=nonsense',
  ])
    expect((await belfry.call('GET', `/subscribers?${query}`)).status).toBeLessThan(500);
  expect((await belfry.call('GET', `/subscribers?matching=${matching}`)).status).toBe(400);
});

test('attributes and values that occur are suggested with how many have them', async () => {
  await three();
  const values = async (query: Record<string, string>) =>
    (
      await belfry.api<{ items: { value: unknown; people: number }[] }>(
        'GET',
        `/segments/values?${new URLSearchParams({ site: site.id, ...query })}`,
      )
    ).items.map(({ value, people }) => [value, people]);
  expect(await belfry.api('GET', `/segments/attributes?site=${site.id}`)).toEqual({
    items: [
      { name: 'topics', kinds: ['text'] },
      { name: 'vip', kinds: ['boolean'] },
      { name: 'visits', kinds: ['number'] },
    ],
  });
  expect(await values({})).toEqual([['news', 2]]);
  expect(await values({ field: 'language' })).toEqual([
    ['en', 2],
    ['de-AT', 1],
  ]);
  expect(await values({ field: 'language', search: 'DE' })).toEqual([['de-AT', 1]]);
  expect(await values({ attribute: 'topics' })).toEqual([
    ['music', 1],
    ['sport', 1],
  ]);
  expect(await values({ attribute: 'vip' })).toEqual([[true, 1]]);
  expect(await values({ attribute: 'visits', limit: '1' })).toEqual([[2, 1]]);
  expect(await values({ attribute: "'; --", search: '%' })).toEqual([]);
});

test('a site goes with its segments and the attributes of its people', async () => {
  await three();
  await made('Readers', news);
  await belfry.api('DELETE', `/sites/${site.id}`);
  const db = new Database(`${belfry.data}/belfry.db`, { readonly: true });
  const left = db
    .prepare(
      `SELECT (SELECT count(*) FROM segment WHERE site_id NOT IN (SELECT id FROM site)) AS segments,
         (SELECT count(*) FROM subscriber_attribute WHERE subscriber_id NOT IN (SELECT id FROM subscriber)) AS people,
         (SELECT count(*) FROM attribute WHERE site_id NOT IN (SELECT id FROM site)) AS attributes`,
    )
    .get();
  db.close();
  expect(left).toEqual({ segments: 0, people: 0, attributes: 0 });
});

test('of many counts that are given up at once, those that wait are never begun', async () => {
  await three();
  const started: Promise<unknown>[] = [];
  for (let i = 0; i < 30; i++) {
    const abort = new AbortController();
    const asked = fetch(new URL('/rpc/segments/count', belfry.program.addresses.console ?? ''), {
      method: 'POST',
      signal: abort.signal,
      headers: { authorization: `Bearer ${belfry.program.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ json: { site: site.id, expression: { all: [] } } }),
    }).catch(() => null);
    if (i < 29) abort.abort();
    started.push(asked);
  }
  await Promise.all(started);
  expect((await count({ all: [] })).people).toBe(3);
  expect(belfry.log.filter((line) => line.includes('fault'))).toEqual([]);
});
