import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../../main/core/campaigns/preparations.ts';
import type { Settlement, Storage } from '../../main/core/ports/storage.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { addCrowd } from '../helpers/crowd.ts';
import { newDraft, newSite } from '../helpers/stored.ts';
import type { Result } from './helpers/report.ts';

const silent = { info() {}, warn() {}, error() {} };
const start = Date.UTC(2026, 0, 1);
const all = { limit: 1000, rooms: {}, otherwise: 1000 };

/**
 * What one delivery takes in the database once its campaign is over, with its attempts and clicks, and how long
 * the transactions take that drop it again. No push service: 3 % were tried twice, 30 % were shown, 4 % clicked.
 */
export default async function bench(sizes = [50_000]): Promise<Result[]> {
  const results: Result[] = [];
  for (const people of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-size-'));
    try {
      results.push(...(await measure(folder, people)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

async function measure(folder: string, people: number): Promise<Result[]> {
  let storage = await openStorage(join(folder, 'belfry.db'), silent);
  const site = await storage.sites.insert(newSite(start));
  addCrowd(folder, people);
  const empty = await used(storage);
  const campaign = await send(storage, site.id, people);
  const full = await used(storage);

  const drops: number[] = [];
  const keep = { finishedAfter: Number.MAX_SAFE_INTEGER, deliveries: 0 };
  for (;;) {
    const began = performance.now();
    if ((await storage.upkeep.dropDetail(keep, start)) === 0) break;
    drops.push(performance.now() - began);
  }
  const dropped = await used(storage);
  const { counts } = (await storage.campaigns.get(campaign)) ?? {};
  if (counts?.accepted !== people) throw new Error('the counts did not stay');
  await storage.close();
  storage = await openStorage(join(folder, 'belfry.db'), silent);
  await storage.close();

  const [low = 0] = drops.toSorted((a, b) => a - b);
  const one = (
    name: string,
    value: number,
    unit: string,
    spread: [number, number] = [value, value],
  ): Result => ({
    name,
    value,
    unit,
    reference: null,
    ratio: null,
    spread,
    goal: null,
    met: null,
  });
  return [
    one(`a delivery of ${people}`, (full - empty) / people, 'bytes'),
    one(`a campaign to ${people} when its deliveries are dropped`, Math.max(0, dropped - empty), 'bytes'),
    one('the longest transaction that drops some', Math.max(...drops), 'ms', [low, Math.max(...drops)]),
  ];
}

async function used(storage: Storage): Promise<number> {
  const { bytes, freeBytes } = await storage.upkeep.size();
  return bytes - freeBytes;
}

async function send(storage: Storage, site: number, people: number): Promise<number> {
  const { id } = await storage.campaigns.insert(newDraft(site, start), null);
  const begun = await storage.campaigns.snapshot(id, { where: { all: [] }, now: start }, start);
  if (begun !== null) await prepare(storage, begun, () => true);
  for (let done = 0, now = start; done < people; now += 1000) {
    const claimed = (await storage.deliveries.claim(id, all, now)) ?? [];
    const settled = claimed.map(({ ref, endpoint, pushService, attempts }, i): Settlement => {
      const again = attempts === 1 && i % 33 === 0;
      return {
        ...ref,
        endpoint,
        pushService,
        state: again ? 'pending' : 'accepted',
        status: again ? 503 : 201,
        reason: again ? 'service-unavailable' : 'accepted',
        dueAt: again ? now + 500 : null,
        unsent: false,
        doubtful: false,
        startOver: false,
        duration: 80 + (i % 90),
        bytes: 400 + (i % 40),
        at: now,
      };
    });
    await storage.deliveries.settle(settled);
    done += settled.filter(({ state }) => state === 'accepted').length;
    const at = now + 5000;
    const seen = claimed.filter((_, i) => i % 10 < 3);
    const clicked = claimed.filter((_, i) => i % 25 === 0);
    await storage.deliveries.report([
      ...seen.map(({ ref }) => ({ ...ref, type: 'shown' as const, action: '', at })),
      ...clicked.map(({ ref }) => ({ ...ref, type: 'clicked' as const, action: '', at })),
    ]);
  }
  await storage.campaigns.move(id, ['sending'], 'finished', start + 3_600_000);
  return id;
}
