import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AttributeChange, AttributeInUse, ChangedAttribute } from '../../main/contract/attributes.ts';
import type { Problem } from '../../main/contract/errors.ts';
import type { Segment } from '../../main/contract/segments.ts';
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

const person = (attributes: object) =>
  belfry.api<Subscriber>('POST', '/subscribers', {
    site: site.id,
    subscription: service.subscribe(site.vapidPublicKey).subscription,
    attributes,
  });
const attributesOf = async ({ id }: Subscriber) =>
  (await belfry.api<Subscriber>('GET', `/subscribers/${id}`)).attributes;
const list = () =>
  belfry.api<{ items: AttributeInUse[]; changes: ChangedAttribute[] }>('GET', `/attributes?site=${site.id}`);
const change = (wanted: object) =>
  belfry.call<ChangedAttribute & Problem>('POST', '/attributes/changes', { site: site.id, change: wanted });
const preview = (wanted: AttributeChange) =>
  belfry.api<{ people: number; both: number; unreadable: number; example: string | null; usedBy: object }>(
    'POST',
    '/attributes/preview',
    { site: site.id, change: wanted },
  );
const stateOf = async (id: string) => (await list()).changes.find((one) => one.id === id);
/** Does it, and waits until it is done. */
async function done(wanted: AttributeChange): Promise<ChangedAttribute> {
  const { status, body } = await change(wanted);
  expect(status, JSON.stringify(body)).toBe(202);
  await expect.poll(async () => (await stateOf(body.id))?.state).toBe('done');
  return (await stateOf(body.id)) ?? body;
}
async function undone(id: string): Promise<void> {
  await belfry.api('POST', `/attributes/changes/${id}/undo`);
  await expect.poll(async () => (await stateOf(id))?.state).toBe('undone');
}
const count = async (expression: object) =>
  (await belfry.api<{ people: number }>('POST', '/segments/count', { site: site.id, expression })).people;

test('attributes are told by name, with their kinds and how many people have each', async () => {
  await person({ plan: 'pro', visits: 3 });
  await person({ plan: '2026-01-01', topics: ['a', 'b'] });
  await person({ topics: [] });
  expect((await list()).items).toEqual([
    { name: 'plan', kinds: ['text', 'date'], people: 2 },
    { name: 'topics', kinds: ['text'], people: 2 },
    { name: 'visits', kinds: ['number'], people: 1 },
  ]);
});

test('a rename reaches everyone, empty lists too, and what asks for the attribute follows; undone, all is as before', async () => {
  const one = await person({ plan: 'pro', visits: 3 });
  const other = await person({ plan: [] });
  const third = await person({ note: 'says "plan": yes' });
  const expression = {
    all: [{ attribute: 'plan', is: ['pro'] }, { none: [{ attribute: 'plan', known: false }] }],
  };
  const segment = await belfry.api<Segment>('POST', '/segments', {
    site: site.id,
    name: 'Payers',
    expression,
  });
  const draft = await belfry.api<{ id: string }>('POST', '/campaigns', {
    site: site.id,
    draft: true,
    message: { title: 'Hello' },
    audience: { everyone: true, less: { attribute: 'plan', is: ['pro'] } },
  });
  expect((await preview({ do: 'rename', name: 'plan', to: 'tier' })).usedBy).toMatchObject({
    segments: [{ name: 'Payers' }],
    campaigns: [{ title: 'Hello', state: 'draft' }],
  });

  const renamed = await done({ do: 'rename', name: 'plan', to: 'tier' });
  expect(renamed).toMatchObject({ people: 2, undoUntil: expect.any(String) });
  expect(await attributesOf(one)).toEqual({ tier: 'pro', visits: 3 });
  expect(await attributesOf(other)).toEqual({ tier: [] });
  expect(await attributesOf(third)).toEqual({ note: 'says "plan": yes' });
  const followed = await belfry.api<Segment>('GET', `/segments/${segment.id}`);
  expect(JSON.stringify(followed.expression)).not.toContain('plan');
  expect(await count({ segment: segment.id })).toBe(1);
  expect(await belfry.api('GET', `/campaigns/${draft.id}`)).toMatchObject({
    audience: { less: { attribute: 'tier', is: ['pro'] } },
  });

  await undone(renamed.id);
  expect(await attributesOf(one)).toEqual({ plan: 'pro', visits: 3 });
  expect(await attributesOf(other)).toEqual({ plan: [] });
  expect((await belfry.api<Segment>('GET', `/segments/${segment.id}`)).expression).toEqual(expression);
  expect(await count({ segment: segment.id })).toBe(1);
});

test.each([
  [undefined, 'old'],
  ['level', 'new'],
])('a merge keeps the value of the one that is preferred (%s)', async (prefer, kept) => {
  const both = await person({ level: 'new', plan: 'old' });
  const first = await person({ level: 'x' });
  const second = await person({ plan: 'y' });
  const wanted = { do: 'merge', name: 'level', into: 'plan', prefer } as const;
  expect(await preview(wanted)).toMatchObject({ people: 2, both: 1 });
  const merged = await done(wanted);
  expect(await attributesOf(both)).toEqual({ plan: kept });
  expect(await attributesOf(first)).toEqual({ plan: 'x' });
  expect(await attributesOf(second)).toEqual({ plan: 'y' });
  await undone(merged.id);
  expect(await attributesOf(both)).toEqual({ level: 'new', plan: 'old' });
  expect(await attributesOf(first)).toEqual({ level: 'x' });
  expect(await attributesOf(second)).toEqual({ plan: 'y' });
});

