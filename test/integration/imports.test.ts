import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Import } from '../../main/contract/imports.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import {
  aSubscription,
  check,
  csv,
  plainFile,
  preview,
  reasonsOf,
  refusedOf,
  run,
  upload,
} from '../helpers/subscriber-files.ts';

let belfry: Belfry;
beforeAll(async () => {
  belfry = await Belfry.start();
});
afterAll(async () => {
  await belfry[Symbol.asyncDispose]();
});

const counts = (site: Site) => belfry.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`);
const people = async (site: Site) =>
  (await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}&state=all&limit=500`)).items;
const names = (n: number, prefix = 'p') => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
/** What a page of the site sends for a subscription made by `aSubscription`. */
const visit = (site: Site, name: string, intent: 'subscribe' | 'sync') =>
  belfry.visit<{ id: string }>(`/v1/sites/${site.key}/subscriptions`, {
    subscription: aSubscription(name),
    intent,
  });

describe('a plain file', () => {
  test('is looked at, tried, imported; a second time nothing changes; people are foreign until they report in', async () => {
    const site = await belfry.makeSite();
    const content = plainFile(names(2500));
    const file = await upload(belfry, site, content, { piece: 50_000 });
    expect(file.state).toBe('ready');
    const seen = await preview(belfry, file);
    expect(seen).toMatchObject({ format: 'csv', encoding: 'utf-8', delimiter: ',', compressed: false });
    expect(seen.columns.map(({ field }) => field)).toEqual(['endpoint', 'p256dh', 'auth']);

    const tried = await check(belfry, file);
    expect(tried.checked).toMatchObject({ rows: 2500, added: 2500, known: 0, refused: 0 });
    expect((await counts(site)).foreign).toBe(0);
    const done = await run(belfry, file);
    expect(done).toMatchObject({ state: 'finished', counts: { rows: 2500, added: 2500, known: 0, refused: 0 } });
    expect(await counts(site)).toMatchObject({ foreign: 2500, active: 0 });

    const before = await people(site);
    const again = await run(belfry, await upload(belfry, site, content));
    expect(again.counts).toMatchObject({ rows: 2500, added: 0, known: 2500, refused: 0 });
    expect(await people(site)).toEqual(before);

    expect((await visit(site, 'p7', 'sync')).status).toBe(200);
    expect(await counts(site)).toMatchObject({ foreign: 2499, active: 1 });
  });

  test('comes in any order of pieces that fits, and again; what is missing or too much is said', async () => {
    const site = await belfry.makeSite();
    const bytes = Buffer.from(plainFile(['only']));
    const file = await belfry.api<Import>('POST', '/imports', { site: site.id, name: 'a.csv', size: bytes.length });
    const send = (offset: number, from: Buffer) =>
      belfry.call<Import & { detail: string }>('POST', `/imports/${file.id}/bytes`, {
        offset,
        data: from.toString('base64'),
      });
    expect(await send(10, bytes.subarray(10))).toMatchObject({ status: 409, body: { detail: /from byte 0/ } });
    expect((await send(0, bytes.subarray(0, 40))).body.received).toBe(40);
    expect((await send(0, bytes.subarray(0, 40))).body.received).toBe(40);
    expect((await send(20, bytes.subarray(20, 90))).body.received).toBe(90);
    expect((await belfry.call('POST', `/imports/${file.id}/check`, { options: {} })).status).toBe(409);
    expect((await send(90, Buffer.concat([bytes.subarray(90), Buffer.from('more')]))).status).toBe(400);
    expect((await send(90, bytes.subarray(90))).body.state).toBe('ready');
    expect((await run(belfry, file)).counts?.added).toBe(1);
  });
});
