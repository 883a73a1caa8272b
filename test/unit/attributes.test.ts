import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AttributeChange, retypeKinds } from '../../main/contract/attributes.ts';
import { Attributes } from '../../main/contract/subscribers.ts';
import { applied, convert, formerOf, undone } from '../../main/core/attributes/apply.ts';

const value = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom('7', '2026-01-02', 'yes', 'a, b', '1700000000', ' -3.5 ', '0x10', ''),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 10 }), { maxLength: 4 }),
);
const name = fc.constantFrom('plan', 'level', 'visits');
const attributes = fc.dictionary(name, value);
const change: fc.Arbitrary<AttributeChange> = fc.oneof(
  fc.record({ do: fc.constant('rename' as const), name, to: fc.constant('new') }),
  fc
    .record({
      do: fc.constant('merge' as const),
      name,
      into: name,
      prefer: fc.option(name, { nil: undefined }),
    })
    .filter(({ name, into }) => name !== into),
  fc.record({ do: fc.constant('retype' as const), name, kind: fc.constantFrom(...retypeKinds) }),
  fc.record({ do: fc.constant('remove' as const), name }),
);

test('whatever is changed can be stored, and is as before when it is undone', () => {
  fc.assert(
    fc.property(
      attributes,
      change,
      fc.dictionary(fc.constantFrom('other', 'more'), value),
      (before, wanted, since) => {
        const after = applied(wanted, before);
        if (after === null) return;
        expect(Attributes.safeParse(after).success).toBe(true);
        // what came meanwhile and is not about it stays
        expect(undone(wanted, formerOf(wanted, before), { ...after, ...since })).toEqual({
          ...before,
          ...since,
        });
      },
    ),
    { numRuns: 2000 },
  );
});

test('what somebody was given since is not taken from them', () => {
  fc.assert(
    fc.property(attributes, change, value, (before, wanted, given) => {
      const after = applied(wanted, before);
      if (after === null) return;
      const now = { ...after, [wanted.name]: given };
      fc.pre(JSON.stringify(now[wanted.name]) !== JSON.stringify(after[wanted.name]));
      expect(undone(wanted, formerOf(wanted, before), now)).toBeNull();
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['7', 'number', 7],
  [' -3.5 ', 'number', -3.5],
  ['0x10', 'number', null],
  ['', 'number', null],
  ['many', 'number', null],
  [true, 'number', 1],
  [['7'], 'number', null],
  ['Yes', 'boolean', true],
  [0, 'boolean', false],
  ['perhaps', 'boolean', null],
  [7, 'text', '7'],
  [true, 'text', 'yes'],
  [['a', 'b'], 'text', 'a, b'],
  [['a, b'], 'text', null],
  ['2026-01-02', 'date', '2026-01-02'],
  ['2026-01-02 03:04:05', 'date', '2026-01-02T03:04:05.000Z'],
  [1_700_000_000, 'date', '2023-11-14T22:13:20.000Z'],
  ['02.01.2026', 'date', null],
  ['a, b,a', 'list', ['a', 'b']],
  ['', 'list', null],
  [true, 'list', null],
] as const)('%j as %s is %j', (from, kind, to) => {
  expect(convert(typeof from === 'object' ? [...from] : from, kind)).toEqual(to);
});
