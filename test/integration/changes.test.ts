import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BulkAction, BulkChange } from '../../main/contract/changes.ts';
import type { Page } from '../../main/contract/common.ts';
import type { Problem } from '../../main/contract/errors.ts';
import type { Job } from '../../main/contract/jobs.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { addCrowd, openBeside } from '../helpers/crowd.ts';
import { startServer } from '../helpers/program.ts';
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

const person = (more: object = {}, of = site) =>
  belfry.api<Subscriber>('POST', '/subscribers', {
    site: of.id,
    subscription: service.subscribe(of.vapidPublicKey).subscription,
    ...more,
  });
const start = (who: unknown, action: unknown, more: object = {}) =>
  belfry.call<BulkChange & Problem>('POST', '/changes', { site: site.id, who, action, ...more });
const get = (id: string) => belfry.api<BulkChange>('GET', `/changes/${id}`);
const ended = async ({ id }: BulkChange) => {
  let last: BulkChange | null = null;
  await eventually('the change to end', async () => {
    last = await get(id);
    return last.finishedAt !== null && last.job === null;
  });
  return last as unknown as BulkChange;
};
/** Does it to its end. */
const change = async (who: unknown, action: BulkAction, more: object = {}) => {
  const { status, body } = await start(who, action, more);
  expect(status, JSON.stringify(body)).toBe(202);
  return ended(body);
};
const undo = async ({ id }: BulkChange) => ended(await belfry.api<BulkChange>('POST', `/changes/${id}/undo`));
const now = (...people: Subscriber[]) => Promise.all(people.map(({ id }) => belfry.subscriber(id)));
const key = async (scopes: string[], of = site) =>
  (await belfry.api<{ secret: string }>('POST', '/api-keys', { site: of.id, name: 'k', scopes })).secret;
const everyone = { state: 'all' };

test('a tag: who had it already is not counted, and keeps it when the change is taken back', async () => {
  const [had, hasNot, other] = [await person({ tags: ['vip'] }), await person(), await person()];
  const done = await change({ subscribers: [had.id, hasNot.id, hasNot.id] }, { addTag: 'vip' });
  expect(done).toMatchObject({
    state: 'done',
    title: 'Adding the tag “vip”',
    people: 2,
    looked: 2,
    changed: 1,
    undone: 0,
    problem: null,
    undoable: true,
    undoUntil: expect.any(String),
  });
  expect((await now(had, hasNot, other)).map(({ tags }) => tags)).toEqual([['vip'], ['vip'], []]);

  expect(await undo(done)).toMatchObject({ state: 'undone', undone: 1, kept: 0, undoable: false });
  expect((await now(had, hasNot, other)).map(({ tags }) => tags)).toEqual([['vip'], [], []]);

  // and the other way round: only who had it gets it back, and who got it back since is left alone
  const gone = await change(everyone, { removeTag: 'vip' });
  expect(gone).toMatchObject({ people: 3, changed: 1 });
  await belfry.api('PATCH', `/subscribers/${had.id}`, { tags: ['vip', 'other'] });
  expect(await undo(gone)).toMatchObject({ undone: 0, kept: 1 });
  expect((await now(had, hasNot)).map(({ tags }) => tags)).toEqual([['other', 'vip'], []]);
  // a tag that nobody has is not made by taking it away
  await change(everyone, { removeTag: 'never heard of' });
  const { items } = await belfry.api<{ items: { value: string }[] }>(
    'GET',
    `/segments/values?site=${site.id}`,
  );
  expect(items.map(({ value }) => value).sort()).toEqual(['other', 'vip']);
});

