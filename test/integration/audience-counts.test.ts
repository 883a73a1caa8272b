import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../main/core/ports/segments.ts';
import type { Storage } from '../../main/core/ports/storage.ts';
import { openForReading } from '../../main/storage/database.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { peopleSets, Stopped } from '../../main/storage/tables/people-sets.ts';
import { newSite, nothingKnown, registration } from '../helpers/stored.ts';

const folder = mkdtempSync(join(tmpdir(), 'belfry-counts-'));
const file = join(folder, 'belfry.db');
const PEOPLE = 4000;
const NOW = Date.UTC(2026, 4, 20);
let storage: Storage;
let site: number;
let vapidKey: number;

beforeAll(async () => {
  storage = await openStorage(file, { info() {}, warn() {}, error() {} });
  const made = await storage.sites.insert(newSite());
  site = made.id;
  vapidKey = made.vapidKey.id;
  await storage.subscribers.upsertMany(Array.from({ length: PEOPLE }, (_, i) => someone(i)));
});
afterAll(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const someone = (i: number) =>
  registration(site, vapidKey, `https://push.example/${i}`, {
    at: NOW,
    facts: {
      ...nothingKnown,
      browser: i % 2 === 0 ? 'Chrome' : 'Firefox',
      language: i % 5 === 0 ? 'de' : 'en',
      externalId: `person ${i}`,
      attributes: { visits: i % 100 },
      tags: i % 4 === 0 ? ['news'] : [],
    },
  });
const news: Condition = { tag: 'news' };
const tree: Condition = {
  any: [
    { all: [news, { none: [{ attribute: 'visits', above: 50 }] }] },
    { field: 'browser', is: ['Firefox'] },
  ],
};
const count = (where: Condition, signal?: AbortSignal) =>
  storage.campaigns.audienceSize(site, { where, now: NOW }, signal);

test('what was committed before a count was asked for is in it, however often it was counted before', async () => {
  let people = PEOPLE / 4;
  for (let round = 0; round < 20; round++) {
    expect(await count(news)).toBe(people);
    const id = 1 + 4 * (round + 1);
    if (round % 2 === 0) await storage.subscribers.change(id, { tags: [] });
    else await storage.subscribers.erase(id, NOW);
    people--;
    expect(await count(news)).toBe(people);
    expect(await count({ none: [{ none: [news] }] })).toBe(people);
  }
});

test('a page of a list is of the moment at which it is asked for', async () => {
  const filter = { site, state: 'active' as const, matching: { where: { tag: 'rare' }, now: NOW } };
  for (const id of [700, 3, 3999]) {
    await storage.subscribers.change(id, { tags: ['rare'] });
    const page = await storage.subscribers.page(filter, null, 100);
    expect(page.map((one) => one.id)).toContain(id);
    await storage.subscribers.change(id, { tags: [] });
    expect(await storage.subscribers.page(filter, null, 100)).toEqual([]);
  }
});

test('a count that nobody waits for any more ends at the step where it is, and leaves nothing wrong behind', () => {
  const db = openForReading(file);
  try {
    const expected = peopleSets(db);
    const ask = (sets: typeof expected, isStopped: () => boolean) =>
      sets.atOneMoment(() => sets.matching({ site, state: 0 }, { where: tree, now: NOW }, isStopped).size);
    const right = ask(expected, () => false);
    const sets = peopleSets(db);
    let steps = 0;
    for (; ; steps++) {
      let left = steps;
      try {
        expect(ask(sets, () => left-- === 0)).toBe(right);
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(Stopped);
        expect(db.inTransaction).toBe(false);
      }
    }
    expect(steps).toBeGreaterThan(4);
    expect(right).toBeGreaterThan(PEOPLE / 2);
  } finally {
    db.close();
  }
});

test('counts that are given up, before and while they run, say so, and the one that follows is right', async () => {
  const right = await count(tree);
  const stops = Array.from({ length: 30 }, () => new AbortController());
  const counts = stops.map(({ signal }) => count(tree, signal).catch((error: Error) => error));
  for (const stop of stops) {
    await new Promise(setImmediate);
    stop.abort(new Error('a newer one'));
  }
  const last = await count(tree);
  expect(last).toBe(right);
  for (const one of await Promise.all(counts))
    expect(one === right || (one instanceof Error && one.message === 'a newer one')).toBe(true);
});
