import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { prepare } from '../../main/core/campaigns/preparations.ts';
import type { CampaignRow, SiteRow, Storage } from '../../main/core/ports/storage.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { newDraft, registration } from '../helpers/stored.ts';

/** More than a snapshot makes at once. */
const PEOPLE = 2500;
const silent = { info() {}, warn() {}, error() {} };
const everyone = { where: { all: [] }, now: 10 };

let certificates: Certificates;
let service: PushService;
/** A folder with a site and its people, and the copy that a test has. */
let furnished: string;
let data: string;
let belfry: Belfry;
let storage: Storage;
let site: SiteRow;
let siteId: string;

beforeAll(async () => {
  certificates = await makeCertificates();
  service = await startPushService(certificates);
  data = mkdtempSync(join(tmpdir(), 'belfry-snapshot-'));
  belfry = await Belfry.start({ service, certificates, data });
  siteId = (await belfry.makeSite()).id;
  await belfry.stop();
  await open();
  [site] = (await storage.sites.all()) as [SiteRow];
  await more(PEOPLE);
  await storage.close();
  furnished = data;
});
afterAll(async () => {
  rmSync(furnished, { recursive: true, force: true });
  await service.close();
  await certificates[Symbol.asyncDispose]();
});
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'belfry-snapshot-'));
  cpSync(furnished, data, { recursive: true });
  await open();
});
afterEach(async () => {
  await storage.close();
  rmSync(data, { recursive: true, force: true });
});

async function open() {
  storage = await openStorage(join(data, 'belfry.db'), silent);
}
async function launch() {
  belfry = await Belfry.start({ service, certificates, data });
}
/** So many more people. */
async function more(count: number) {
  const key = Buffer.from(site.vapidKey.publicKey).toString('base64url');
  await storage.subscribers.upsertMany(
    Array.from({ length: count }, () => {
      const { endpoint, keys } = service.subscribe(key).subscription;
      return registration(site.id, site.vapidKey.id, endpoint, {
        pushService: new URL(endpoint).host,
        p256dh: Buffer.from(keys.p256dh, 'base64url'),
        auth: Buffer.from(keys.auth, 'base64url'),
      });
    }),
  );
}
async function begun(): Promise<CampaignRow> {
  const { id } = await storage.campaigns.insert(newDraft(site.id), null);
  const row = await storage.campaigns.snapshot(id, everyone, 10);
  if (row === null) throw new Error('it did not begin');
  return row;
}
/** One piece, of so many people. */
async function piece({ id }: CampaignRow, size: number) {
  const preparation = await storage.campaigns.preparation(id);
  if (preparation === null) return null;
  const ids = await storage.campaigns.unprepared(site.id, id, preparation);
  return storage.campaigns.prepare(id, ids.slice(0, size), PEOPLE, false);
}
const now = async ({ id }: CampaignRow) => (await storage.campaigns.get(id)) as CampaignRow;
const on = () => true;

test('a large audience is prepared in pieces: each counts, nobody twice, and nobody who came later', async () => {
  const campaign = await begun();
  expect(campaign).toMatchObject({ state: 'sending', preparing: 0, counts: { total: 0, pending: 0 } });
  await more(3);
  const seen: number[] = [];
  await prepare(storage, campaign, (row) => {
    seen.push(row.counts.total);
    return true;
  });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(await now(campaign)).toMatchObject({ preparing: null, counts: { total: PEOPLE, pending: PEOPLE } });
  // done is done
  await prepare(storage, campaign, on);
  expect((await now(campaign)).counts.total).toBe(PEOPLE);
});

test('who leaves before their piece is left out, and what is left goes on from where it was', async () => {
  const campaign = await begun();
  expect((await piece(campaign, 700))?.campaign).toMatchObject({ preparing: PEOPLE, counts: { total: 700 } });
  const page = await storage.subscribers.page({ site: site.id }, null, PEOPLE);
  const [newest] = page; // the last that would be made
  if (newest === undefined) throw new Error('nobody');
  await storage.subscribers.leave(site.id, newest.endpoint, 20);
  // the same people again: a piece whose answer was lost
  expect((await piece(campaign, 300))?.campaign.counts.total).toBe(1000);
  await prepare(storage, await now(campaign), on);
  expect((await now(campaign)).counts).toMatchObject({ total: PEOPLE - 1, pending: PEOPLE - 1 });
});

test('a pause stops it, resuming goes on, and cancelling ends it with numbers that add up', async () => {
  const campaign = await begun();
  await piece(campaign, 400);
  await storage.campaigns.move(campaign.id, ['sending'], 'paused', 20);
  expect(await piece(campaign, 400)).toBeNull();
  expect(await now(campaign)).toMatchObject({ state: 'paused', preparing: PEOPLE, counts: { total: 400 } });
  await storage.campaigns.move(campaign.id, ['paused'], 'sending', 21);
  expect((await piece(campaign, 400))?.campaign.counts.total).toBe(800);
  const cancelled = await storage.campaigns.cancel(campaign.id, 22);
  expect(cancelled).toMatchObject({ preparing: null, counts: { total: 800, pending: 0, skipped: 800 } });
  expect(await piece(campaign, 400)).toBeNull();
});

test('the frequency cap spares people in every piece', async () => {
  await storage.sites.update(site.id, { settings: { frequencyCap: { perDay: 1, perWeek: null } } });
  const first = await begun();
  await piece(first, 1200);
  const second = await begun();
  await prepare(storage, second, on);
  expect(await now(second)).toMatchObject({
    counts: { total: PEOPLE, skipped: 1200, pending: PEOPLE - 1200 },
  });
  // those whom the second has taken meanwhile
  await prepare(storage, await now(first), on);
  expect((await now(first)).counts).toMatchObject({ total: PEOPLE, pending: 1200, skipped: PEOPLE - 1200 });
});

test('a program that ended in the middle goes on when it starts: everyone gets it once', async () => {
  const campaign = await begun();
  await piece(campaign, 1000);
  await more(2);
  await storage.close();
  service.requests.length = 0;
  await launch();
  const { items } = await belfry.api<{ items: { id: string }[] }>('GET', `/campaigns?site=${siteId}`);
  const done = await belfry.until(items[0]?.id ?? '', 'finished', 120);
  expect(done).toMatchObject({ preparing: null, counts: { total: PEOPLE, accepted: PEOPLE, repeated: 0 } });
  expect(new Set(service.requests.map(({ token }) => token)).size).toBe(PEOPLE);
  expect(service.requests.length).toBe(PEOPLE);
  await belfry.stop();
  await open();
});

test('through the program: begun at once, and sent once all are made', async () => {
  await storage.close();
  await launch();
  const sent = await belfry.send({ id: siteId } as Parameters<Belfry['send']>[0]);
  expect(sent.state).toBe('sending');
  await belfry.call('POST', `/campaigns/${sent.id}/pause`);
  await belfry.call('POST', `/campaigns/${sent.id}/resume`);
  await belfry.call('POST', `/campaigns/${sent.id}/pause`);
  await belfry.call('POST', `/campaigns/${sent.id}/resume`);
  const done = await belfry.until(sent.id, 'finished', 120);
  expect(done.counts).toMatchObject({ total: PEOPLE, accepted: PEOPLE, repeated: 0 });
  await belfry.stop();
  await open();
});
