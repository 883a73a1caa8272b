import { expect, test } from 'vitest';
import { canonicalTimeZone, deviceOf, remembering } from '../../main/core/subscribers/derived.ts';

test('what is remembered is what would be worked out, also for what is nothing', () => {
  const zone = remembering(canonicalTimeZone, 2);
  const device = remembering(deviceOf, 2);
  for (const text of ['Europe/London', 'nowhere', '', 'Asia/Tokyo', 'nowhere', 'Europe/London'])
    expect(zone(text)).toBe(canonicalTimeZone(text));
  for (const text of ['', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'x'])
    expect(device(text)).toEqual(deviceOf(text));
});

test('only so much is kept, and nothing that is long', () => {
  let worked = 0;
  const count = remembering((text) => {
    worked += 1;
    return text.length;
  }, 2);
  const ask = (...texts: string[]) => {
    const before = worked;
    for (const text of texts) count(text);
    return worked - before;
  };
  expect(ask('a', 'a', 'b', 'a')).toBe(2);
  expect(ask('c', 'b', 'c')).toBe(1);
  expect(ask('a')).toBe(1);
  expect(ask('x'.repeat(501), 'x'.repeat(501))).toBe(2);
});
