import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultWatch } from '../../main/core/campaigns/faults.ts';
import { backoff, settlementOf, tooLate } from '../../main/core/campaigns/retries.ts';
import type { Outcome, PushResult } from '../../main/core/ports/push.ts';
import type { Claimed } from '../../main/core/ports/storage.ts';

const now = 1_800_000_000_000;
const result = (outcome: Outcome, more: Partial<PushResult> = {}): PushResult => ({
  ref: { campaign: 1, subscriber: 2 },
  pushService: 'fcm',
  outcome,
  status: 500,
  reason: 'why',
  retryAfter: null,
  pause: null,
  duration: 1,
  bytes: 1,
  ...more,
});
const delivery = (attempts: number, firstAttemptAt = now): Claimed => ({
  ref: { campaign: 1, subscriber: 2 },
  endpoint: 'https://push.example/x',
  pushService: 'fcm',
  p256dh: new Uint8Array(65),
  auth: new Uint8Array(16),
  vapidKey: 1,
  attempts,
  firstAttemptAt,
});
const at = { ttl: 86_400, now, fraction: 0, fault: null };

describe('what becomes of a delivery', () => {
  test('each retry comes later than now and within the time to live, or the delivery failed', () => {
    const attempts = fc.integer({ min: 1, max: 40 });
    const ttl = fc.integer({ min: 0, max: 2_592_000 });
    const elapsed = fc.integer({ min: 0, max: 3_000_000 });
    const retryAfter = fc.option(fc.integer({ min: 0, max: 86_400_000 }));
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(attempts, ttl, elapsed, retryAfter, fraction, (tries, seconds, ago, wait, random) => {
        const claimed = delivery(tries, now - ago);
        const around = { ttl: seconds, now, fraction: random, fault: null };
        const { state, dueAt } = settlementOf(result('retry', { retryAfter: wait }), claimed, around);
        expect(['pending', 'failed']).toContain(state);
        if (state === 'failed') {
          expect(dueAt).toBeNull();
          return;
        }
        expect(dueAt).toBeGreaterThanOrEqual(now);
        expect(dueAt).toBeLessThanOrEqual(claimed.firstAttemptAt + seconds * 1000);
      }),
    );
  });

  test('faults of the push service are tried again a bounded number of times', () => {
    expect(settlementOf(result('retry'), delivery(11), at).state).toBe('pending');
    expect(settlementOf(result('retry'), delivery(12), at).state).toBe('failed');
  });

  test('a rate limit is no failure, however often it is met, with or without Retry-After', () => {
    for (const more of [{ retryAfter: 1000 }, { pause: 'service' }, { pause: 'device' }] as const)
      expect(settlementOf(result('retry', more), delivery(50), at).state).toBe('pending');
  });

  test('a systematic fault leaves the delivery pending, with its whole time to live', () => {
    const refused = result('fault', { status: 403 });
    const settled = settlementOf(refused, delivery(50), { ...at, ttl: 0, fault: 'systematic' });
    expect(settled).toMatchObject({ state: 'pending', dueAt: now, startOver: true, status: 403 });
    expect(settlementOf(refused, delivery(1), { ...at, fault: 'unsure' })).toMatchObject({
      state: 'pending',
    });
    expect(settlementOf(refused, delivery(3), { ...at, fault: 'odd' })).toMatchObject({ state: 'rejected' });
  });

  test('one odd subscription does not stop a service that takes the others; a refusal of all does', () => {
    const busy = new FaultWatch();
    for (let i = 0; i < 40; i++) {
      busy.note(result('accepted'), 1);
      expect(busy.note(result('fault'), 1)).toBe('unsure');
    }
    expect(busy.note(result('fault'), 3)).toBe('odd');
    const refusing = new FaultWatch();
    const verdicts = Array.from({ length: 5 }, () => refusing.note(result('fault'), 1));
    expect(verdicts).toEqual(['unsure', 'unsure', 'unsure', 'unsure', 'systematic']);
    expect(new FaultWatch().note(result('fault'), 3)).toBe('systematic');
  });

  test('another key: one is odd, all of them are our fault, and the first few are tried again', () => {
    const other = result('rejected', { status: 403, reason: 'key-mismatch' });
    const busy = new FaultWatch();
    busy.note(result('accepted'), 1);
    expect(busy.note(other, 1)).toBe('odd');
    const alone = new FaultWatch();
    expect([1, 2, 3].map((attempt) => alone.note(other, attempt))).toEqual(['unsure', 'unsure', 'odd']);
    const all = new FaultWatch();
    expect(Array.from({ length: 5 }, () => all.note(other, 1)).at(-1)).toBe('systematic');
    expect(all.note(result('rejected', { status: 413, reason: 'too-large' }), 1)).toBeNull();
    for (const [fault, state] of [
      ['odd', 'rejected'],
      ['unsure', 'pending'],
      ['systematic', 'pending'],
    ] as const)
      expect(settlementOf(other, delivery(1), { ...at, fault })).toMatchObject({ state });
  });

  test('the waits grow, are spread, and stay below half an hour', () => {
    for (let attempts = 1; attempts < 30; attempts++) {
      const [least, most] = [backoff(attempts, 0), backoff(attempts, 0.999)];
      expect(least).toBeLessThan(most);
      expect(most).toBeLessThanOrEqual(30 * 60 * 1000);
      expect(least).toBeGreaterThanOrEqual(backoff(Math.max(1, attempts - 1), 0));
    }
    expect(backoff(1, 0)).toBe(500);
  });

  test('only what was tried before can come too late', () => {
    expect(tooLate(delivery(1, now - 10_000), 5, now)).toBeNull();
    expect(tooLate(delivery(2, now - 10_000), 10, now)).toBeNull();
    expect(tooLate(delivery(2, now - 10_000), 5, now)).toMatchObject({ state: 'failed', reason: 'too-late' });
  });
});
