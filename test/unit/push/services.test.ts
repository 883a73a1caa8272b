import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adviceOn } from '../../../main/push/services/advice.ts';
import { clampTtl, judge, policyOf, services } from '../../../main/push/services/registry.ts';
import { retryAfterOf } from '../../../main/push/services/retry-after.ts';

const now = Date.UTC(2030, 5, 1, 12, 0, 0);
const answer = (status: number, headers: Record<string, string | string[]> = {}, body = '') => ({
  status,
  headers,
  body,
});

describe('Retry-After', () => {
  const wait = (value: string | string[], more: Record<string, string> = {}) =>
    retryAfterOf(answer(429, { 'retry-after': value, ...more }), now);

  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 30 ', 30_000],
    ['1.5', 1500],
    ['99999999999', 24 * 3600_000],
    ['Sat, 01 Jun 2030 12:01:00 GMT', 60_000],
    ['Saturday, 01-Jun-30 12:01:00 GMT', 60_000],
    ['Sat Jun  1 12:01:00 2030', 60_000],
    ['Sat, 01 Jun 2030 11:00:00 GMT', 0],
    ['Mon, 01 Jan 2035 00:00:00 GMT', 24 * 3600_000],
    ['', null],
    ['-5', null],
    ['soon', null],
    ['in 5 minutes', null],
    ['Foo, 99 Bar 2030 99:99:99 GMT', null],
    ['1e3', null],
  ])('%j is %j ms', (value, expected) => expect(wait(value)).toBe(expected));

  test('counts a date from the answer’s own clock', () => {
    const until = 'Sat, 01 Jun 2030 18:00:30 GMT';
    expect(wait(until, { date: 'Sat, 01 Jun 2030 18:00:00 GMT' })).toBe(30_000);
  });

  test('takes the first of several, and no answer makes it fail', () => {
    expect(wait(['7', '9'])).toBe(7000);
    expect(retryAfterOf(answer(429), now)).toBeNull();
    fc.assert(
      fc.property(fc.string(), (value) => {
        const got = wait(value);
        expect(got === null || (got >= 0 && got <= 24 * 3600_000)).toBe(true);
      }),
    );
  });
});

describe('any push service', () => {
  test.each([
    [200, 'accepted'],
    [201, 'accepted'],
    [202, 'accepted'],
    [204, 'accepted'],
    [302, 'retry'],
    [400, 'fault'],
    [401, 'fault'],
    [403, 'fault'],
    [404, 'gone'],
    [405, 'rejected'],
    [408, 'retry'],
    [410, 'gone'],
    [413, 'rejected'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [599, 'retry'],
  ])('means by %i: %s', (status, outcome) => {
    for (const name of ['fcm', 'mozilla', 'wns', 'apple', 'push.example.org'])
      expect(judge(policyOf(name), answer(status), now).outcome).toBe(outcome);
  });

  test('nothing that it says makes judging fail, and only 404 and 410 end a subscription', () => {
    const name = fc.constantFrom('fcm', 'mozilla', 'wns', 'apple', 'push.example.org');
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('null', '{"reason":"__proto__"}', '[1]', '{'),
    );
    fc.assert(
      fc.property(name, fc.integer({ min: 200, max: 999 }), body, (service, status, text) => {
        const { outcome, reason } = judge(policyOf(service), answer(status, {}, text), now);
        expect(outcome === 'gone').toBe(status === 404 || status === 410);
        expect(outcome === 'accepted').toBe(status < 300);
        expect(reason).toMatch(/^[a-z-]+$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('TTL', () => {
  test.each([
    ['fcm', [0, 2_419_200]],
    ['mozilla', [0, 2_592_000]],
    ['wns', [1, 2_419_200]],
    ['apple', [0, 2_592_000]],
    ['push.example.org', [0, 2_419_200]],
  ])('is clamped for %s', (name, range) => {
    const service = policyOf(name);
    expect([-1, 0, 60.9, 1e9].map((seconds) => clampTtl(service, seconds))).toEqual([
      range[0],
      range[0],
      60,
      range[1],
    ]);
  });
});

describe('advice', () => {
  test('is a sentence or more for everything that can go wrong, and nothing for what went well', () => {
    const faults = ['bad-request', 'unauthorized', 'forbidden', 'bad-token', 'missing-ttl', 'key-mismatch'];
    const waits = ['too-many-requests', 'back-off', 'try-again', 'held-back', 'service-error', 'timed-out'];
    for (const reason of [...faults, ...waits])
      expect(adviceOn(reason, 'mozilla'), reason).toMatch(/^[A-Z].{20,}\.$/);
    expect(adviceOn('accepted', 'fcm')).toBeNull();
    expect(adviceOn('constructor', 'fcm')).toBeNull();
    expect(adviceOn('too-many-requests', 'fcm')).toContain('1000');
    expect(adviceOn('too-many-requests', 'wns')).toContain('Microsoft');
  });

  test('every built-in service has a name and hosts of its own', () => {
    const all = services.flatMap(({ hosts }) => hosts);
    expect(new Set(all).size).toBe(all.length);
    expect(services.map(({ name }) => name)).toEqual(['fcm', 'mozilla', 'wns', 'apple']);
  });
});
