import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Settlement, Storage } from '../../main/core/ports/storage.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { newDraft, newSite, registration } from '../helpers/stored.ts';

const silent = { info() {}, warn() {}, error() {} };
let folder: string;
let storage: Storage;
let site: number;
let campaign: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-deliveries-'));
  await open();
  const row = await storage.sites.insert(newSite());
  site = row.id;
  await storage.subscribers.upsertMany(
    Array.from({ length: 10 }, (_, i) =>
      registration(site, row.vapidKey.id, endpoint(i), { pushService: i < 5 ? 'fcm' : 'mozilla' }),
    ),
  );
  const draft = await storage.campaigns.insert(newDraft(site), null);
  campaign = draft.id;
  await storage.campaigns.snapshot(campaign, { where: { all: [] }, now: 10 }, 10);
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open() {
  storage = await openStorage(join(folder, 'belfry.db'), silent);
}
const endpoint = (i: number) => `https://push.example/${i}`;
const counts = async () => {
  const row = await storage.campaigns.get(campaign);
  if (row === null) throw new Error('no campaign');
  const { total, pending, accepted, expired, rejected, failed, skipped, repeated } = row.counts;
  expect(pending + accepted + expired + rejected + failed + skipped).toBe(total);
  return { pending, accepted, skipped, repeated };
};
const claim = async (limit = 100, without: string[] = []) => {
  const rooms = Object.fromEntries(without.map((service) => [service, 0]));
  const claimed = await storage.deliveries.claim(campaign, { limit, rooms, otherwise: limit }, 20);
  if (claimed === null) throw new Error('the campaign is not being sent');
  return claimed;
};
const serviceOf = (subscriber: number) => (subscriber <= 5 ? 'fcm' : 'mozilla');
const settled = (subscriber: number, to: string, more: Partial<Settlement> = {}): Settlement => ({
  campaign,
  subscriber,
  endpoint: to,
  pushService: serviceOf(subscriber),
  state: 'accepted',
  status: 201,
  reason: 'accepted',
  dueAt: null,
  startOver: false,
  unsent: false,
  doubtful: false,
  duration: 1,
  bytes: 1,
  at: 30,
  ...more,
});

test('a delivery is claimed by one alone, and an equal share of each service', async () => {
  const [one, two] = await Promise.all([claim(4), claim(100)]);
  expect(one.map(({ pushService }) => pushService).toSorted()).toEqual(['fcm', 'fcm', 'mozilla', 'mozilla']);
  expect(new Set([...one, ...two].map(({ ref }) => ref.subscriber)).size).toBe(10);
  expect(await claim()).toEqual([]);
});

test('a service that is left out is not claimed, and is not what is due next', async () => {
  expect((await claim(100, ['fcm'])).every(({ pushService }) => pushService === 'mozilla')).toBe(true);
  expect(await storage.deliveries.nextDue(campaign, ['fcm'])).toBeNull();
  expect(await storage.deliveries.nextDue(campaign, [])).toBe(0);
});

test('nothing is claimed of a campaign that is paused, finished or cancelled', async () => {
  await storage.campaigns.move(campaign, ['sending'], 'paused', 20);
  expect(await storage.deliveries.claim(campaign, { limit: 10, rooms: {}, otherwise: 10 }, 20)).toBeNull();
  await storage.campaigns.cancel(campaign, 21);
  expect(await storage.deliveries.claim(campaign, { limit: 10, rooms: {}, otherwise: 10 }, 22)).toBeNull();
  expect(await counts()).toEqual({ pending: 0, accepted: 0, skipped: 10, repeated: 0 });
});

test('a claim holds each person’s own keys, first tries and later ones, and none of those who have left', async () => {
  const first = await claim(2);
  const later = { state: 'pending' as const, status: 503, reason: 'server-error', dueAt: 15 };
  await storage.deliveries.settle(first.map(({ ref, endpoint: to }) => settled(ref.subscriber, to, later)));
  const [left, erased] = [3, 4];
  await storage.subscribers.leave(site, (await storage.subscribers.get(left))?.endpoint ?? '', 16);
  await storage.subscribers.erase(erased, 16);
  const claimed = await claim();
  const ids = claimed.map(({ ref }) => ref.subscriber).toSorted((a, b) => a - b);
  expect(ids).toEqual([1, 2, 5, 6, 7, 8, 9, 10]);
  for (const { ref, endpoint: to, pushService, p256dh, auth, vapidKey, attempts } of claimed) {
    const person = await storage.subscribers.get(ref.subscriber);
    expect(to).toBe(person?.endpoint);
    expect(pushService).toBe(serviceOf(ref.subscriber));
    expect(vapidKey).toBe(person?.vapidKey);
    expect(Buffer.from(p256dh).equals(person?.p256dh ?? Buffer.alloc(0))).toBe(true);
    expect(Buffer.from(auth).equals(person?.auth ?? Buffer.alloc(0))).toBe(true);
    expect(attempts).toBe(first.some((one) => one.ref.subscriber === ref.subscriber) ? 2 : 1);
  }
  expect(await claim()).toEqual([]);
  expect(await counts()).toMatchObject({ pending: 8, skipped: 2 });
  // accepted and refused in one batch, each counted as what it is
  const [one, ...others] = claimed.map(({ ref, endpoint: to }) => settled(ref.subscriber, to));
  if (one === undefined) throw new Error('nothing was claimed');
  await storage.deliveries.settle([
    { ...one, state: 'failed', status: 500, reason: 'server-error' },
    ...others,
  ]);
  expect(await counts()).toMatchObject({ pending: 0, accepted: 7, skipped: 2 });
});

