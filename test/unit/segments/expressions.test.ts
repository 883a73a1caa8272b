import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_LEAVES } from '../../../main/contract/expression-tree.ts';
import { expressionWords, type Names } from '../../../main/contract/expression-words.ts';
import { Expression } from '../../../main/contract/expressions.ts';

const names: Names = {
  segment: (id) => (id === 'seg_a' ? 'Regulars' : null),
  campaign: (id) => (id === 'cmp_a' ? 'Spring' : null),
  language: (code) => ({ de: 'German' })[code] ?? code,
  country: (code) => ({ AT: 'Austria' })[code] ?? code,
  pushService: (id) => id,
  date: (time) => time.slice(0, 10),
};

/** What is said against an input: where, and why. */
function objections(input: unknown): string[] {
  const result = Expression.safeParse(input);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
}
function deep(levels: number): unknown {
  let tree: unknown = { tag: 'x' };
  for (let level = 0; level < levels; level++) tree = { all: [tree] };
  return tree;
}

describe('an expression', () => {
  test.each([
    [{ all: [] }],
    [{ tag: 'news' }],
    [{ any: [{ field: 'language', is: ['de'] }, { none: [{ attribute: 'plan', is: ['pro', 3, true] }] }] }],
    [{ time: 'lastSeen', after: '2026-05-01T10:00:00+02:00' }],
    [{ did: 'clicked', campaigns: { last: 5 } }],
    [{ attribute: '__proto__', known: true }],
    [{ sample: 12.34, seed: 'spring' }],
    [deep(MAX_DEPTH)],
    [{ all: Array.from({ length: MAX_LEAVES }, () => ({ tag: 'x' })) }],
  ])('is taken as it is: %j', (input) => {
    expect(Expression.parse(input)).toEqual(input);
  });

  test.each([
    [null, '/: Give one of {"all"'],
    [[], '/: Give one of {"all"'],
    [{}, '/: Give one of {"all"'],
    [{ tags: 'x' }, '/: Give one of {"all"'],
    [{ all: [{ tag: 'x' }, {}] }, '/all/1: Give one of'],
    [{ all: 'x' }, '/all: Give a list of expressions'],
    [{ all: [], any: [] }, '/any: There is no field of this name here'],
    [{ tag: 'x', is: 'y' }, '/is: There is no field of this name here'],
    [{ tag: '' }, '/tag: '],
    [{ tag: 'a\0b' }, '/tag: Give well-formed text without NUL'],
    [{ field: 'browser', contains: '\ud800' }, '/contains: Give well-formed text without NUL'],
    [{ field: 'endpoint', is: ['x'] }, '/field: '],
    [{ field: 'browser' }, '/'],
    [{ field: 'browser', is: [] }, '/is: '],
    [{ field: 'browser', is: ['x'], contains: 'y' }, '/contains: There is no field of this name here'],
    [{ any: [{ time: 'lastSeen', before: 'yesterday' }] }, '/any/0/before: '],
    [{ time: 'lastSeen', within: { days: 0 } }, '/within/days: '],
    [{ attribute: 'plan', above: 'x' }, '/above: '],
    [{ attribute: 'plan', above: Number.POSITIVE_INFINITY }, '/above: '],
    [{ did: 'delivered', campaigns: { last: 1 } }, '/did: '],
    [{ did: 'clicked', campaigns: { last: 51 } }, '/campaigns/last: '],
    [{ sample: 101, seed: 'x' }, '/sample: '],
    [deep(MAX_DEPTH + 1), `Expressions lie at most ${MAX_DEPTH} deep`],
    [
      { all: Array.from({ length: 3 }, () => ({ any: Array.from({ length: 40 }, () => ({ tag: 'x' })) })) },
      'at most 100 conditions',
    ],
  ])('is refused where it is wrong: %o', (input, said) => {
    const found = objections(input);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toContain(said);
  });
});

test('however deep an expression lies, it is only refused', () => {
  expect(objections(deep(20_000)).join()).toContain(`Expressions lie at most ${MAX_DEPTH} deep`);
});

describe('in words', () => {
  test.each<[Expression, string]>([
    [{ all: [] }, 'Everyone.'],
    [{ none: [] }, 'Everyone.'],
    [{ any: [] }, 'Nobody.'],
    [
      { all: [{ field: 'browser', is: ['Chrome'] }, { none: [{ tag: 'news' }] }] },
      'People who use Chrome and do not have the tag “news”.',
    ],
    [
      {
        any: [
          {
            all: [
              { field: 'language', is: ['de'] },
              { field: 'country', is: ['AT'] },
            ],
          },
          { segment: 'seg_a' },
          { did: 'clicked', campaigns: { last: 5 } },
        ],
      },
      'People who (read German and are in Austria), are in the segment “Regulars” or clicked any of the last 5 campaigns.',
    ],
    [
      {
        none: [
          { did: 'accepted', campaigns: { within: { days: 7 } } },
          { time: 'lastSeen', within: { days: 90 } },
        ],
      },
      'People who were not sent any campaign of the last 7 days and were not seen in the last 90 days.',
    ],
    [
      { none: [{ all: [{ tag: 'a' }, { tag: 'b' }] }] },
      'People who do not have the tag “a” or do not have the tag “b”.',
    ],
    [{ attribute: 'visits', atLeast: 3 }, 'People who have visits of at least 3.'],
    [{ none: [{ segment: 'seg_gone' }] }, 'People who are not in a segment that does not exist.'],
    [{ time: 'firstSeen', before: '2026-05-01T00:00:00Z' }, 'People who subscribed before 2026-05-01.'],
    [{ did: 'accepted', campaigns: { id: 'cmp_a' } }, 'People who were sent the campaign “Spring”.'],
  ])('%j', (expression, sentence) => {
    expect(expressionWords(expression, names)).toBe(sentence);
  });
});