test('an attribute: everybody gets back what they had, unless it was changed since', async () => {
  const people = [
    await person({ attributes: { plan: 'gold', age: 7 } }),
    await person({ attributes: { plan: 'free' } }),
    await person({ attributes: { age: 9 } }),
    await person({ attributes: { plan: 'silver' } }),
  ] as const;
  const done = await change(everyone, { attribute: 'plan', value: 'free' });
  expect(done).toMatchObject({ people: 4, changed: 3 });
  expect((await now(...people)).map(({ attributes }) => attributes)).toEqual([
    { plan: 'free', age: 7 },
    { plan: 'free' },
    { plan: 'free', age: 9 },
    { plan: 'free' },
  ]);
  await belfry.api('PATCH', `/subscribers/${people[3].id}`, { attributes: { plan: 'paid' } });
  expect(await undo(done)).toMatchObject({ state: 'undone', undone: 2, kept: 1 });
  expect((await now(...people)).map(({ attributes }) => attributes)).toEqual([
    { plan: 'gold', age: 7 },
    { plan: 'free' },
    { age: 9 },
    { plan: 'paid' },
  ]);
  // segments see both at once
  const count = (expression: unknown) =>
    belfry.api<{ people: number }>('POST', '/segments/count', { site: site.id, expression });
  expect(await count({ attribute: 'plan', is: ['gold'] })).toMatchObject({ people: 1 });

  const cleared = await change(everyone, { attribute: 'age', value: null });
  expect(cleared).toMatchObject({ title: 'Clearing “age”', changed: 2 });
  expect(await count({ attribute: 'age', known: true })).toMatchObject({ people: 0 });
  await undo(cleared);
  expect(await count({ attribute: 'age', atLeast: 8 })).toMatchObject({ people: 1 });

  // lists, and names that JavaScript knows, are as good as others
  for (const attribute of ['__proto__', 'constructor', 'a"b', "a'b; DROP TABLE subscriber"]) {
    const odd = await change({ subscribers: [people[0].id] }, { attribute, value: ['x', attribute] });
    expect(odd.changed, attribute).toBe(1);
    expect(await count({ attribute, is: ['x'] }), attribute).toMatchObject({ people: 1 });
    expect(await undo(odd)).toMatchObject({ undone: 1 });
    expect(await count({ attribute, known: true })).toMatchObject({ people: 0 });
  }
});

test('removing: everyone gets nothing, and is back as they were, less who came or left by themselves', async () => {
  const [a, b, c, left] = [await person(), await person(), await person(), await person()];
  await belfry.api('POST', `/subscribers/${left.id}/remove`);
  const before = await belfry.api<Record<string, number>>('GET', `/subscribers/counts?site=${site.id}`);
  const done = await change(everyone, { remove: true });
  expect(done).toMatchObject({ people: 4, changed: 3 });
  expect((await now(a, b, c)).map(({ state, stateReason }) => [state, stateReason])).toEqual(
    Array.from({ length: 3 }, () => ['unsubscribed', 'removed:active']),
  );
  // one is taken back, and removed once more: that is not this change's to undo
  await belfry.api('POST', `/subscribers/${c.id}/restore`);
  await belfry.api('POST', `/subscribers/${c.id}/remove`);
  expect(await undo(done)).toMatchObject({ undone: 2, kept: 1 });
  expect((await now(a, b, c, left)).map(({ state }) => state)).toEqual([
    'active',
    'active',
    'unsubscribed',
    'unsubscribed',
  ]);
  expect(await belfry.api('GET', `/subscribers/counts?site=${site.id}`)).toEqual({
    ...before,
    active: 2,
    unsubscribed: 2,
  });
  const { items } = await belfry.api<{ items: { people: number }[] }>(
    'GET',
    `/subscribers/days?site=${site.id}&days=1`,
  );
  expect(items.map(({ people }) => people)).toEqual([2]);
});