test('settling twice counts once', async () => {
  const [one] = await claim(1);
  const result = settled(one?.ref.subscriber ?? 0, one?.endpoint ?? '');
  for (let i = 0; i < 2; i++) await storage.deliveries.settle([result, result]);
  await storage.deliveries.settle([{ ...result, state: 'failed' }]);
  expect(await counts()).toMatchObject({ pending: 9, accepted: 1 });
});

test('what was claimed and given back is as it was', async () => {
  const before = await storage.deliveries.page(campaign, null, null, 100);
  await storage.deliveries.release((await claim()).map(({ ref }) => ref));
  expect(await storage.deliveries.page(campaign, null, null, 100)).toEqual(before);
  expect((await claim(1))[0]).toMatchObject({ attempts: 1, firstAttemptAt: 20 });
});

test('what was under way at the end of the program is sent again, and told', async () => {
  await claim(4);
  await storage.close();
  await open();
  expect(await storage.deliveries.recover(null)).toEqual([{ campaign, count: 4 }]);
  expect(await storage.deliveries.recover(null)).toEqual([]);
  expect(await counts()).toEqual({ pending: 10, accepted: 0, skipped: 0, repeated: 4 });
  expect(await claim()).toHaveLength(10);
});

test('what was under way of a cancelled campaign at the end of the program is skipped, not left for ever', async () => {
  const claimed = await claim(4);
  await storage.campaigns.cancel(campaign, 25);
  expect(await counts()).toMatchObject({ pending: 4, skipped: 6 });
  await storage.close();
  await open();
  expect(await storage.deliveries.recover(null)).toEqual([]);
  expect(await counts()).toEqual({ pending: 0, accepted: 0, skipped: 10, repeated: 0 });
  // an answer that comes after all changes nothing
  await storage.deliveries.settle(claimed.map(({ ref, endpoint: to }) => settled(ref.subscriber, to)));
  expect(await counts()).toMatchObject({ pending: 0, accepted: 0, skipped: 10 });
});

test('what is given back to a cancelled campaign is skipped; what is still out settles as it will', async () => {
  const claimed = await claim(4);
  await storage.campaigns.cancel(campaign, 25);
  const [back, out] = [claimed.slice(0, 2), claimed.slice(2)];
  await storage.deliveries.release(back.map(({ ref }) => ref));
  expect(await counts()).toMatchObject({ pending: 2, skipped: 8 });
  const retry = { state: 'pending', dueAt: 40 } as const;
  await storage.deliveries.settle(
    out.map(({ ref, endpoint: to }, i) => settled(ref.subscriber, to, i === 0 ? retry : {})),
  );
  expect(await counts()).toEqual({ pending: 0, accepted: 1, skipped: 9, repeated: 0 });
});

test('a fault of ours gives the delivery its whole time to live again', async () => {
  const [one] = await claim(1);
  if (!one) throw new Error('nothing claimed');
  const to = one.endpoint;
  await storage.deliveries.settle([
    settled(one.ref.subscriber, to, { state: 'pending', dueAt: 50, startOver: true }),
  ]);
  const again = (
    await storage.deliveries.claim(campaign, { limit: 100, rooms: {}, otherwise: 100 }, 60)
  )?.find(({ ref }) => ref.subscriber === one.ref.subscriber);
  expect(again).toMatchObject({ attempts: 1, firstAttemptAt: 60 });
});

test('what was refused and is sent again begins anew, and counts at its service', async () => {
  const [one] = await claim(1);
  if (one === undefined) throw new Error('nothing was claimed');
  const { subscriber } = one.ref;
  const refused = { state: 'rejected', status: 413, reason: 'too-large' } as const;
  await storage.deliveries.settle([settled(subscriber, one.endpoint, { ...refused, bytes: 4000 })]);
  expect(await storage.campaigns.services(campaign)).toMatchObject([
    { pushService: one.pushService, accepted: 0, rejected: 1, bytes: 4000 },
  ]);
  const [row] = await storage.deliveries.page(campaign, 'rejected', null, 10);
  expect(row).toMatchObject({ subscriber, ...refused, attempts: 1, settledAt: 30, dueAt: null, duration: 1 });
  expect(await storage.deliveries.requeue(campaign, one.pushService, 'rejected', ['too-large'], 20)).toBe(1);
  const again = (await claim()).find(({ ref }) => ref.subscriber === subscriber);
  expect(again).toMatchObject({ attempts: 1, firstAttemptAt: 20 });
});

test('a campaign is started once, however many ask', async () => {
  const draft = await storage.campaigns.insert(newDraft(site), 'request');
  const same = await storage.campaigns.insert({ ...draft, message: { title: 'other' } }, 'request');
  expect(same).toEqual(draft);
  const begun = await Promise.all(
    Array.from({ length: 5 }, () =>
      storage.campaigns.snapshot(draft.id, { where: { all: [] }, now: 10 }, 10),
    ),
  );
  expect(begun.filter((row) => row !== null)).toHaveLength(1);
  expect((await storage.campaigns.get(draft.id))?.counts.total).toBe(10);
});
