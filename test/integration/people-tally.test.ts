import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PeopleDay } from '../../main/contract/subscribers.ts';
import type { PeopleChanges, SiteRow, Storage } from '../../main/core/ports/storage.ts';
import { openForWriting } from '../../main/storage/database.ts';
import { migrations } from '../../main/storage/migrations/index.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { newDraft, newSite, registration } from '../helpers/stored.ts';

const silent = { info() {}, warn() {}, error() {} };
const DAY = 24 * 60 * 60 * 1000;
const people = 12;
const endpoint = (n: number) => `https://push.example/${n}`;
const net = ({ joined, imported, returned, expired, unsubscribed, removed }: PeopleChanges) =>
  joined + imported + returned - expired - unsubscribed - removed;

async function withStorage(work: (storage: Storage, file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-tally-'));
  const file = join(folder, 'belfry.db');
  const storage = await openStorage(file, silent);
  try {
    await work(storage, file);
  } finally {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
const insertSite = (storage: Storage) => storage.sites.insert(newSite());

type Act =
  | { act: 'subscribe' | 'sync' | 'move' | 'leave' | 'remove' | 'restore' | 'erase'; n: number }
  | { act: 'send'; gone: number[]; mistake: boolean };
const anyone = fc.nat(people - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('subscribe' as const), n: anyone }) },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constantFrom('sync', 'move', 'leave', 'remove', 'restore', 'erase' as const),
      n: anyone,
    }),
  },
  fc.record({ act: fc.constant('send' as const), gone: fc.array(anyone), mistake: fc.boolean() }),
);

/** Does it as the core does, by the storage's port alone. */
async function perform(storage: Storage, site: SiteRow, wanted: Act, at: number): Promise<void> {
  if (wanted.act === 'send') return send(storage, site, wanted, at);
  const { n } = wanted;
  const to = wanted.act === 'move' ? (n + 1) % people : n;
  if (wanted.act === 'subscribe' || wanted.act === 'sync' || wanted.act === 'move') {
    await storage.subscribers.upsertMany([
      registration(site.id, site.vapidKey.id, endpoint(to), {
        oldEndpoint: to === n ? null : endpoint(n),
        intent: wanted.act === 'subscribe' ? 'subscribe' : 'sync',
        at,
      }),
    ]);
    return;
  }
  if (wanted.act === 'leave') return void (await storage.subscribers.leave(site.id, endpoint(n), at));
  const all = await storage.subscribers.page({ site: site.id }, null, 100);
  const row = all.find((one) => one.endpoint === endpoint(n));
  if (row === undefined) return;
  if (wanted.act === 'erase') return void (await storage.subscribers.erase(row.id, at));
  const [state, reason] =
    wanted.act === 'remove' ? (['unsubscribed', 'removed'] as const) : (['active', null] as const);
  await storage.subscribers.setState(row, state, reason, at);
}

async function send(
  storage: Storage,
  site: SiteRow,
  { gone, mistake }: { gone: number[]; mistake: boolean },
  at: number,
): Promise<void> {
  const { id } = await storage.campaigns.insert(newDraft(site.id, at), null);
  await storage.campaigns.snapshot(id, { where: { all: [] }, now: at }, at);
  const claimed = await storage.deliveries.claim(id, { limit: 100, rooms: {}, otherwise: 100 }, at);
  await storage.deliveries.settle(
    (claimed ?? []).map(({ ref, endpoint: to, pushService }) => {
      const isGone = gone.some((n) => endpoint(n) === to);
      return {
        campaign: id,
        subscriber: ref.subscriber,
        endpoint: to,
        pushService,
        state: isGone ? ('expired' as const) : ('accepted' as const),
        status: isGone ? 410 : 201,
        reason: isGone ? 'gone' : 'accepted',
        dueAt: null,
        startOver: false,
        unsent: false,
        doubtful: false,
        duration: 1,
        bytes: 1,
        at,
      };
    }),
  );
  if (mistake) await storage.deliveries.bringBack(id, 'fcm', at + 1);
}