test('erasing needs the number of people, does nothing with another, and forgets them', async () => {
  const people = [await person({ attributes: { plan: 'gold' } }), await person()];
  await change(everyone, { attribute: 'plan', value: 'secret' });
  const who = { state: 'active' };
  expect((await start(who, { erase: true })).body).toMatchObject({
    code: 'invalid_input',
    errors: [{ pointer: '/people' }],
  });
  expect(await change(who, { erase: true }, { people: 3 })).toMatchObject({
    state: 'failed',
    changed: 0,
    problem: '2 people are meant now, and not 3. Nothing was changed.',
    undoable: false,
  });
  expect((await now(...people)).length).toBe(2);
  const done = await change(who, { erase: true }, { people: 2 });
  expect(done).toMatchObject({ state: 'done', changed: 2, undoable: false });
  for (const { id } of people) expect((await belfry.call('GET', `/subscribers/${id}`)).status).toBe(404);
  expect((await belfry.call('POST', `/changes/${done.id}/undo`)).status).toBe(409);
  // nothing of them stays in what could be taken back
  const db = openBeside(belfry.data);
  try {
    expect(db.prepare('SELECT count(*) FROM bulk_former').pluck().get()).toBe(0);
    expect(db.prepare('SELECT count(*) FROM erased').pluck().get()).toBe(2);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  } finally {
    db.close();
  }
});

test('who is meant: search, segment, expression, all less some; what is gone or another site’s is nobody', async () => {
  const [german, english, tagged] = [
    await person({ language: 'de', externalId: 'anna' }),
    await person({ language: 'en' }),
    await person({ language: 'de', tags: ['owl'] }),
  ];
  const de = { field: 'language', is: ['de'] };
  const segment = await belfry.api<{ id: string }>('POST', '/segments', {
    site: site.id,
    name: 'German',
    expression: de,
  });
  const changed = async (who: object) => {
    const done = await change({ state: 'active', ...who }, { addTag: 'x' });
    const marked = (await now(german, english, tagged)).flatMap(({ tags }, i) =>
      tags.includes('x') ? [i] : [],
    );
    if (done.undoable) await undo(done);
    const { people } = await belfry.api<{ people: number }>(
      'GET',
      `/subscribers/count?${new URLSearchParams({
        site: site.id,
        ...Object.fromEntries(
          Object.entries(who)
            .filter(([name]) => name !== 'except')
            .map(([name, value]) => [name, name === 'matching' ? JSON.stringify(value) : String(value)]),
        ),
      })}`,
    );
    return { marked, people };
  };
  expect(await changed({})).toEqual({ marked: [0, 1, 2], people: 3 });
  expect(await changed({ search: 'AN' })).toEqual({ marked: [0], people: 1 });
  expect(await changed({ search: tagged.id })).toEqual({ marked: [2], people: 1 });
  expect(await changed({ search: english.endpointTail })).toEqual({ marked: [1], people: 1 });
  expect(await changed({ segment: segment.id })).toEqual({ marked: [0, 2], people: 2 });
  expect(await changed({ segment: segment.id, matching: { tag: 'owl' } })).toEqual({
    marked: [2],
    people: 1,
  });
  expect(await changed({ except: [english.id] })).toEqual({ marked: [0, 2], people: 3 });
  expect(await changed({ state: 'expired' })).toEqual({ marked: [], people: 0 });

  const stranger = await person({}, await belfry.makeSite());
  await belfry.api('DELETE', `/subscribers/${english.id}`);
  const done = await change({ subscribers: [stranger.id, english.id, german.id] }, { addTag: 'x' });
  expect(done).toMatchObject({ people: 1, changed: 1 });
  expect((await now(stranger))[0]?.tags).toEqual([]);
});

