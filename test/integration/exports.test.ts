import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Problem } from '../../main/contract/errors.ts';
import type { Site, SiteKey, SubscriberCounts } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { harmless, unspoilt } from '../../main/core/imports/values.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { aSubscription, plainFile, run, upload } from '../helpers/subscriber-files.ts';

let belfry: Belfry;
beforeAll(async () => {
  belfry = await Belfry.start();
});
afterAll(async () => {
  await belfry[Symbol.asyncDispose]();
});

const download = (path: string, key = belfry.program.token, signal?: AbortSignal) =>
  fetch(new URL(`/api/v1/exports/${path}`, belfry.program.addresses.console ?? ''), {
    headers: { authorization: `Bearer ${key}` },
    ...(signal && { signal }),
  });
const people = async (site: Site) =>
  (await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}&state=all&limit=500`))
    .items;

/** A site with people of every kind, with all that can be known of them. */
async function furnished(): Promise<Site> {
  const site = await belfry.makeSite({ settings: { visitorTags: ['news'], requireSignedExternalId: false } });
  const known = [
    {
      externalId: '=cmd|’/c calc’!A0',
      tags: ['+tag', '@home, "x"'],
      attributes: { plan: '-1', n: -5, yes: true },
    },
    {
      externalId: "'=quoted",
      attributes: { list: ['a', '=b'], 'é\n': 'two\nlines' },
      timeZone: 'Asia/Tokyo',
    },
    { language: 'de-AT', tags: ['\tx'] },
    {},
  ];
  for (const [i, more] of known.entries())
    await belfry.api('POST', '/subscribers', {
      site: site.id,
      subscription: aSubscription(`k${i}`),
      ...more,
    });
  await belfry.visit(
    `/v1/sites/${site.key}/subscriptions`,
    {
      subscription: aSubscription('-visitor'),
      intent: 'subscribe',
      page: 'https://www.example.org/shop?secret=1',
      consent: { version: 'terms 3' },
    },
    { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0' },
  );
  const subscription = aSubscription('gone');
  await belfry.api('POST', '/subscribers', { site: site.id, subscription });
  await belfry.visit(`/v1/sites/${site.key}/subscriptions/remove`, { endpoint: subscription.endpoint });
  return site;
}

test.each(['csv', 'jsonl'])(
  'with secrets and back into an empty site: the same people (%s)',
  async (ending) => {
    const [site, empty] = [await furnished(), await belfry.makeSite()];
    const { privateKey } = await belfry.api<{ privateKey: string }>('POST', `/sites/${site.id}/vapid-key`, {
      confirm: true,
    });
    await belfry.api('POST', `/sites/${empty.id}/keys`, { key: privateKey, current: false });
    const answer = await download(`subscribers.${ending}?site=${site.id}&secrets=true`);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="subscribers.${ending}"`);
    const file = await upload(belfry, empty, new Uint8Array(await answer.arrayBuffer()), {
      name: `a.${ending}`,
    });
    expect((await run(belfry, file, { keep: 'all' })).counts).toMatchObject({
      rows: 6,
      added: 6,
      refused: 0,
    });
    const comparable = async (one: Site) =>
      (await people(one))
        .map(({ id, site: _, stateSince, ...rest }) => ({ ...rest, id: undefined }))
        .sort((a, b) => a.endpointTail.localeCompare(b.endpointTail));
    const [before, after] = [await comparable(site), await comparable(empty)];
    expect(after).toEqual(
      before.map((person) => ({
        ...person,
        state: person.state === 'active' ? 'foreign' : person.state,
        stateReason: person.state === 'unsubscribed' ? 'left:imported' : null,
      })),
    );
    const { items } = await belfry.api<{ items: SiteKey[] }>('GET', `/sites/${empty.id}/keys`);
    expect(items.map(({ current, foreign }) => [current, foreign])).toEqual([
      [true, 0],
      [false, 5],
    ]);
  },
);

test('no cell is a formula, and nothing secret is in an export that was not asked for', async () => {
  const site = await furnished();
  const bytes = Buffer.from(await (await download(`subscribers.csv?site=${site.id}`)).arrayBuffer());
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from('\uFEFF')); // or a spreadsheet takes it for another encoding
  const text = bytes.toString();
  const rows: string[][] = parse(text, { bom: true });
  expect(rows).toHaveLength(7);
  for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
  expect(text).not.toContain('fcm.googleapis.com');
  for (const name of ['k0', 'k1']) expect(text).not.toContain(aSubscription(name).keys.auth);
  const whole = await (await download(`subscribers.csv?site=${site.id}&secrets=true`)).text();
  expect(whole).toContain(aSubscription('k0').endpoint);
});

test('making a cell harmless loses nothing of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."='+-@\t\r\nab") }), (text) => {
      expect(harmless(text)).not.toMatch(/^[=+\-@\t\r\n]/);
      expect(unspoilt(harmless(text))).toBe(text);
    }),
  );
});

