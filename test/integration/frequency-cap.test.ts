import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Problem } from '../../main/contract/errors.ts';
import type { FrequencyCap, Site } from '../../main/contract/sites.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

let certificates: Certificates;
let service: PushService;
let belfry: Belfry;
let site: Site;
/** What the program's clock says; it stands still unless a test moves it. */
let now = Date.parse('2031-05-01T10:00:00Z');

beforeAll(async () => {
  certificates = await makeCertificates();
  service = await startPushService(certificates);
  belfry = await Belfry.start({ service, certificates, clock: { now: () => now } });
});
afterAll(async () => {
  await belfry[Symbol.asyncDispose]();
  await service.close();
  await certificates[Symbol.asyncDispose]();
});
beforeEach(async () => {
  now += 30 * DAY;
  site = await belfry.makeSite();
});

const cap = (frequencyCap: Partial<FrequencyCap>) =>
  belfry.api<Site>('PATCH', `/sites/${site.id}`, { settings: { frequencyCap } });
const daily = (perDay: number | null) => cap({ perDay, perWeek: null });
/** Sends, waits until it is over, and tells how many got it and how many the cap spared. */
async function sent(more: object = {}, to = site) {
  const { id } = await belfry.send(to, more);
  const done = await belfry.until(id, 'finished');
  const { total, accepted, skipped, pending } = done.counts;
  const capped = done.outcomes.filter(({ reason }) => reason === 'capped');
  expect(capped.every(({ state }) => state === 'skipped')).toBe(true);
  const spared = capped.reduce((sum, { count }) => sum + count, 0);
  expect([spared, pending, total]).toEqual([skipped, 0, accepted + skipped]);
  return { id, accepted, spared };
}
const wouldSkip = async (audience: object = { everyone: true }) =>
  (await belfry.api<{ skipped: number }>('POST', '/campaigns/check-cap', { site: site.id, audience }))
    .skipped;

test('a site has no cap at first, one is set in part or whole and taken off, and a wrong one is refused', async () => {
  expect(site.settings.frequencyCap).toEqual({ perDay: null, perWeek: null });
  await cap({ perDay: 2, perWeek: 5 });
  expect((await daily(3)).settings.frequencyCap).toEqual({ perDay: 3, perWeek: null });
  expect((await daily(null)).settings.frequencyCap).toEqual({ perDay: null, perWeek: null });
  await cap({ perDay: null, perWeek: 4 });
  await belfry.api('PATCH', `/sites/${site.id}`, { settings: { requireSignedExternalId: false } });
  const { settings } = await belfry.api<Site>('GET', `/sites/${site.id}`);
  expect(settings.frequencyCap).toEqual({ perDay: null, perWeek: 4 });
  for (const wrong of [0, -1, 1.5, 1001, '3']) {
    const { status } = await belfry.call('PATCH', `/sites/${site.id}`, {
      settings: { frequencyCap: { perDay: wrong, perWeek: null } },
    });
    expect(status, String(wrong)).toBe(400);
  }
});

test('a day is the 24 hours after the push service took it, to the millisecond', async () => {
  await belfry.people(site, service, 3);
  await daily(1);
  const first = await sent();
  expect(first).toMatchObject({ accepted: 3, spared: 0 });
  expect(await wouldSkip()).toBe(3);
  const second = await sent();
  expect(second).toMatchObject({ accepted: 0, spared: 3 });
  const [skipped] = await belfry.deliveries(second.id);
  expect(skipped).toMatchObject({ state: 'skipped', reason: 'capped', attempts: 0 });
  now += DAY - 1;
  expect(await wouldSkip()).toBe(3);
  expect(await sent()).toMatchObject({ accepted: 0, spared: 3 });
  now += 1;
  // what was skipped reached nobody, so that it does not count
  expect(await wouldSkip()).toBe(0);
  expect(await sent()).toMatchObject({ accepted: 3, spared: 0 });
});

test('a week is 7 days, and the stricter of the two decides', async () => {
  await belfry.people(site, service, 1);
  await cap({ perDay: 2, perWeek: 3 });
  expect((await sent()).accepted).toBe(1);
  now += HOUR;
  expect((await sent()).accepted).toBe(1);
  expect((await sent()).spared).toBe(1);
  now += DAY;
  expect((await sent()).accepted).toBe(1);
  now += DAY;
  expect((await sent()).spared).toBe(1);
  now += 5 * DAY - HOUR - 1; // a week less a millisecond after the first two
  now -= HOUR;
  expect((await sent()).spared).toBe(1);
  now += HOUR + 1;
  expect((await sent()).accepted).toBe(1);
});