test('wrong input is refused with the place of it, and an API key reaches its own site only', async () => {
  const one = await person();
  const bad = async (who: unknown, action: unknown, pointer: string | null) => {
    const { status, body } = await start(who, action);
    expect([status, body.code], JSON.stringify(body)).toEqual([400, 'invalid_input']);
    if (pointer !== null) expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
  };
  await bad({ subscribers: [one.id, 'sub_nonsense'] }, { addTag: 'x' }, '/who/subscribers/1');
  await bad({ subscribers: [site.id] }, { addTag: 'x' }, '/who/subscribers/0');
  await bad({ subscribers: [] }, { addTag: 'x' }, null);
  await bad({ subscribers: Array.from({ length: 10_001 }, () => one.id) }, { addTag: 'x' }, null);
  await bad(everyone, { addTag: '  ' }, null);
  await bad(everyone, { addTag: 'x'.repeat(65) }, null);
  await bad(everyone, { addTag: 'x', remove: true }, null);
  await bad(everyone, { remove: false }, null);
  await bad(everyone, { attribute: 'x', value: { nested: true } }, null);
  await bad(everyone, {}, null);
  await bad({}, { addTag: 'x' }, null);
  await bad({ state: 'all', matching: { tag: '' } }, { addTag: 'x' }, null);
  await bad({ state: 'all', matching: { segment: 'seg_none' } }, { addTag: 'x' }, '/who/matching');
  await bad({ state: 'all', except: ['nobody'] }, { addTag: 'x' }, '/who/except/0');

  const other = await belfry.makeSite();
  const [manage, read, foreign] = [
    await key(['manage']),
    await key(['read']),
    await key(['manage', 'read'], other),
  ];
  const asked = { site: site.id, who: everyone, action: { addTag: 'k' } };
  const by = (secret: string, method: string, path: string, body?: unknown, headers = {}) =>
    belfry.call<BulkChange & Problem & Page<BulkChange>>(method, path, body, headers, secret);
  expect((await by(read, 'POST', '/changes', asked)).status).toBe(403);
  expect((await by(foreign, 'POST', '/changes', asked)).status).toBe(404);
  // the same request again, with the same key: one change
  const headers = { 'idempotency-key': 'once' };
  const first = await by(manage, 'POST', '/changes', asked, headers);
  expect(first.status).toBe(202);
  const again = await by(manage, 'POST', '/changes', asked, headers);
  expect([again.status, again.body.id]).toEqual([202, first.body.id]);
  const done = await ended(first.body);
  expect(done).toMatchObject({ changed: 1 });
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/undo'],
    ['POST', '/cancel'],
  ] as const)
    expect((await by(foreign, method, `/changes/${done.id}${path}`)).status, path).toBe(404);
  expect((await by(foreign, 'GET', '/changes')).body.items).toEqual([]);
  expect((await by(read, 'GET', '/changes')).body.items.map(({ id }) => id)).toEqual([done.id]);
  expect((await by(read, 'POST', `/changes/${done.id}/undo`)).status).toBe(403);
  expect((await by(manage, 'POST', `/changes/${done.id}/undo`)).status).toBe(202);
  await ended(done);
  expect((await by(manage, 'POST', `/changes/${done.id}/undo`)).status).toBe(409);
});

