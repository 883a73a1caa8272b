import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Import, ImportOptions } from '../../main/contract/imports.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { ReadBatch } from '../../main/core/ports/imports.ts';
import { Reader } from '../../main/import-files/reader.ts';
import { type RunningProgram, startServer } from '../helpers/program.ts';
import {
  aSubscription,
  check,
  csv,
  manyRows,
  over,
  plainFile,
  reasonsOf,
  run,
  upload,
} from '../helpers/subscriber-files.ts';
import { eventually } from '../helpers/world.ts';

let server: RunningProgram;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const makeSite = () =>
  server.api<Site>('POST', '/sites', {
    name: 'Hostile',
    origins: ['https://www.example.org'],
    subject: 'mailto:owls@example.org',
  });
const foreign = async (site: Site) =>
  (await server.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`)).foreign;
const names = (n: number) => Array.from({ length: n }, (_, i) => `p${i}`);

describe('a file that is not what it should be', () => {
  test.each([
    ['a ZIP archive', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500, 7)]), /ZIP archive/],
    ['an SQLite file', Buffer.from('SQLite format 3\0and more'), /database/],
    ['zero bytes', Buffer.alloc(1000), /no text/],
    ['white space', ' \n \n', /nothing in the file/],
    ['packed and broken', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(90, 3)]), /damaged/],
    ['100 000 columns', csv([names(100_000), names(100_000)]), /more than 500 columns/],
    ['a table of something else', 'colour,size\nred,3\n', /No column is the endpoint/],
    ['a web page', '<html><body>Not found</body></html>', /No column is the endpoint/],
    ['deep JSON', '['.repeat(100_000), /nested more than 32 deep|not a single row/],
    ['broken JSON', '[{"endpoint" "x"}, 7', /no JSON that can be read|not a single row/],
  ])('%s: is refused in a sentence, and nothing is changed', async (_, content, sentence) => {
    const site = await makeSite();
    const file = await upload(server, site, content);
    expect(await run(server, file)).toMatchObject({
      state: 'failed',
      problem: expect.stringMatching(sentence),
    });
    expect(await foreign(site)).toBe(0);
  });

  const [before, after] = [plainFile(names(1500)), plainFile(['later']).split('\n').slice(1).join('\n')];
  const row = (auth: string) =>
    `https://fcm.googleapis.com/fcm/send/x,${aSubscription('x').keys.p256dh},${auth}\n`;
  test.each([
    ['a field of 100 MB', gzipSync(`${before}${row('x'.repeat(100_000_000))}${after}`), /larger than 256 KB/],
    [
      'a quotation mark that is never closed',
      `${before}"${row('').repeat(3000)}${after}`,
      /larger than 256 KB/,
    ],
    ['an end in the middle of a value', `${before}https://fcm.googleapis.com/fcm/send/x,"abc`, /cut off/],
    ['a packed bomb', gzipSync(`${before}${'a'.repeat(300_000_000)}`), /larger than 256 KB/],
    [
      'JSON that breaks off',
      `[${names(900)
        .map((name) => JSON.stringify(aSubscription(name)))
        .join()},{"end`,
      /cut off/,
    ],
    [
      'JSON that goes deep',
      `[${JSON.stringify(aSubscription('p0'))},${'{"a":'.repeat(90)}`,
      /nested more than 32/,
    ],
  ])('%s: the rows before it are kept, or none are', async (_, content, sentence) => {
    const site = await makeSite();
    const file = await upload(server, site, content);
    const none = await run(server, file, { keep: 'all' });
    expect(none).toMatchObject({ state: 'failed', problem: expect.stringMatching(sentence) });
    expect(await foreign(site)).toBe(0);
    const some = await run(server, file);
    expect(some).toMatchObject({ state: 'finished', problem: expect.stringMatching(sentence) });
    expect(await foreign(site)).toBe(some.counts?.added);
    expect(some.counts?.added).toBeGreaterThan(0);
  });

  test('a packed file that breaks off', async () => {
    const site = await makeSite();
    const file = await upload(server, site, gzipSync(plainFile(names(1500))).subarray(0, -9));
    const sentence = expect.stringMatching(/damaged, or breaks off.*Nothing was changed/);
    expect(await run(server, file, { keep: 'all' })).toMatchObject({ state: 'failed', problem: sentence });
    expect(await foreign(site)).toBe(0);
  });

  test('mixed encodings, broken lines: only the rows concerned are refused', async () => {
    const site = await makeSite();
    const good = names(300).map((name) => plainFile([name]).split('\n')[1]);
    const mixed = Buffer.concat([
      Buffer.from(`endpoint,p256dh,auth,name\n${good.map((line) => `${line},é`).join('\n')}\n`),
      Buffer.from('\n'.repeat(270_000)), // the beginning, from which the encoding is guessed, is sound
      Buffer.from(`${plainFile(['odd']).split('\n')[1]},caf\xe9\n`, 'latin1'),
      Buffer.from(`${plainFile(['even']).split('\n')[1]},fine\n`),
    ]);
    const done = await run(server, await upload(server, site, mixed));
    expect(done.counts).toMatchObject({ added: 301, refused: 1 });
    expect(reasonsOf(done)).toEqual({ 'bad-encoding': 1 });

    const lines = [
      JSON.stringify(aSubscription('a')),
      '{"endpoint": "https://fcm.googleapis.com/fcm/send/b", "keys": {',
      '[1, 2]',
      `{"a":${'['.repeat(50)}`,
      JSON.stringify({ ...aSubscription('c'), attributes: { __proto__: 1, big: 'x'.repeat(1001) } }),
      'x'.repeat(400_000),
      JSON.stringify(aSubscription('d')),
    ];
    const jsonLines = await run(server, await upload(server, site, lines.join('\n')));
    expect(jsonLines.counts).toMatchObject({ added: 2, refused: 5 });
    expect(reasonsOf(jsonLines)).toEqual({ 'bad-row': 3, 'too-large': 1, 'bad-value': 1 });
  });
});

