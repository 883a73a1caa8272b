import { expect, test } from 'vitest';
import type { Campaign, CourseSpan } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';

interface Course {
  seconds: number;
  items: CourseSpan[];
}
const sum = (items: CourseSpan[], kind: 'accepted' | 'shown' | 'clicked') =>
  items.reduce((total, span) => total + span[kind], 0);

test('a campaign’s course adds up to its counts, in at most sixty spans from its start on', async () => {
  await using belfry = await Belfry.start();
  await belfry.api('POST', '/rehearsal', { people: 300, seed: 11 });
  await eventually(
    'the practice site',
    async () => (await belfry.api<{ state: string }>('GET', '/rehearsal')).state === 'ready',
  );
  const [site] = (await belfry.api<{ items: Site[] }>('GET', '/sites')).items;
  if (site === undefined) throw new Error('There is no site.');
  const { items } = await belfry.api<{ items: Campaign[] }>('GET', `/campaigns?site=${site.id}`);
  const old = items.filter(
    ({ state, startedAt }) =>
      state === 'finished' && Date.now() - Date.parse(startedAt ?? '') > 8 * 86_400_000,
  );
  expect(old.length).toBeGreaterThan(5);
  for (const { id, counts, startedAt } of old) {
    const week = await belfry.api<Course>('GET', `/campaigns/${id}/course?hours=168`);
    expect(week.items).toHaveLength(60);
    expect(week.seconds * 60).toBe(168 * 3600);
    expect(week.items[0]?.from).toBe(startedAt);
    expect(sum(week.items, 'accepted')).toBe(counts.accepted);
    expect(sum(week.items, 'shown')).toBe(counts.shown);
    expect(sum(week.items, 'clicked')).toBe(counts.clicked);
    // the first hour in detail is the beginning of the same course
    const hour = await belfry.api<Course>('GET', `/campaigns/${id}/course?hours=1`);
    expect(hour.seconds).toBe(60);
    expect(sum(hour.items, 'shown')).toBeLessThanOrEqual(counts.shown);
    expect(sum(hour.items, 'accepted')).toBeGreaterThan(0);
  }

  // one that just began has no spans of the time to come, and one that did not has none
  const begun = await belfry.send(site);
  await belfry.until(begun.id, 'finished');
  const { items: spans } = await belfry.api<Course>('GET', `/campaigns/${begun.id}/course?hours=24`);
  expect(spans).toHaveLength(1);
  const draft = await belfry.send(site, { draft: true });
  expect(await belfry.api('GET', `/campaigns/${draft.id}/course`)).toMatchObject({ items: [] });
});
