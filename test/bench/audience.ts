import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Condition } from '../../main/core/ports/segments.ts';
import type { Storage } from '../../main/core/ports/storage.ts';
import { openForWriting } from '../../main/storage/database.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { fill } from './helpers/audience.ts';
import type { Result } from './helpers/report.ts';
import { median } from './helpers/rounds.ts';

const ROUNDS = 5;
const NOW = Date.UTC(2026, 4, 20);

const facet = (field: 'browser' | 'system' | 'country' | 'language', ...is: string[]): Condition => ({
  field,
  is,
});
const tag = (n: number): Condition => ({ tag: `tag ${n}` });
const clicked: Condition = { did: 'clicked', campaigns: { last: 5 } };

/** What is counted, and how long it may take for a million people, in milliseconds. */
const counts: [name: string, where: Condition, goal: number | null][] = [
  ['everyone', { all: [] }, null],
  ['a rare language', facet('language', 'sv'), 5],
  ['language and browser', { all: [facet('language', 'pt'), facet('browser', 'Firefox')] }, 5],
  ['language (a fifth)', facet('language', 'de'), null],
  ['browser alone', facet('browser', 'Firefox'), 300],
  ['tag and two facets', { all: [tag(3), facet('language', 'de'), facet('browser', 'Firefox')] }, 30],
  ['tag alone', tag(12), 300],
  ['country or two tags', { any: [facet('country', 'SE'), tag(1), tag(2)] }, 300],
  ['seen in 30 days', { time: 'lastSeen', within: { days: 30 } }, 300],
  ['attribute is', { attribute: 'plan', is: ['pro'] }, 300],
  ['attribute above', { attribute: 'visits', above: 150 }, 300],
  ['date within', { attribute: 'renewal', within: { days: 30 } }, 300],
  ['clicked one of five', clicked, 300],
  ['clicked none of five', { none: [clicked] }, 300],
  ['sent none of two days', { none: [{ did: 'accepted', campaigns: { within: { days: 2 } } }] }, 300],
  ['10 % by chance', { sample: 10, seed: 'spring' }, 300],
  ['external id begins with', { field: 'externalId', startsWith: 'user-99' }, 300],
  [
    'a large tree',
    {
      all: [
        { any: [facet('country', 'DE', 'AT'), { all: [tag(3), { none: [tag(4)] }] }] },
        { none: [clicked, { attribute: 'plan', is: ['free'] }] },
        {
          any: [
            { time: 'firstSeen', within: { days: 365 } },
            { attribute: 'visits', atLeast: 100 },
          ],
        },
        { sample: 50, seed: 'spring' },
      ],
    },
    300,
  ],
];

/** Tags all people as a bulk change does, a piece at a time. @returns people a second, finding them included */
async function tagEveryone({ bulk }: Storage, people: number): Promise<number> {
  const began = performance.now();
  const { row } = await bulk.insert({ site: 1, action: { addTag: 'bench' }, createdAt: NOW }, null);
  for (let after = 0; ; ) {
    const found = await bulk.find({ site: 1 }, after, Number.MAX_SAFE_INTEGER, 50_000);
    if (found.length === 0) break;
    await bulk.add(row.id, found);
    after = found.at(-1) ?? after;
  }
  await bulk.save(row.id, { state: 'changing', people });
  while ((await bulk.step(row.id, NOW))?.left) {
    // each is one transaction
  }
  const changed = (await bulk.get(row.id))?.changed;
  if (changed !== people) throw new Error(`${changed} of ${people} were tagged`);
  return (people / (performance.now() - began)) * 1000;
}

/** Counts of people by everything that an expression can say, through the storage's own threads. */
export default async function bench(sizes = [10_000, 100_000, 1_000_000]): Promise<Result[]> {
  const results: Result[] = [];
  for (const size of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
    const file = join(folder, 'belfry.db');
    const db = openForWriting(file);
    const took = fill(db, 1, size, NOW);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const storage = await openStorage(file, { info() {}, warn() {}, error() {} });
    const plain = (what: string, unit: string, values: number[], goal: number | null): Result => ({
      name: `${size}: ${what}`,
      value: median(values),
      unit,
      reference: null,
      ratio: null,
      spread: [Math.min(...values), Math.max(...values)],
      goal: goal === null ? null : `≤ ${goal}`,
      met: goal === null ? null : median(values) <= goal,
    });
    results.push(plain('people stored, attributes mirrored', 'rows/s', [(size / took) * 1000], null));
    results.push(plain('size', 'bytes/person', [statSync(file).size / size], null));
    for (const [name, where, goal] of counts) {
      const times: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        // what was remembered is forgotten with any commit
        await storage.access.setSetting('bench', String(round));
        const began = performance.now();
        await storage.campaigns.audienceSize(1, { where, now: NOW });
        // the first one brings the pages into memory
        if (round > 0) times.push(performance.now() - began);
      }
      results.push(plain(name, 'ms', times, size === 1_000_000 ? goal : null));
    }
    const once = async (what: string, run: () => Promise<unknown>, goal: number | null) => {
      const times: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        await storage.access.setSetting('bench', String(round));
        const began = performance.now();
        await run();
        if (round > 0) times.push(performance.now() - began);
      }
      results.push(plain(what, 'ms', times, size === 1_000_000 ? goal : null));
    };
    const first = (where: Condition) => () =>
      storage.subscribers.page({ site: 1, state: 'active', matching: { where, now: NOW } }, null, 100);
    await once(
      'first page, language and browser',
      first({ all: [facet('language', 'sv'), facet('browser', 'Opera')] }),
      50,
    );
    await once('first page, who clicked', first(clicked), 50);
    await once('first page, nobody', first({ attribute: 'plan', is: ['none'] }), 50);
    const search = (text: string) => () =>
      storage.subscribers.page({ site: 1, state: 'active', search: text }, null, 100);
    await once('search, a browser that many have', search('Firefox'), 50);
    await once('search, an external id', search(`user-${size - 7}`), 50);
    await once('search, nobody', search('zzzz'), 50);
    await once(
      'first page, longest not seen',
      () =>
        storage.subscribers.ordered({ site: 1, state: 'active' }, { by: 'lastSeen', way: 'asc' }, null, 100),
      50,
    );
    const [someone = 0] = await storage.bulk.find({ site: 1 }, 0, Number.MAX_SAFE_INTEGER, 1);
    let visits = 0;
    await once(
      'someone’s attributes changed, with the commit',
      () => storage.subscribers.change(someone, { attributes: { visits: ++visits } }),
      null,
    );
    results.push(plain('everyone tagged', 'people/s', [await tagEveryone(storage, size)], null));
    await once(
      'breakdown of everyone',
      () => storage.segments.breakdown(1, { where: { all: [] }, now: NOW }),
      null,
    );
    await once('values of browsers', () => storage.segments.values(1, { field: 'browser' }, null, 20), null);
    await once('values of tags', () => storage.segments.values(1, { tags: true }, null, 20), null);
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}