test('only the people who were reached are spared, and who joined since is not', async () => {
  const [one, two] = await belfry.people(site, service, 2);
  await daily(1);
  await sent({ audience: { subscriber: one?.id } });
  await belfry.people(site, service, 1);
  expect(await sent()).toMatchObject({ accepted: 2, spared: 1 });
  // named one by one is no way around it
  expect(await sent({ audience: { subscribers: [one?.id, two?.id] } })).toMatchObject({ spared: 2 });
});

test('of two campaigns at once, each person gets one', async () => {
  await belfry.people(site, service, 20);
  await daily(1);
  const both = await Promise.all([sent(), sent()]);
  expect(both.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(20);
  expect(both.reduce((sum, { spared }) => sum + spared, 0)).toBe(20);
});

test('what waits to be sent counts already, and what was cancelled or failed does not', async () => {
  await belfry.people(site, service, 4);
  await daily(1);
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const calm = service.disturb(() => ({ until }));
  const waiting = await belfry.send(site);
  expect(await wouldSkip()).toBe(4);
  expect((await sent()).spared).toBe(4);
  await belfry.api('POST', `/campaigns/${waiting.id}/cancel`);
  calm();
  release();
  const gave = await belfry.until(waiting.id, ({ counts }) => counts.pending === 0);
  expect(await wouldSkip()).toBe(gave.counts.accepted);
  now += DAY;
  const refuse = service.disturb(() => ({ status: 413 }));
  const refused = await belfry.send(site);
  await belfry.until(refused.id, ({ counts }) => counts.rejected === 4);
  refuse();
  expect(await wouldSkip()).toBe(0);
});

test('a cap that is lowered holds for what was sent before it', async () => {
  await belfry.people(site, service, 2);
  await daily(3);
  await sent();
  await sent();
  expect(await wouldSkip()).toBe(0);
  await daily(2);
  expect(await wouldSkip()).toBe(2);
  expect((await sent()).spared).toBe(2);
  await daily(null);
  expect((await sent()).accepted).toBe(2);
});

test('transactional messages and tests are neither held back nor counted, nor is another site', async () => {
  const [one] = await belfry.people(site, service, 2);
  await daily(1);
  expect((await sent({ kind: 'transactional' })).accepted).toBe(2);
  await belfry.api('PATCH', `/subscribers/${one?.id}`, { testDevice: true });
  const test = await belfry.api<Campaign>('POST', '/campaigns/test', {
    site: site.id,
    message: { title: 'Try' },
  });
  expect((await belfry.until(test.id, 'finished')).counts.accepted).toBe(1);
  const other = await belfry.makeSite();
  await belfry.people(other, service, 1);
  expect((await sent({}, other)).accepted).toBe(1);
  expect(await wouldSkip()).toBe(0);
  expect((await sent()).accepted).toBe(2);
  expect((await sent({ kind: 'transactional' })).accepted).toBe(2);
  expect((await sent({}, other)).accepted).toBe(1);
});

test('a campaign that ignores the cap goes to all, and counts for the next', async () => {
  await belfry.people(site, service, 2);
  await daily(1);
  const draft = await belfry.send(site, { draft: true });
  expect(draft.ignoreCap).toBe(false);
  const changed = await belfry.api<Campaign>('PATCH', `/campaigns/${draft.id}`, { ignoreCap: true });
  expect(changed.ignoreCap).toBe(true);
  await sent();
  await belfry.api('POST', `/campaigns/${draft.id}/start`);
  expect((await belfry.until(draft.id, 'finished')).counts).toMatchObject({ accepted: 2, skipped: 0 });
  now += 23 * HOUR;
  expect((await sent({ ignoreCap: true })).accepted).toBe(2);
  now += 2 * HOUR;
  expect((await sent()).spared).toBe(2);
});

test('a group that failed is sent again whatever the cap says', async () => {
  await belfry.people(site, service, 2);
  await daily(1);
  const refuse = service.disturb(() => ({ status: 413 }));
  const { id } = await belfry.send(site);
  const refused = await belfry.until(id, 'finished');
  refuse();
  const group = refused.outcomes.find(({ state }) => state === 'rejected');
  expect(group?.count).toBe(2);
  const { status, body } = await belfry.call<Problem>('POST', `/campaigns/${id}/resend`, {
    pushService: group?.pushService,
    state: group?.state,
    reason: group?.reason,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  expect((await belfry.until(id, 'finished')).counts).toMatchObject({ accepted: 2, skipped: 0 });
});
