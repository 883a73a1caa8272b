import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Page } from '../../main/contract/common.ts';
import type { Problem } from '../../main/contract/errors.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { addCrowd, openBeside } from '../helpers/crowd.ts';

const people = 700;
const names = ['anna', 'Anna', 'ANNA', 'bert', 'Zoë', 'zoe', 'äpfel', 'Ωmega', '100%', '_', 'a\u{1f600}'];

test('every order lists everybody once, page after page, however many have the same value', async () => {
  await using belfry = await Belfry.start();
  const site = await belfry.makeSite();
  await belfry.stop();
  addCrowd(belfry.data, people);
  const db = openBeside(belfry.data, {});
  // few different values, in every state, and many who have no external id
  const set = db.prepare(
    'UPDATE subscriber SET state = ?, state_since = 4000000000000, last_seen = ?, external_id = ? WHERE id = ?',
  );
  for (let i = 1; i <= people; i++)
    set.run(
      i % 7 === 0 ? 2 : i % 11 === 0 ? 1 : 0,
      1000 + (i % 5),
      i % 3 === 0 ? null : names[i % names.length],
      i,
    );
  const nocase = new Map(
    db
      .prepare<[], { id: number; place: number }>(
        'SELECT id, dense_rank() OVER (ORDER BY external_id COLLATE NOCASE) AS place FROM subscriber',
      )
      .all()
      .map(({ id, place }) => [id, place]),
  );
  const numbers = db.prepare<[], number>('SELECT id FROM subscriber ORDER BY id DESC').pluck().all();
  db.close();
  await belfry.launch();

  const list = (query: object) =>
    belfry.call<Page<Subscriber> & Problem>(
      'GET',
      `/subscribers?${new URLSearchParams({ site: site.id, ...(query as Record<string, string>) })}`,
    );
  async function all(query: object) {
    const rows: Subscriber[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { status, body } = await list({ ...query, ...(cursor && { cursor }) });
      expect(status, JSON.stringify(body)).toBe(200);
      rows.push(...body.items);
      cursor = body.nextCursor;
    }
    return rows;
  }
  // the newest first: so every id is known by its number
  const everyone = await all({ state: 'all', limit: 500 });
  const number = new Map(everyone.map(({ id }, i) => [id, numbers[i] ?? 0]));
  const of = ({ id }: Subscriber) => number.get(id) ?? 0;
  const expected = (sort: string, order: string, state: string) => {
    const sign = order === 'asc' ? 1 : -1;
    return everyone
      .filter((one) => state === 'all' || one.state === state)
      .sort((a, b) => {
        if (sort === 'externalId' && (a.externalId === null || b.externalId === null))
          return Number(a.externalId === null) - Number(b.externalId === null) || of(b) - of(a);
        const key = (one: Subscriber) =>
          sort === 'added' ? 0 : sort === 'lastSeen' ? Date.parse(one.lastSeen) : (nocase.get(of(one)) ?? 0);
        return sign * (key(a) - key(b) || of(a) - of(b));
      })
      .map(of);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('added', 'lastSeen', 'externalId'),
      fc.constantFrom('asc', 'desc'),
      fc.constantFrom('all', 'active', 'expired', 'unsubscribed'),
      fc.integer({ min: 30, max: 500 }),
      async (sort, order, state, limit) => {
        expect((await all({ sort, order, state, limit })).map(of)).toEqual(expected(sort, order, state));
      },
    ),
    { numRuns: 40 },
  );

  // what no index gives is refused, and so is a cursor of another list
  const refused = async (query: object, pointer: string) => {
    const { status, body } = await list(query);
    expect([status, body.errors?.[0]?.pointer], JSON.stringify(body)).toEqual([400, pointer]);
  };
  await refused({ sort: 'lastSeen', search: 'anna' }, '/sort');
  await refused({ sort: 'externalId', matching: JSON.stringify({ tag: 'x' }) }, '/sort');
  await refused({ order: 'asc', search: 'anna' }, '/order');
  await refused({ order: 'asc', matching: JSON.stringify({ all: [] }) }, '/order');
  await refused({ sort: 'name' }, '/sort');
  const cursorOf = async (query: object) => (await list({ ...query, limit: 10 })).body.nextCursor ?? '';
  const seen = await cursorOf({ sort: 'lastSeen' });
  for (const cursor of [
    '',
    '.',
    'x.MQ',
    `${seen}x`,
    await cursorOf({}),
    await cursorOf({ sort: 'externalId' }),
  ])
    await refused({ sort: 'lastSeen', cursor }, '/cursor');
  await refused({ cursor: seen }, '/cursor');
});