test('of a crowd: it is a job that is counted, cancelled in the middle, taken back, and forgotten in time', async () => {
  let clock = Date.now();
  await using crowd = await Belfry.start({ clock: { now: () => clock } });
  const { id } = await crowd.makeSite();
  const people = 8000;
  await crowd.stop();
  addCrowd(crowd.data, people);
  await crowd.launch();
  const state = (one: { id: string }) => crowd.api<BulkChange>('GET', `/changes/${one.id}`);
  const over = async (one: { id: string }) => {
    await eventually('the end', async () => (await state(one)).job === null);
    return state(one);
  };
  const begin = (action: object, who: object = { state: 'active' }) =>
    crowd.api<BulkChange>('POST', '/changes', { site: id, who, action });
  const tagged = async () => {
    const db = openBeside(crowd.data);
    try {
      return db.prepare('SELECT count(*) FROM subscriber_tag').pluck().get();
    } finally {
      db.close();
    }
  };

  const cancelled = await begin({ attribute: 'plan', value: 'gold' });
  await eventually('some to be changed', async () => (await state(cancelled)).looked > 0);
  const [job] = (await crowd.api<{ items: Job[] }>('GET', '/jobs')).items;
  expect(job).toMatchObject({
    kind: 'people.change',
    about: cancelled.id,
    site: id,
    title: 'Setting “plan”',
  });
  await crowd.api('POST', `/jobs/${job?.id}/cancel`);
  const stopped = await over(cancelled);
  expect(stopped.people).toBe(people);
  expect(stopped.changed).toBe(stopped.looked);
  expect(stopped).toMatchObject(
    stopped.looked < people ? { state: 'cancelled', undoable: true } : { state: 'done' },
  );
  const having = async () =>
    (
      await crowd.api<{ people: number }>('POST', '/segments/count', {
        site: id,
        expression: { attribute: 'plan', is: ['gold'] },
      })
    ).people;
  expect(await having()).toBe(stopped.changed);
  await crowd.api('POST', `/changes/${cancelled.id}/undo`);
  expect(await over(cancelled)).toMatchObject({ state: 'undone', undone: stopped.changed, kept: 0 });
  expect(await having()).toBe(0);

  const done = await over(await begin({ addTag: 'crowd' }));
  expect(done).toMatchObject({ state: 'done', people, looked: people, changed: people });
  expect(await tagged()).toBe(people);
  // a week later nobody knows any more who was changed
  clock += 8 * 24 * 60 * 60 * 1000;
  expect(await state(done)).toMatchObject({ undoable: false });
  expect((await crowd.call('POST', `/changes/${done.id}/undo`)).status).toBe(409);
  await crowd.restart();
  await eventually(
    'it to be forgotten',
    async () => (await crowd.call('GET', `/changes/${done.id}`)).status === 404,
  );
  const db = openBeside(crowd.data);
  try {
    expect(db.prepare('SELECT count(*) FROM bulk_piece').pluck().get()).toBe(0);
  } finally {
    db.close();
  }
  expect(await tagged()).toBe(people);
});

test('killed in the middle it goes on, and what it changed can still be taken back', async () => {
  await using server = await startServer();
  const { id } = await server.api<Site>('POST', '/sites', {
    name: 'Large',
    origins: ['https://www.example.org'],
    subject: 'mailto:owls@example.org',
  });
  const people = 6000;
  await server.stop();
  addCrowd(server.data, people);
  await server.restart();
  const state = () => server.api<BulkChange>('GET', `/changes/${begun.id}`);
  const having = () =>
    server.api<{ people: number }>('POST', '/segments/count', {
      site: id,
      expression: { attribute: 'plan', is: ['gold'] },
    });
  const begun = await server.api<BulkChange>('POST', '/changes', {
    site: id,
    who: { state: 'active' },
    action: { attribute: 'plan', value: 'gold' },
  });
  await eventually('some to be changed', async () => (await state()).looked > 0);
  await server.kill();
  const left = () => {
    const db = openBeside(server.data);
    try {
      const row = db.prepare('SELECT state, looked, changed, undone FROM bulk_change').get();
      const gold = db.prepare("SELECT count(*) FROM subscriber WHERE attributes LIKE '%gold%'").pluck().get();
      return { ...(row as { state: string; looked: number; changed: number; undone: number }), gold };
    } finally {
      db.close();
    }
  };
  const killed = left();
  // what is counted is what was done, at any moment
  expect(killed.gold).toBe(killed.changed);
  expect(['changing', 'done']).toContain(killed.state);
  await server.restart();
  await eventually('the end', async () => (await state()).job === null);
  expect(await state()).toMatchObject({ state: 'done', looked: people, changed: people, undoable: true });
  expect(await having()).toEqual(expect.objectContaining({ people }));

  await server.api('POST', `/changes/${begun.id}/undo`);
  await eventually('some to be taken back', async () => (await state()).undone > 0);
  await server.kill();
  const halfBack = left();
  expect(halfBack.gold).toBe(people - halfBack.undone);
  await server.restart();
  await eventually('the end', async () => (await state()).job === null);
  expect(await state()).toMatchObject({ state: 'undone', undone: people, kept: 0, undoable: false });
  expect(await having()).toEqual(expect.objectContaining({ people: 0 }));
});
