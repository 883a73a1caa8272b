import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../main/core/ports/segments.ts';
import { evaluate, type Person } from '../../main/core/segments/evaluate.ts';
import { openForWriting } from '../../main/storage/database.ts';
import { newestMatching } from '../../main/storage/tables/newest-matching.ts';
import { peopleSets } from '../../main/storage/tables/people-sets.ts';
import { conditionSql } from '../../main/storage/tables/segment-sql.ts';
import { subscriberSearch } from '../../main/storage/tables/subscriber-search.ts';
import { condition, DAY, NOW, person } from '../helpers/expressions.ts';

const folder = mkdtempSync(join(tmpdir(), 'belfry-segments-'));
let db: Database.Database;
beforeAll(() => {
  db = openForWriting(join(folder, 'belfry.db'));
  db.pragma('synchronous = OFF');
  for (const [id, key] of [
    [1, 'ours'],
    [2, 'theirs'],
  ])
    db.exec(`
      INSERT INTO site (id, key, name, origins, subject, settings, practice, identity_secret, created_at)
        VALUES (${id}, '${key}', 'Site', '[]', 'mailto:a@b.example', '{}', 0, x'00', 0);
      INSERT INTO vapid_key VALUES (${id}, ${id}, x'00', x'00', 0);`);
  const campaign = db.prepare(
    "INSERT INTO campaign (id, site_id, state, kind, message, audience, created_at, started_at) VALUES (?, ?, ?, ?, '{}', '{}', 0, ?)",
  );
  for (const { id, startedAt } of campaigns) campaign.run(id, 1, 'finished', 'campaign', startedAt);
  // what does not count: a transactional one, a draft, another site's
  campaign.run(4, 1, 'finished', 'transactional', NOW);
  campaign.run(5, 1, 'draft', 'campaign', null);
  campaign.run(6, 2, 'finished', 'campaign', NOW);
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

// the first two at one moment
const campaigns = [
  { id: 1, startedAt: NOW - 3 * DAY },
  { id: 2, startedAt: NOW - 3 * DAY },
  { id: 3, startedAt: NOW - 20 * DAY },
];

let hashes = 0;
function store(one: Omit<Person, 'id'>): Person {
  const { fields, attributes } = one;
  const id = Number(
    db
      .prepare(
        `INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
           auth, browser, browser_version, system, device, language, country, time_zone, page, external_id, attributes,
           first_seen, last_seen)
         VALUES (1, 1, 0, 0, ?, 'https://push.example/', @pushService, x'00', x'00', @browser, @browserVersion, @system,
           @device, @language, @country, @timeZone, @page, @externalId, @attributes, @firstSeen, @lastSeen)`,
      )
      .run(Buffer.from(String(hashes++)), {
        ...fields,
        attributes: JSON.stringify(attributes),
        firstSeen: one.firstSeen,
        lastSeen: one.lastSeen,
      }).lastInsertRowid,
  );
  for (const tag of one.tags) {
    // another site has the same tags
    for (const site of [1, 2])
      db.prepare('INSERT INTO tag (site_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING').run(site, tag);
    db.prepare('INSERT INTO subscriber_tag SELECT id, ? FROM tag WHERE site_id = 1 AND name = ?').run(
      id,
      tag,
    );
  }
  for (const { campaign, accepted, shown, clicked, closed } of one.deliveries)
    db.prepare(
      `INSERT INTO delivery (campaign_id, subscriber_id, push_service, state, due_at, shown_at, clicked_at, closed_at)
       VALUES (?, ?, 'fcm', ?, 0, ?, ?, ?)`,
    ).run(campaign, id, accepted ? 2 : 5, shown ? 1 : null, clicked ? 1 : null, closed ? 1 : null);
  return { ...one, id };
}

/** Everyone whom the statement finds that goes through all people, or looks at each by themselves. */
function found(where: Condition, as: 'whole' | 'test'): number[] {
  const { sql, values } = conditionSql({ where, now: NOW }, as);
  return db
    .prepare<[Record<string, unknown>], number>(
      `SELECT s.id FROM subscriber s WHERE s.site_id = @site AND ${sql} ORDER BY s.id`,
    )
    .pluck()
    .all({ site: 1, campaign: 0, ...values });
}
/** The same by sets. @param look how dear it is to look at a person: 0 does it always, a large number never */
function inSets(where: Condition, look: number, state: number | null = null): number[] {
  const sets = peopleSets(db, { look });
  const ask = () => [...sets.matching({ site: 1, state }, { where, now: NOW }, () => false).descending()];
  const ids = sets.atOneMoment(ask);
  // and from what is remembered
  expect(sets.atOneMoment(ask)).toEqual(ids);
  return ids.reverse();
}
/** The same from the list's pages. @param lookedThrough 0 asks sets at once */
function inPages(where: Condition, lookedThrough: number): number[] {
  const { newestOf } = subscriberSearch(db);
  const page = newestMatching(db, peopleSets(db), newestOf, { lookedThrough });
  const asked = { site: 1, state: undefined, externalId: undefined, text: '', matching: { where, now: NOW } };
  const ids: number[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const some = page(asked, before, 3);
    ids.push(...some);
    before = some.at(-1) ?? 0;
    if (some.length < 3) return ids.reverse();
  }
}
function everyWay(where: Condition): Record<string, number[]> {
  return {
    whole: found(where, 'whole'),
    test: found(where, 'test'),
    looking: inSets(where, 0),
    choosing: inSets(where, 20),
    reading: inSets(where, 1e9),
    pages: inPages(where, 2),
    pagesOfSets: inPages(where, 0),
  };
}
const expectEveryWay = (where: Condition, ids: number[]) => {
  const ways = everyWay(where);
  expect(ways).toEqual(Object.fromEntries(Object.keys(ways).map((way) => [way, ids])));
};
const expected = (where: Condition, people: Person[]) =>
  people.filter((one) => evaluate(where, one, { now: NOW, campaigns })).map(({ id }) => id);

/** Runs what is done to the database as if it had never been. */
function passing(work: () => void) {
  db.exec('BEGIN');
  try {
    work();
  } finally {
    db.exec('ROLLBACK');
  }
}

const mirror = () => db.prepare('SELECT * FROM subscriber_attribute ORDER BY 1, 2, 3, 4').all();
const truth = () => db.prepare('SELECT DISTINCT * FROM attribute_entry ORDER BY 1, 2, 3, 4').all();

test('of random people, SQL and the plain evaluation find the same for random trees', () => {
  let some = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      fc.array(person, { minLength: 8, maxLength: 16 }),
      fc.array(condition, { minLength: 12, maxLength: 12 }),
      (facts, trees) =>
        passing(() => {
          const people = facts.map(store);
          for (const where of trees) {
            const ids = expected(where, people);
            asked++;
            if (ids.length > 0 && ids.length < people.length) some++;
            expectEveryWay(where, ids);
          }
        }),
    ),
    { numRuns: 150 },
  );
  // else the trees would say nothing
  expect(some).toBeGreaterThan(asked / 5);
});

