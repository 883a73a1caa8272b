import { expect, test } from 'vitest';
import { networkOf, visitorOf } from '../../main/http/connections.ts';
import { RatePerMinute } from '../../main/http/rates.ts';

test('a rate counts each name alone, and says how long to wait', () => {
  const rate = new RatePerMinute(2);
  expect([rate.take('a', 0), rate.take('a', 10), rate.take('a', 1000), rate.take('b', 1000)]).toEqual([
    null,
    null,
    59,
    null,
  ]);
  expect(rate.take('a', 59_999)).toBe(1);
  expect(rate.take('a', 60_000)).toBe(null);
  // a clock that was set back does not lock anybody out
  expect(rate.take('a', 60_001)).toBe(null);
  expect(rate.take('a', 60_002)).toBe(60);
  expect(rate.take('a', -3_600_000)).toBe(null);
});

test('names beyond those that are kept begin anew, the oldest first', () => {
  const rate = new RatePerMinute(1, 2);
  expect([rate.take('a', 0), rate.take('b', 1), rate.take('a', 2)]).toEqual([null, null, 60]);
  expect(rate.take('c', 3)).toBe(null); // in the place of a
  expect([rate.take('b', 4), rate.take('a', 5)]).toEqual([60, null]);
  // one whose minute is over stands last again
  const again = new RatePerMinute(1, 2);
  for (const [name, now] of [
    ['a', 0],
    ['b', 1],
    ['a', 60_000],
    ['c', 60_001],
  ] as const)
    again.take(name, now);
  expect(again.take('a', 60_002)).toBe(60);
  expect(new RatePerMinute(0).take('a', 0)).toBe(60);
});

test('addresses of one household are one', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:DB8:0:0:ffff::2'));
  expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8::1'));
  expect(networkOf('::1')).toBe('0:0:0:0');
  expect(visitorOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(visitorOf('fe80::1%eth0')).toBe('fe80:0:0:0');
  // of a connection that is gone, and what a proxy may write
  for (const odd of [undefined, '', 'unknown', '1.2.3.4:80', '[::1]'])
    expect(visitorOf(odd)).toBeTypeOf('string');
  expect(networkOf('1:2:3:4:5:6:7:8')).toBe('1:2:3:4');
});
