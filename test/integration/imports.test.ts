import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Import } from '../../main/contract/imports.ts';
import type { Job } from '../../main/contract/jobs.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import {
  aSubscription,
  check,
  csv,
  over,
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
  (await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}&state=all&limit=500`))
    .items;
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
    expect(done).toMatchObject({
      state: 'finished',
      counts: { rows: 2500, added: 2500, known: 0, refused: 0 },
    });
    expect(await counts(site)).toMatchObject({ foreign: 2500, active: 0 });

    const before = await people(site);
    const again = await run(belfry, await upload(belfry, site, content));
    expect(again.counts).toMatchObject({ rows: 2500, added: 0, known: 2500, refused: 0 });
    expect(await people(site)).toEqual(before);

    expect((await visit(site, 'p7', 'sync')).status).toBe(200);
    expect(await counts(site)).toMatchObject({ foreign: 2499, active: 1 });
  });

  test('is a job while it is tried, imported and taken back, which tells what came of it', async () => {
    const site = await belfry.makeSite();
    const file = await upload(belfry, site, plainFile(names(1200, 'job')));
    const begun = await belfry.api<Import>('POST', `/imports/${file.id}/check`, { options: {} });
    expect(begun.job).toMatchObject({
      kind: 'import.check',
      site: site.id,
      unit: 'bytes',
      total: file.size,
      cancellable: true,
    });
    await over(belfry, file);
    await run(belfry, file);
    await belfry.api('POST', `/imports/${file.id}/undo`);
    await over(belfry, file);
    const { items } = await belfry.api<{ items: Job[] }>('GET', '/jobs');
    const ours = items.filter((job) => job.site === site.id);
    expect(ours.map(({ kind, state, done, total }) => [kind, state, done, total])).toEqual([
      ['import.undo', 'done', 1200, 1200],
      ['import.run', 'done', file.size, file.size],
      ['import.check', 'done', file.size, file.size],
    ]);
    expect(ours[1]?.result).toBe(`1\u202f200 people came in from ${file.name}.`);
  });

  test('comes in any order of pieces that fits, and again; what is missing or too much is said', async () => {
    const site = await belfry.makeSite();
    const bytes = Buffer.from(plainFile(['only']));
    const file = await belfry.api<Import>('POST', '/imports', {
      site: site.id,
      name: 'a.csv',
      size: bytes.length,
    });
    const send = (offset: number, from: Buffer) =>
      belfry.call<Import & { detail: string }>('POST', `/imports/${file.id}/bytes`, {
        offset,
        data: from.toString('base64'),
      });
    expect(await send(10, bytes.subarray(10))).toMatchObject({
      status: 409,
      body: { detail: /from byte 0/ },
    });
    expect((await send(0, bytes.subarray(0, 40))).body.received).toBe(40);
    expect((await send(0, bytes.subarray(0, 40))).body.received).toBe(40);
    expect((await send(20, bytes.subarray(20, 90))).body.received).toBe(90);
    expect((await belfry.call('POST', `/imports/${file.id}/check`, { options: {} })).status).toBe(409);
    expect((await send(90, Buffer.concat([bytes.subarray(90), Buffer.from('more')]))).status).toBe(400);
    expect((await send(90, bytes.subarray(90))).body.state).toBe('ready');
    expect((await run(belfry, file)).counts?.added).toBe(1);
  });
});

describe('what a file may look like', () => {
  const rowsOf = (n: number) =>
    names(n, 'é').map((name, i) => {
      const { endpoint, keys } = aSubscription(String(i).padStart(3, '0'));
      return [endpoint, keys.p256dh, keys.auth, name];
    });
  const table = (n: number, delimiter = ',', end = '\n') =>
    csv([['endpoint', 'p256dh', 'auth', 'external_id'], ...rowsOf(n)], delimiter, end);

  test.each([
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${table(3)}`), 'utf-8'],
    ['UTF-16, little end first, with a mark', Buffer.from(`\uFEFF${table(3)}`, 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first, without a mark', Buffer.from(table(3), 'utf16le').swap16(), 'utf-16be'],
    ['Windows-1252', Buffer.from(table(3), 'latin1'), 'windows-1252'],
    ['semicolons and CRLF', Buffer.from(table(3, ';', '\r\n')), 'utf-8'],
    ['tabs', Buffer.from(table(3, '\t')), 'utf-8'],
    ['gzip', gzipSync(table(3)), 'utf-8'],
  ])('%s', async (_, bytes, encoding) => {
    const site = await belfry.makeSite();
    const file = await upload(belfry, site, bytes);
    expect((await preview(belfry, file)).encoding).toBe(encoding);
    expect((await run(belfry, file)).counts).toMatchObject({ rows: 3, added: 3, refused: 0 });
    expect((await people(site)).map(({ externalId }) => externalId)).toEqual(['é2', 'é1', 'é0']);
  });

  test('JSON of PushSubscription objects, JSON Lines, and objects one after the other', async () => {
    const objects = names(3, 'j').map((name) => ({
      ...aSubscription(name),
      expirationTime: null,
      attributes: { plan: 'gold', visits: 3, beta: true, likes: ['owls'] },
      tags: ['news'],
    }));
    for (const text of [
      JSON.stringify(objects),
      JSON.stringify(objects, null, 2),
      objects.map((one) => JSON.stringify(one)).join('\n'),
      objects.map((one) => JSON.stringify(one, null, 2)).join('\n'),
    ]) {
      const site = await belfry.makeSite();
      const done = await run(belfry, await upload(belfry, site, text, { name: 'a.json', piece: 77 }));
      expect(done.counts).toMatchObject({ rows: 3, added: 3, refused: 0 });
      expect((await people(site))[0]).toMatchObject({
        state: 'foreign',
        attributes: objects[0]?.attributes,
        tags: ['news'],
      });
    }
  });

  test('a subscription in one cell, attributes by column, tags for everyone', async () => {
    const site = await belfry.makeSite();
    const content = csv([
      ['subscription', 'attribute:plan', 'attribute:age', 'User Agent', 'created_at', 'timezone'],
      [JSON.stringify(aSubscription('cell')), "'=1+1", 41, firefox, '2023-04-05 06:07:08', 'Europe/Vienna'],
    ]);
    await run(belfry, await upload(belfry, site, content), { tags: ['moved'] });
    expect((await people(site))[0]).toMatchObject({
      attributes: { plan: '=1+1', age: 41 },
      tags: ['moved'],
      browser: 'Firefox',
      system: 'Windows',
      firstSeen: '2023-04-05T06:07:08.000Z',
      country: 'AT',
    });
  });

  test('OneSignal: other channels, and whoever left there, are refused by kind', async () => {
    const site = await belfry.makeSite();
    const head = [
      'id',
      'identifier',
      'session_count',
      'language',
      'timezone',
      'device_type',
      'tags',
      'last_active',
      'created_at',
      'invalid_identifier',
      'external_user_id',
      'ip',
      'web_auth',
      'web_p256',
      'timezone_id',
    ];
    const row = (identifier: string, type: number, invalid: string, keys = { auth: '', p256dh: '' }) => [
      '1',
      identifier,
      3,
      'de',
      3600,
      type,
      '{"plan":"gold"}',
      '2024-05-01 10:00:00 UTC',
      '2023-05-01 10:00:00 UTC',
      invalid,
      'anna',
      '203.0.113.9',
      keys.auth,
      keys.p256dh,
      'Europe/Berlin',
    ];
    const [good, bad, apple] = [
      aSubscription('one'),
      aSubscription('two'),
      aSubscription('three', 'https://web.push.apple.com'),
    ];
    const file = await upload(
      belfry,
      site,
      gzipSync(
        csv([
          head,
          row(good.endpoint, 5, 'f', good.keys),
          row(bad.endpoint, 5, 't', bad.keys),
          row(apple.endpoint, 17, 'f', apple.keys),
          row('ab'.repeat(32), 7, 'f'),
          row('cd'.repeat(32), 0, 'f'),
          row('fXyz12345:APA91bHun4MxP5egoKMwt', 1, 'f'),
          row('anna@example.org', 11, 'f'),
          row('+4366012345678', 14, 'f'),
          row('', 8, 'f'),
        ]),
      ),
      { name: 'users.csv.gz' },
    );
    expect(await preview(belfry, file)).toMatchObject({ layout: 'OneSignal', compressed: true });
    const done = await run(belfry, file);
    expect(reasonsOf(done)).toEqual({
      'native-app': 2,
      email: 1,
      sms: 1,
      'old-safari': 1,
      'unsubscribed-there': 1,
      'no-endpoint': 1,
    });
    expect(done.counts?.added).toBe(2);
    expect((await people(site)).at(-1)).toMatchObject({
      externalId: 'anna',
      attributes: { plan: 'gold' },
      language: 'de',
      country: 'DE',
      firstSeen: '2023-05-01T10:00:00.000Z',
      lastSeen: '2024-05-01T10:00:00.000Z',
    });
    const list = await refusedOf(belfry, file);
    expect(list).toContain('email,"An e-mail address, not a browser’s subscription"');
    expect(list.trim().split('\n')).toHaveLength(8);
  });

  test.each([
    [
      'Pushpad',
      ['id', 'endpoint', 'p256dh', 'auth', 'uid', 'tags', 'last_click_at', 'created_at'],
      (e: string, p: string, a: string) => [
        '9',
        e,
        p,
        a,
        'anna',
        '["news","owls"]',
        '',
        '2023-05-01T10:00:00.000Z',
      ],
      { externalId: 'anna', tags: ['news', 'owls'] },
    ],
    [
      'Perfecty Push (WordPress)',
      [
        'id',
        'uuid',
        'endpoint',
        'key_auth',
        'key_p256dh',
        'remote_ip',
        'is_active',
        'disabled',
        'creation_time',
      ],
      (e: string, p: string, a: string) => [
        '9',
        'u',
        e,
        a,
        p,
        '203.0.113.9',
        '1',
        '0',
        '2023-05-01 10:00:00',
      ],
      { firstSeen: '2023-05-01T10:00:00.000Z', externalId: null },
    ],
    [
      'Laravel WebPush',
      [
        'id',
        'subscribable_type',
        'subscribable_id',
        'endpoint',
        'public_key',
        'auth_token',
        'content_encoding',
        'created_at',
        'updated_at',
      ],
      (e: string, p: string, a: string) => [
        '9',
        'User',
        '7',
        e,
        `${p}=`,
        `${a}==`,
        'aes128gcm',
        '2023-05-01 10:00:00',
        'NULL',
      ],
      { firstSeen: '2023-05-01T10:00:00.000Z' },
    ],
  ])('%s', async (layout, head, row, expected) => {
    const site = await belfry.makeSite();
    const { endpoint, keys } = aSubscription(`of ${layout}`.replaceAll(/\W/g, ''));
    const file = await upload(belfry, site, csv([head, row(endpoint, keys.p256dh, keys.auth)]));
    expect((await preview(belfry, file)).layout).toBe(layout);
    expect((await run(belfry, file)).counts).toMatchObject({ added: 1, refused: 0 });
    expect((await people(site))[0]).toMatchObject(expected);
  });
});

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0';

