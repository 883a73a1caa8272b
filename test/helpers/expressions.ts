import fc from 'fast-check';
import { deeds, fields } from '../../main/contract/expression-tree.ts';
import type { Condition, ConditionLeaf } from '../../main/core/ports/segments.ts';
import type { Person } from '../../main/core/segments/evaluate.ts';

/** The moment that random conditions are asked at. */
export const NOW = Date.UTC(2026, 4, 20, 12);
export const DAY = 86_400_000;
/** Campaigns that may be asked about, and one that is none of them. */
export const campaignIds = [1, 2, 3, 4, 5, 6, 99];

// few words, so that what is asked for occurs, and some that a careless statement would trip over
const words = [
  ...[
    'Chrome',
    'chrome',
    'Firefox',
    'de',
    'de-AT',
    'de-CH-1996',
    'DE',
    'deu',
    'en-GB',
    'de-',
    '',
    '1',
    '1.0',
    'true',
  ],
  ...[
    "O'Brien",
    '%',
    '_',
    'a_b',
    '100%',
    '\\',
    '"',
    "'; DROP TABLE site; --",
    '@c0',
    '?',
    '*',
    'Straße',
    'STRASSE',
  ],
  ...[
    'İstanbul',
    'ΑΒΓ',
    'αβγ',
    '日本',
    '👩‍👩‍👧',
    'e\u0301',
    '\u00e9',
    '\u202e',
    '\u{10ffff}',
    '\ufeffx',
    'x'.repeat(1000),
  ],
  ...[
    '2026-05-01',
    '2026-05-20',
    '2026-02-31',
    '2026-13-01',
    '2026-05-19T12:00:00Z',
    '2026-05-19T12:00+02:00',
  ],
  ...[
    '2026-05-19T23:59:59.999-11:30',
    '2026-05-19T24:00:00Z',
    '0999-01-01',
    '2026-5-1',
    'now',
    '2026-05-19 12:00',
  ],
];
const names = ['city', 'plan', 'visits', '__proto__', 'a"b', "it's", 'größe', '$.x', 'city ', '[0]'];
const tags = ['news', 'News', "o'clock", '100%', '雪'];

const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...words) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((found) => found.replaceAll('\0', '')),
  },
);
const some = text.filter((value) => value !== '').map((value) => [...value].slice(0, 60).join(''));
const part = fc.oneof(some, fc.constantFrom('C', 'hr', 'DE', 'straß', 'Β', "'", '2026'));
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, 2.5, -1, 1e21, 2 ** 53, 2 ** 60, 2 ** 63, 0.1, 0.1 + 0.2, 5e-324),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.oneof(text, number, fc.boolean());
const when = fc
  .integer({ min: -60, max: 5 })
  .chain((day) => fc.constantFrom(0, 1, -1).map((off) => NOW + day * DAY + off));
const days = fc.constantFrom(1, 7, 30, 365);

const leaf: fc.Arbitrary<ConditionLeaf> = fc.oneof(
  fc.record({ tag: fc.constantFrom(...tags, 'nobody has it') }),
  fc
    .constantFrom(...fields)
    .chain(
      (field): fc.Arbitrary<ConditionLeaf> =>
        fc.oneof(
          fc.record({ field: fc.constant(field), is: fc.array(text, { minLength: 1, maxLength: 4 }) }),
          fc.record({ field: fc.constant(field), contains: part }),
          fc.record({ field: fc.constant(field), startsWith: part }),
          fc.record({ field: fc.constant(field), known: fc.boolean() }),
        ),
    ),
  fc
    .constantFrom('firstSeen' as const, 'lastSeen' as const)
    .chain(
      (time): fc.Arbitrary<ConditionLeaf> =>
        fc.oneof(
          fc.record({ time: fc.constant(time), within: fc.record({ days }) }),
          fc.record({ time: fc.constant(time), before: when.map(iso) }),
          fc.record({ time: fc.constant(time), after: when.map(iso) }),
        ),
    ),
  fc.constantFrom(...names, 'nobody has it').chain((attribute): fc.Arbitrary<ConditionLeaf> => {
    const about = { attribute: fc.constant(attribute) };
    return fc.oneof(
      fc.record({ ...about, is: fc.array(value, { minLength: 1, maxLength: 4 }) }),
      fc.record({ ...about, contains: part }),
      fc.record({ ...about, startsWith: part }),
      fc.record({ ...about, above: number }),
      fc.record({ ...about, below: number }),
      fc.record({ ...about, atLeast: number }),
      fc.record({ ...about, atMost: number }),
      fc.record({ ...about, within: fc.record({ days }) }),
      fc.record({ ...about, before: when.map(iso) }),
      fc.record({ ...about, after: when.map(iso) }),
      fc.record({ ...about, known: fc.boolean() }),
    );
  }),
  fc.record({
    did: fc.constantFrom(...deeds),
    campaigns: fc.oneof(
      fc.record({ last: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ within: fc.record({ days }) }),
      fc.record({ campaign: fc.constantFrom(...campaignIds) }),
    ),
  }),
  fc.record({
    sample: fc.integer({ min: 0, max: 10_000 }).map((parts) => parts / 100),
    seed: fc.constantFrom('a', 'b', 'x'),
  }),
);

/** Random trees, at most a few levels deep. */
export const condition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => {
  const members = fc.array(tie('tree'), { maxLength: 4 });
  return {
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 2, arbitrary: fc.record({ all: members }) },
      { weight: 2, arbitrary: fc.record({ any: members }) },
      { weight: 2, arbitrary: fc.record({ none: members }) },
    ),
  };
}).tree;

/** Random people; their ids are given when they are stored. */
export const person: fc.Arbitrary<Omit<Person, 'id'>> = fc.record({
  fields: fc.record({
    ...(Object.fromEntries(fields.map((field) => [field, fc.option(text)])) as Record<
      (typeof fields)[number],
      fc.Arbitrary<string | null>
    >),
    pushService: text,
  }),
  tags: fc.uniqueArray(fc.constantFrom(...tags), { maxLength: 3 }),
  attributes: fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(text, { maxLength: 3 })), {
    maxKeys: 5,
  }),
  firstSeen: when,
  lastSeen: when,
  deliveries: fc.uniqueArray(
    fc.record({
      campaign: fc.constantFrom(...campaignIds.slice(0, 6)),
      accepted: fc.boolean(),
      shown: fc.boolean(),
      clicked: fc.boolean(),
      closed: fc.boolean(),
    }),
    { selector: ({ campaign }) => campaign, maxLength: 6 },
  ),
});

function iso(at: number): string {
  return new Date(at).toISOString();
}