test('a large file needs no more memory than a small one', async () => {
  const site = await makeSite();
  const peak = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
  const send = async (rows: number) => {
    const parts = [...manyRows(rows, 'x'.repeat(4000))].join('');
    // packed, so that it comes in quickly: what is read is as large
    return check(server, await upload(server, site, gzipSync(parts, { level: 1 })));
  };
  expect((await send(2500)).checked).toMatchObject({ added: 2500 });
  const before = peak();
  expect((await send(25_000)).checked).toMatchObject({ added: 25_000 }); // 100 MB
  expect(peak() - before).toBeLessThan(70);
});

describe('interrupted', () => {
  /** Runs a large file, and waits until some of its people are there. */
  async function begun(site: Site, keep: 'good' | 'all') {
    const file = await upload(server, site, [...manyRows(15_000)].join(''));
    await server.api('POST', `/imports/${file.id}/run`, { options: { keep } });
    await eventually('people', async () => ((await foreign(site)) > 0 ? true : undefined));
    return file;
  }

  test.each(['good', 'all'] as const)('killed, it can be run again: “%s”', async (keep) => {
    const site = await makeSite();
    const file = await begun(site, keep);
    await server.kill();
    await server.restart();
    const left = await over(server, file);
    expect(left.state).toBe('interrupted');
    const some = await foreign(site);
    if (keep === 'all') expect(some).toBe(0);
    else expect(some).toBe(left.counts?.added);
    expect(some).toBeLessThan(15_000);
    const done = await run(server, file, { keep });
    expect(done).toMatchObject({
      state: 'finished',
      counts: { rows: 15_000, added: 15_000 - some, known: some },
    });
    expect(await foreign(site)).toBe(15_000);
  });

  test.each(['good', 'all'] as const)('cancelled: “%s”', async (keep) => {
    const site = await makeSite();
    const file = await begun(site, keep);
    const cancelled = await server.api<Import>('POST', `/imports/${file.id}/cancel`);
    expect(cancelled).toMatchObject({ state: 'cancelled', job: null });
    const some = await foreign(site);
    if (keep === 'all') expect(some).toBe(0);
    else expect(some).toBe(cancelled.counts?.added);
    expect(await server.request('POST', `/imports/${file.id}/cancel`).then(({ status }) => status)).toBe(200);
  });

  test('one at a time; nothing is left of a site that is removed', async () => {
    const site = await makeSite();
    const [file, other] = [await begun(site, 'good'), await upload(server, site, plainFile(['z']))];
    const second = await server.request('POST', `/imports/${other.id}/run`, { options: {} });
    expect(second.status).toBe(409);
    expect((await server.request('DELETE', `/imports/${file.id}`)).status).toBe(409);
    expect((await server.request('DELETE', `/sites/${site.id}`)).status).toBe(204);
    expect((await server.request('GET', `/imports/${file.id}`)).status).toBe(404);
  });
});

test('whatever bytes come, the reader ends with rows and a sentence, and never breaks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-reader-'));
  const sound = Buffer.from(plainFile(names(5)));
  const settings = { options: ImportOptions.parse({}), keys: [], vapidKey: 1, allowedHosts: [], now: 2e12 };
  const path = join(folder, 'file');
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 400 }),
          fc.json().map((text) => Buffer.from(text)),
          fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => Buffer.from(text)),
          // a sound file with something else in its midst
          fc
            .tuple(fc.nat(sound.length), fc.uint8Array({ maxLength: 30 }), fc.nat(30))
            .map(([at, more, less]) =>
              Buffer.concat([sound.subarray(0, at), more, sound.subarray(at + less)]),
            ),
        ),
        async (bytes) => {
          await writeFile(path, bytes);
          let reader: Reader;
          try {
            reader = await Reader.open(path, join(folder, 'refused'), settings);
          } catch (error) {
            expect(error).toMatchObject({ name: 'FileProblem' });
            return;
          }
          let batch: ReadBatch;
          do batch = await reader.next();
          while (!batch.end);
          await reader.close();
          expect(batch.right).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 150 },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