test('whatever happens, who came less who went is who is there, at the end of every day', async () => {
  await withStorage(async (storage) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (days) => {
          const [site, other] = [await insertSite(storage), await insertSite(storage)];
          const first = 20_000 * DAY;
          const atItsEnd: number[] = [];
          for (const [day, acts] of days.entries()) {
            for (const [i, wanted] of acts.entries())
              await perform(storage, i % 5 === 4 ? other : site, wanted, first + day * DAY + i * 3_000_000);
            const { active, foreign } = await storage.subscribers.counts(site.id);
            atItsEnd.push(active + foreign);
          }
          const edges = Array.from({ length: days.length + 1 }, (_, i) => first + i * DAY);
          const { before, changes } = await storage.subscribers.changes(site.id, edges);
          expect(before).toBe(0);
          let sum = 0;
          expect(changes.map((change) => (sum += net(change)))).toEqual(atItsEnd);
          // what was before the first edge is in no day, and in the sum all the same
          const later = await storage.subscribers.changes(site.id, edges.slice(-2));
          expect(later.before + net(later.changes[0] as PeopleChanges)).toBe(sum);
          await storage.sites.remove(site.id, Date.now());
          await storage.sites.remove(other.id, Date.now());
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('each kind of coming and going is told apart', async () => {
  await withStorage(async (storage) => {
    const site = await insertSite(storage);
    const at = 20_000 * DAY;
    const all: Act[] = [
      ...[0, 1, 2, 3].map((n): Act => ({ act: 'subscribe', n })),
      { act: 'leave', n: 0 },
      { act: 'remove', n: 1 },
      { act: 'erase', n: 2 },
      { act: 'send', gone: [3], mistake: false },
      { act: 'subscribe', n: 0 },
      { act: 'restore', n: 1 },
    ];
    for (const wanted of all) await perform(storage, site, wanted, at);
    const { changes } = await storage.subscribers.changes(site.id, [at, at + DAY]);
    expect(changes).toEqual([
      { joined: 4, imported: 0, returned: 2, expired: 1, unsubscribed: 1, removed: 2 },
    ]);
  });
});

test('a database of before is counted as if the tally had always been kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-tally-'));
  try {
    const before = openForWriting(join(folder, 'old.db'), migrations.slice(0, 1));
    const always = openForWriting(join(folder, 'new.db'), migrations.slice(0, 2));
    const time = fc.integer({ min: 0, max: 400 }).map((quarters) => 20_000 * DAY + quarters * 451_000);
    const rows = fc.sample(
      fc.record({
        state: fc.nat(3),
        reason: fc.constantFrom('left', 'removed', 'gone', null),
        seen: time,
        since: time,
      }),
      { numRuns: 300, seed: 5 },
    );
    for (const db of [before, always]) {
      db.exec(`INSERT INTO site (id, key, name, origins, subject, settings, practice, identity_secret, created_at)
               VALUES (1, 'k', 'n', '[]', '', '{}', 0, x'00', 1);
               INSERT INTO vapid_key (id, site_id, public_key, private_key, created_at) VALUES (1, 1, x'00', x'00', 1)`);
      // in the way of an import too: what clashes is passed over, and does not count
      const insert = db.prepare(`
        INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, state_reason, endpoint_hash, endpoint,
          push_service, p256dh, auth, first_seen, last_seen)
        VALUES (1, 1, @state, @since, @reason, @hash, 'e', 'fcm', x'00', x'00', @seen, @seen) ON CONFLICT DO NOTHING`);
      for (const [i, row] of rows.entries()) insert.run({ ...row, hash: Buffer.from([i % 250]) });
    }
    const tally = 'SELECT * FROM people_tally ORDER BY site_id, at';
    before.close();
    const migrated = openForWriting(join(folder, 'old.db'), migrations.slice(0, 2));
    expect(migrated.prepare(tally).all()).toEqual(always.prepare(tally).all());
    expect(migrated.prepare(tally).all().length).toBeGreaterThan(50);
    const reachable = 'SELECT count(*) FROM subscriber WHERE state < 2';
    const came =
      'SELECT sum(joined + imported + returned - expired - unsubscribed - removed) FROM people_tally';
    expect(migrated.prepare(came).pluck().get()).toBe(migrated.prepare(reachable).pluck().get());
    // a plain deletion, of everyone at once
    migrated.exec('DELETE FROM subscriber');
    expect(migrated.prepare(came).pluck().get()).toBe(0);
    for (const db of [migrated, always]) db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the past of a practice site adds up, day by day, in any time zone', async () => {
  await using belfry = await Belfry.start();
  await belfry.api('POST', '/rehearsal', { people: 400, seed: 3 });
  let site = '';
  await eventually('the practice site', async () => {
    const status = await belfry.api<{ state: string; site: string }>('GET', '/rehearsal');
    site = status.site;
    return status.state === 'ready';
  });
  const counts = await belfry.api<{ active: number; foreign: number; unsubscribed: number; expired: number }>(
    'GET',
    `/subscribers/counts?site=${site}`,
  );
  for (const zone of ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia']) {
    const { items } = await belfry.api<{ items: PeopleDay[] }>(
      'GET',
      `/subscribers/days?site=${site}&days=93&timeZone=${zone}`,
    );
    const sum = (kind: 'joined' | 'expired' | 'unsubscribed') =>
      items.reduce((total, day) => total + day[kind], 0);
    expect(items).toHaveLength(93);
    expect(items.at(-1)?.people).toBe(counts.active + counts.foreign);
    expect([sum('joined'), sum('expired'), sum('unsubscribed')]).toEqual([
      400,
      counts.expired,
      counts.unsubscribed,
    ]);
    expect(items.filter(({ joined }) => joined > 0).length).toBeGreaterThan(60);
  }
  // and a removed one leaves nothing of it
  const refused = await belfry.call('GET', `/subscribers/days?site=${site}&timeZone=Mars/Base`);
  expect(refused.status).toBe(400);
});
