import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../../main/core/campaigns/preparations.ts';
import type { SiteRow, Storage } from '../../main/core/ports/storage.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { addCrowd } from '../helpers/crowd.ts';
import { newDraft, newSite, registration } from '../helpers/stored.ts';
import type { Result } from './helpers/report.ts';

const start = Date.UTC(2026, 0, 1);
const silent = { info() {}, warn() {}, error() {} };

/**
 * How long the deliveries of a campaign to everyone take to be made, and how long the slowest of the visitors waits
 * who subscribe one after the other meanwhile. Then a second campaign with a frequency cap that spares everyone.
 */
export default async function bench(sizes = [1_000_000]): Promise<Result[]> {
  const results: Result[] = [];
  for (const people of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-snapshot-'));
    try {
      results.push(...(await measure(folder, people)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

async function measure(folder: string, people: number): Promise<Result[]> {
  const file = join(folder, 'belfry.db');
  let storage = await openStorage(file, silent);
  const site = await storage.sites.insert(newSite(start));
  await storage.close();
  addCrowd(folder, people);
  storage = await openStorage(file, silent);
  const quiet = await slowest(storage, site, new Promise((resolve) => setTimeout(resolve, 2000)));
  const plain = await timed(storage, site);
  await storage.sites.update(site.id, { settings: { frequencyCap: { perDay: 1, perWeek: null } } });
  const capped = await timed(storage, site);
  const began = performance.now();
  const spared = await storage.campaigns.cappedIn(site.id, { where: { all: [] }, now: start }, start);
  const counted = performance.now() - began;
  if (spared < people) throw new Error('the cap spared too few');
  await storage.close();
  const one = (name: string, value: number, unit: string, goal: number | null = null): Result => ({
    name: `${people}: ${name}`,
    value,
    unit,
    reference: null,
    ratio: null,
    spread: [value, value],
    goal: goal === null ? null : `≤ ${goal}`,
    met: goal === null ? null : value <= goal,
  });
  return [
    one('slowest subscribe without a snapshot', quiet, 'ms'),
    one('snapshot of everyone', plain.took, 'ms'),
    one('slowest subscribe meanwhile', plain.slowest, 'ms', 200),
    one('snapshot that a cap spares', capped.took, 'ms'),
    one('slowest subscribe meanwhile, cap', capped.slowest, 'ms', 200),
    one('count of whom the cap spares', counted, 'ms'),
  ];
}

async function timed(storage: Storage, site: SiteRow): Promise<{ took: number; slowest: number }> {
  const { id } = await storage.campaigns.insert(newDraft(site.id, start), null);
  const began = performance.now();
  const made = storage.campaigns
    .snapshot(id, { where: { all: [] }, now: start }, start)
    .then((begun) => (begun === null ? undefined : prepare(storage, begun, () => true)))
    .then(() => performance.now() - began);
  return { slowest: await slowest(storage, site, made), took: await made };
}

/** People subscribe one after the other until that is over; milliseconds that the slowest of them waited. */
async function slowest(storage: Storage, site: SiteRow, until: Promise<unknown>): Promise<number> {
  let over = false;
  void until.then(() => {
    over = true;
  });
  let longest = 0;
  while (!over) {
    const began = performance.now();
    await storage.subscribers.upsertMany([visitor(site)]);
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}

const visitor = (site: SiteRow) =>
  registration(site.id, site.vapidKey.id, `https://push.example/${randomBytes(12).toString('hex')}`, {
    at: start,
  });