test('attributes that change or go are found as they are then, and nothing of them stays behind', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(person, person), { minLength: 2, maxLength: 6 }),
      condition,
      (pairs, where) =>
        passing(() => {
          const people = pairs.map(([before, after]) => {
            const stored = store(before);
            db.prepare('UPDATE subscriber SET attributes = ? WHERE id = ?').run(
              JSON.stringify(after.attributes),
              stored.id,
            );
            return { ...stored, attributes: after.attributes };
          });
          expectEveryWay(where, expected(where, people));
          expect(mirror()).toEqual(truth());
          db.prepare('DELETE FROM subscriber').run();
          expect(mirror()).toEqual([]);
        }),
    ),
    { numRuns: 80 },
  );
});

test('by sets, people of another site or state are nobody, whatever is said of them', () => {
  fc.assert(
    fc.property(fc.array(person, { minLength: 4, maxLength: 12 }), condition, (facts, where) =>
      passing(() => {
        const people = facts.map(store);
        for (const [i, { id }] of people.entries())
          if (i % 3 > 0) db.prepare('UPDATE subscriber SET state = ? WHERE id = ?').run(i % 3, id);
        const strangers = facts.map(store);
        for (const { id } of strangers)
          db.prepare('UPDATE subscriber SET site_id = 2, vapid_key_id = 2 WHERE id = ?').run(id);
        const active = people.filter((_, i) => i % 3 === 0);
        for (const look of [0, 20, 1e9]) expect(inSets(where, look, 0)).toEqual(expected(where, active));
      }),
    ),
    { numRuns: 80 },
  );
});