test('campaigns, and what became of each delivery', async () => {
  const site = await belfry.makeSite();
  await run(belfry, await upload(belfry, site, plainFile(['a', 'b'])));
  const draft = await belfry.send(site, { draft: true, message: { title: '=SUM(A1)', body: 'two\nlines' } });
  const rows: Record<string, string>[] = parse(
    await (await download(`campaigns.csv?site=${site.id}`)).text(),
    {
      bom: true,
      columns: true,
    },
  );
  expect(rows).toMatchObject([{ id: draft.id, title: "'=SUM(A1)", state: 'draft', total: '0' }]);
  const lines = await (await download(`deliveries.jsonl?site=${site.id}&campaign=${draft.id}`)).text();
  expect(lines).toBe('');
  expect((await download(`deliveries.csv?site=${site.id}`)).status).toBe(400);
  expect(
    (await download(`deliveries.csv?site=${(await belfry.makeSite()).id}&campaign=${draft.id}`)).status,
  ).toBe(404);
  expect((await download(`nothing.csv?site=${site.id}`)).status).toBe(400);
  expect((await download('subscribers.xlsx')).status).toBe(404);
});

test('an API key gets what is its site’s, and never secrets', async () => {
  const [site, other] = [await furnished(), await belfry.makeSite()];
  const { secret } = await belfry.api<{ secret: string }>('POST', '/api-keys', {
    site: site.id,
    name: 'reader',
    scopes: ['read'],
  });
  expect((await download(`subscribers.csv?site=${site.id}`, secret)).status).toBe(200);
  expect((await download(`subscribers.csv?site=${other.id}`, secret)).status).toBe(404);
  const refused = await download(`subscribers.csv?site=${site.id}&secrets=true`, secret);
  expect(refused.status).toBe(403);
  expect(((await refused.json()) as Problem).detail).toContain('operator alone');
  const part = { what: 'subscribers', site: site.id, secrets: true };
  expect((await belfry.call('POST', '/exports/part', part, {}, secret)).status).toBe(403);
  const begin = { site: site.id, name: 'a.csv', size: 10 };
  expect((await belfry.call('POST', '/imports', begin, {}, secret)).status).toBe(403);
});

test('of whom a segment or an expression means, of some people, or of all but some', async () => {
  const site = await furnished();
  const all = await people(site);
  const segment = await belfry.api<{ id: string }>('POST', '/segments', {
    site: site.id,
    name: 'Tagged',
    expression: { tag: '+tag' },
  });
  const idsOf = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).id as string);
  const exported = async (query: Record<string, string>) => {
    const answer = await download(`subscribers.jsonl?${new URLSearchParams({ site: site.id, ...query })}`);
    expect(answer.status).toBe(200);
    return idsOf(await answer.text());
  };
  const having = (fits: (one: Subscriber) => boolean) => all.filter(fits).map(({ id }) => id);
  const tagged = having(({ tags }) => tags.includes('+tag'));
  expect(tagged).toHaveLength(1);
  expect(await exported({ segment: segment.id })).toEqual(tagged);
  const german = JSON.stringify({ field: 'language', is: ['de'] });
  expect(await exported({ matching: german })).toEqual(having(({ language }) => language === 'de-AT'));
  expect(await exported({ matching: german, segment: segment.id })).toEqual([]);
  expect(await exported({ search: tagged[0] ?? '' })).toEqual(tagged);

  const part = (more: object, key?: string) =>
    belfry.call<{ text: string } & Problem>(
      'POST',
      '/exports/part',
      { what: 'subscribers', format: 'json-lines', site: site.id, ...more },
      {},
      key,
    );
  const some = having(({ state }) => state === 'active').slice(0, 2);
  expect(idsOf((await part({ subscribers: some })).body.text)).toEqual(some);
  expect(idsOf((await part({ except: some })).body.text)).toEqual(
    all.map(({ id }) => id).filter((id) => !some.includes(id)),
  );
  // nobody of another site, and what is wrong is named
  const other = await belfry.makeSite();
  expect((await part({ site: other.id, subscribers: some })).body.text).toBe('');
  expect((await part({ subscribers: ['sub_no'] })).body.errors).toMatchObject([
    { pointer: '/subscribers/0' },
  ]);
  expect((await part({ site: other.id, segment: segment.id })).status).toBe(400);
  expect((await download(`subscribers.csv?site=${site.id}&matching=%7B`)).status).toBe(400);
  expect(
    (await download(`subscribers.csv?site=${site.id}&matching=${encodeURIComponent('{"tag":""}')}`)).status,
  ).toBe(400);
});

test('more than one piece: the pieces are the file, and a reader that goes ends it', async () => {
  const site = await belfry.makeSite();
  const names = Array.from({ length: 2200 }, (_, i) => `many${i}`);
  await run(belfry, await upload(belfry, site, plainFile(names)));
  let text = '';
  let pieces = 0;
  for (let cursor: string | null | undefined; cursor !== null; pieces++) {
    const part: { text: string; nextCursor: string | null } = await belfry.api('POST', '/exports/part', {
      what: 'subscribers',
      site: site.id,
      secrets: true,
      ...(cursor && { cursor }),
    });
    text += part.text;
    cursor = part.nextCursor;
  }
  expect(pieces).toBe(5);
  const whole = await (await download(`subscribers.csv?site=${site.id}&secrets=true`)).text();
  expect(`\uFEFF${whole}`.replace(/^\uFEFF+/, '')).toBe(text.replace(/^\uFEFF+/, ''));
  const rows: Record<string, string>[] = parse(whole, { bom: true, columns: true });
  expect(new Set(rows.map(({ endpoint }) => endpoint)).size).toBe(2200);

  const stop = new AbortController();
  const answer = await download(`subscribers.csv?site=${site.id}`, belfry.program.token, stop.signal);
  await answer.body?.getReader().read();
  stop.abort();
  // whoever asks next is answered as before
  expect((await belfry.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`)).foreign).toBe(
    2200,
  );
});
