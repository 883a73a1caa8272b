import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packRows, unpackRows } from '../../main/core/ports/import-rows.ts';
import { csvRecords } from '../../main/import-files/records.ts';

async function read(pieces: string[]): Promise<unknown> {
  async function* text() {
    yield* pieces;
  }
  const records = [];
  try {
    for await (const some of csvRecords(text(), ',')) records.push(...some);
  } catch (error) {
    return (error as Error).name;
  }
  return records;
}
function expected(text: string): unknown {
  try {
    const found: unknown = parse(text, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      info: true,
    });
    return (found as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: info.lines,
      cells: record,
    }));
  } catch {
    return 'FileProblem';
  }
}
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'bc', ',', ',', ' ', 'é', '日', '', '=1') },
  { weight: 4, arbitrary: fc.constantFrom('\n', '\n', '\n\n') },
  { weight: 1, arbitrary: fc.constantFrom('"', '"x,y"', '"a\nb"', '""', '\uFEFF') },
);

test('rows of a text whose lines all end alike are those that csv-parse finds, in whatever pieces it comes', async () => {
  let quoted = 0;
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }),
      fc.array(fc.nat(40), { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (parts, cuts, ending) => {
        const text = parts.join('').replaceAll('\n', ending);
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, i) => text.slice(places[i], to));
        const right = expected(text);
        if (text.includes('"')) quoted++;
        if (Array.isArray(right)) rows += right.length;
        expect(await read(pieces)).toEqual(right);
      },
    ),
    { numRuns: 3000 },
  );
  expect(quoted).toBeGreaterThan(300);
  expect(rows).toBeGreaterThan(3000);
});

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('', '{}', '"', 'null'));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const row = fc.record({
  endpointHash: bytes(16),
  p256dh: bytes(65),
  auth: bytes(16),
  endpoint: text,
  pushService: text,
  vapidKey: fc.nat(),
  state: fc.constantFrom('foreign' as const, 'expired' as const),
  stateReason: maybe(text),
  stateSince: fc.nat(),
  browser: maybe(text),
  browserVersion: maybe(text),
  system: maybe(text),
  device: maybe(text),
  language: maybe(text),
  country: maybe(text),
  timeZone: maybe(text),
  page: maybe(text),
  externalId: maybe(text),
  attributes: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    fc.oneof(text, fc.nat(), fc.boolean(), fc.array(text)),
    { maxKeys: 3, noNullPrototype: true },
  ),
  tags: fc.array(text, { maxLength: 3 }),
  consentVersion: maybe(text),
  consentAt: maybe(fc.nat()),
  firstSeen: fc.nat(),
  lastSeen: fc.nat(),
});

test('rows come out of a buffer as they went in', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      expect(unpackRows(packRows(rows))).toEqual(rows);
    }),
  );
});