test('a type is changed where a value can be read as the new one; what cannot stays, and is told before', async () => {
  const seven = await person({ visits: '7' });
  const many = await person({ visits: 'many' });
  const eight = await person({ visits: 8 });
  const wanted = { do: 'retype', name: 'visits', kind: 'number' } as const;
  expect(await preview(wanted)).toMatchObject({ people: 3, unreadable: 1, example: 'many' });
  expect(await done(wanted)).toMatchObject({ people: 1 });
  expect(await attributesOf(seven)).toEqual({ visits: 7 });
  expect(await attributesOf(many)).toEqual({ visits: 'many' });
  expect(await attributesOf(eight)).toEqual({ visits: 8 });
  expect(await count({ attribute: 'visits', atLeast: 7 })).toBe(2);
});

test('who was given something else since keeps that when a change is undone', async () => {
  const one = await person({ plan: 'pro' });
  const other = await person({ plan: 'free' });
  const removed = await done({ do: 'remove', name: 'plan' });
  expect(await attributesOf(one)).toEqual({});
  await belfry.api('PATCH', `/subscribers/${one.id}`, { attributes: { plan: 'plus' } });
  await undone(removed.id);
  expect(await attributesOf(one)).toEqual({ plan: 'plus' });
  expect(await attributesOf(other)).toEqual({ plan: 'free' });
});

test('someone who is erased is not kept by what can be undone', async () => {
  const one = await person({ plan: 'secret' });
  const removed = await done({ do: 'remove', name: 'plan' });
  await belfry.api('DELETE', `/subscribers/${one.id}`);
  await undone(removed.id);
  expect((await list()).items).toEqual([]);
});

test('a change that cannot be is refused with what to do instead', async () => {
  await person({ plan: 'pro', level: 1 });
  for (const [wanted, said] of [
    [{ do: 'rename', name: 'none', to: 'x' }, 'Nobody has an attribute “none”.'],
    [
      { do: 'rename', name: 'plan', to: 'level' },
      'There is an attribute “level” already. Merge the two instead.',
    ],
    [{ do: 'rename', name: 'plan', to: 'plan' }, 'That is its name already.'],
    [{ do: 'rename', name: 'plan', to: '__proto__' }, 'An attribute cannot have this name.'],
    [{ do: 'merge', name: 'plan', into: 'plan' }, 'An attribute cannot be merged into itself.'],
    [{ do: 'merge', name: 'plan', into: 'nothing' }, 'Nobody has an attribute “nothing”.'],
    [{ do: 'merge', name: 'plan', into: 'level', prefer: 'x' }, 'Give the name of one of the two.'],
  ] as const) {
    const { status, body } = await change(wanted);
    expect(status).toBe(400);
    expect(body.detail).toBe(said);
  }
  expect((await change({ do: 'retype', name: 'plan', kind: 'colour' })).status).toBe(400);
  expect((await list()).changes).toEqual([]);
});

test('a stop in the middle loses nothing: the next start goes on, and it can still be undone', async () => {
  await person({ plan: 'first' });
  await belfry.stop();
  const db = new Database(join(belfry.data, 'belfry.db'));
  db.exec(`
    WITH RECURSIVE counting (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 20000)
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
      auth, attributes, first_seen, last_seen)
    SELECT s.site_id, s.vapid_key_id, 0, 0, randomblob(16), 'https://push.example.org/' || n, 'fcm', s.p256dh, s.auth,
      json_object('plan', 'p' || n), 0, 0
    FROM counting, (SELECT * FROM subscriber ORDER BY id DESC LIMIT 1) s`);
  db.close();
  await belfry.launch();
  const { body } = await change({ do: 'rename', name: 'plan', to: 'tier' });
  await belfry.restart();
  await expect.poll(async () => (await stateOf(body.id))?.state, { timeout: 30_000 }).toBe('done');
  expect(await stateOf(body.id)).toMatchObject({ people: 20_001 });
  expect((await list()).items).toEqual([{ name: 'tier', kinds: ['text'], people: 20_001 }]);
  await belfry.api('POST', `/attributes/changes/${body.id}/undo`);
  await belfry.restart();
  await expect.poll(async () => (await stateOf(body.id))?.state, { timeout: 30_000 }).toBe('undone');
  expect((await list()).items).toEqual([{ name: 'plan', kinds: ['text'], people: 20_001 }]);
});

test('another site’s API key sees neither attributes nor changes', async () => {
  await person({ plan: 'pro' });
  const removed = await done({ do: 'remove', name: 'plan' });
  const stranger = await belfry.makeSite();
  const { secret } = await belfry.api<{ secret: string }>('POST', '/api-keys', {
    site: stranger.id,
    name: 'server',
    scopes: ['read', 'send'],
  });
  expect((await belfry.call('GET', `/attributes?site=${site.id}`, undefined, {}, secret)).status).toBe(404);
  expect(
    (await belfry.call('POST', `/attributes/changes/${removed.id}/undo`, undefined, {}, secret)).status,
  ).toBe(404);
  expect(await stateOf(removed.id)).toMatchObject({ state: 'done' });
});
