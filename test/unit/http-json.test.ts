import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../../main/core/refusal.ts';
import { checkedJson, parseJson } from '../../main/http/json.ts';

const bytes = (text: string) => Buffer.from(text);

test('reads whatever JSON holds, strings full of brackets and escapes among it', () => {
  const value = fc.jsonValue({ maxDepth: 6 }).filter((one) => !JSON.stringify(one).includes('__proto__'));
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), (given, indent) => {
      const text = JSON.stringify(given, null, indent);
      expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
    }),
  );
  const tricky = { '"]}[{': '\\"[[[[{{{{'.repeat(100), constructor: 'a word', '\u005f': '\\u005f' };
  expect(parseJson(bytes(JSON.stringify(tricky)))).toEqual(tricky);
});

test('refuses what is not JSON, and never breaks on it', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json().map((text) => text.slice(0, -1)),
    fc.constantFrom('', ' ', '{]', 'NaN'),
  );
  fc.assert(
    fc.property(anything, (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (!valid) expect(() => parseJson(bytes(text))).toThrow(Refusal);
    }),
  );
  expect(() => parseJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toThrow('UTF-8');
});

test.each([
  ['[', ']'],
  ['{"a":', '}'],
  ['{"a\\\\":[', ']}'],
])('takes %s thirty-two deep at most', (before, after) => {
  const levels = before.match(/[[{]/g)?.length ?? 1;
  const nested = (count: number) => bytes(`${before.repeat(count)}1${after.repeat(count)}`);
  expect(() => parseJson(nested(32 / levels))).not.toThrow();
  expect(() => parseJson(nested(32 / levels + 1))).toThrow('32 deep');
  expect(() => parseJson(nested(100_000))).toThrow('32 deep');
});

test.each([
  '{"__proto__": {"admin": true}}',
  '{"a": [{"__proto__": null}]}',
  '{"\\u005f\\u005fproto__": 1}',
  '{"constructor": {"prototype": {"admin": true}}}',
  '{"c\\u006fnstructor": {"prot\\u006ftype": 1}}',
])('refuses names that reach for a prototype: %s', (text) => {
  expect(() => parseJson(bytes(text))).toThrow('a name that is not allowed');
});

test('hands on the bytes as they came, or none at all', () => {
  expect(checkedJson(bytes(' {"a":1} ')).toString()).toBe(' {"a":1} ');
  expect(checkedJson(Buffer.alloc(0))).toHaveLength(0);
  expect(() => checkedJson(bytes(' '))).toThrow(Refusal);
});