describe('rows that cannot be kept', () => {
  test('each is refused with its reason, and listed as it stood', async () => {
    const site = await belfry.makeSite();
    const good = aSubscription('good');
    const { p256dh, auth } = good.keys;
    const offCurve = `${p256dh.slice(0, -3)}${p256dh.endsWith('AAA') ? 'BBB' : 'AAA'}`;
    const otherKey = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url');
    const at = (n: number) => `https://fcm.googleapis.com/fcm/send/r${n}`;
    const rows = [
      ['endpoint', 'p256dh', 'auth', 'applicationServerKey', 'external_id', 'country'],
      [good.endpoint, p256dh, auth, site.vapidPublicKey, 'fine', 'at'],
      [good.endpoint, p256dh, auth, '', '', ''],
      ['', p256dh, auth, '', '', ''],
      [at(1), '', auth, '', '', ''],
      [at(2), offCurve, auth, '', '', ''],
      [at(3), p256dh, auth.slice(0, 9), '', '', ''],
      ['http://fcm.googleapis.com/fcm/send/x', p256dh, auth, '', '', ''],
      ['https://push.evil.example/x', p256dh, auth, '', '', ''],
      ['https://127.0.0.1/x', p256dh, auth, '', '', ''],
      ['https://fcm.rehearsal.invalid/x', p256dh, auth, '', '', ''],
      [at(4), p256dh, auth, otherKey, '', ''],
      [at(5), p256dh, auth, '', 'x'.repeat(201), ''],
      [at(6), p256dh, auth, '', '', '', 'more'],
      [at(7), p256dh, auth],
    ];
    const file = await upload(belfry, site, csv(rows));
    const done = await run(belfry, file);
    expect(reasonsOf(done)).toEqual({
      duplicate: 1,
      'no-endpoint': 1,
      'no-keys': 1,
      'bad-keys': 2,
      'bad-endpoint': 1,
      'host-not-allowed': 3,
      'other-key': 1,
      'bad-value': 1,
      'too-many-columns': 1,
      'too-few-columns': 1,
    });
    expect(done).toMatchObject({ state: 'finished', counts: { rows: 14, added: 1, refused: 13 } });
    const list = await refusedOf(belfry, file);
    expect(list).toMatch(
      /^\uFEFFline,reason,why,endpoint,p256dh,auth,applicationServerKey,external_id,country\n/,
    );
    expect(list).toContain('11,host-not-allowed,"The endpoint belongs to a rehearsal');
    expect(list).toContain('bad-value,external_id: longer than 200 characters');
  });

  test('all or none: one wrong row and nothing is changed; duplicates alone do no harm', async () => {
    const site = await belfry.makeSite();
    const bad = await upload(belfry, site, `${plainFile(names(1200))}https://evil.example/a,b,c\n`);
    const failed = await run(belfry, bad, { keep: 'all' });
    expect(failed).toMatchObject({
      state: 'failed',
      problem:
        '1 of 1201 rows cannot be imported. Nothing was changed, because it was to be all rows or none.',
    });
    expect(await counts(site)).toMatchObject({ foreign: 0 });
    const twice = await upload(belfry, site, plainFile([...names(5), 'p1']));
    expect((await run(belfry, twice, { keep: 'all' })).counts).toMatchObject({ added: 5, refused: 1 });
  });

  test('who left or was erased is not brought back, also not by a dry run’s count; both are listed', async () => {
    const site = await belfry.makeSite();
    await run(belfry, await upload(belfry, site, plainFile(names(4))));
    await visit(site, 'p0', 'subscribe');
    await belfry.visit(`/v1/sites/${site.key}/subscriptions/remove`, {
      endpoint: aSubscription('p0').endpoint,
    });
    const erased = (await people(site)).find(({ endpointTail }) => endpointTail.endsWith('p1'));
    expect((await belfry.call('DELETE', `/subscribers/${erased?.id}`)).status).toBe(204);
    const file = await upload(belfry, site, plainFile(names(5)));
    expect((await check(belfry, file)).checked).toMatchObject({ added: 1, known: 2, refused: 2 });
    const done = await run(belfry, file);
    expect(reasonsOf(done)).toEqual({ left: 1, erased: 1 });
    expect(done.counts).toMatchObject({ added: 1, known: 2 });
    expect(await refusedOf(belfry, file)).toMatch(
      /left,"This person left here.*\n.*erased,This person was erased/,
    );
    // the browser of someone erased stays away too, until the person asks
    expect((await visit(site, 'p1', 'sync')).status).toBe(410);
  });

  test('people who are here are filled in when asked, never overwritten, and once only', async () => {
    const site = await belfry.makeSite();
    await run(belfry, await upload(belfry, site, plainFile(['p0'])));
    const { endpoint, keys } = aSubscription('p0');
    const more = (plan: string) =>
      csv([
        ['endpoint', 'p256dh', 'auth', 'attribute:plan', 'tags', 'external_id'],
        [endpoint, keys.p256dh, keys.auth, plan, 'news', 'anna'],
      ]);
    const left = await run(belfry, await upload(belfry, site, more('gold')));
    expect(left.counts).toMatchObject({ known: 1, filled: 0 });
    expect((await people(site))[0]).toMatchObject({ attributes: {}, tags: [] });
    const filled = await run(belfry, await upload(belfry, site, more('gold')), { known: 'fill' });
    expect(filled.counts).toMatchObject({ known: 0, filled: 1 });
    const again = await run(belfry, await upload(belfry, site, more('lead')), { known: 'fill' });
    expect(again.counts).toMatchObject({ known: 1, filled: 0 });
    expect((await people(site))[0]).toMatchObject({
      attributes: { plan: 'gold' },
      tags: ['news'],
      externalId: 'anna',
    });
  });

  test('an import can be taken back, but for those whose browsers reported in', async () => {
    const site = await belfry.makeSite();
    await belfry.subscribe(site, { subscription: aSubscription('before') } as never);
    const file = await upload(belfry, site, plainFile(names(3000)));
    await run(belfry, file);
    await visit(site, 'p5', 'sync');
    await belfry.api('POST', `/imports/${file.id}/undo`);
    expect((await over(belfry, file)).state).toBe('undone');
    expect(await counts(site)).toMatchObject({ foreign: 0, active: 2 });
    expect((await run(belfry, await upload(belfry, site, plainFile(names(3000))))).counts).toMatchObject({
      added: 2999,
      known: 1,
    });
  });
});
