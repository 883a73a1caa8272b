import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
const day = 86_400;

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
        const { state, dueAt } = settlementOf(
          result('retry', { retryAfter: wait }),
          claimed,
          seconds,
          now,
          random,
        );
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
    expect(settlementOf(result('retry'), delivery(11), day, now, 0).state).toBe('pending');
    expect(settlementOf(result('retry'), delivery(12), day, now, 0).state).toBe('failed');
  });

  test('a rate limit is no failure, however often it is met, with or without Retry-After', () => {
    for (const more of [{ retryAfter: 1000 }, { pause: 'service' }, { pause: 'device' }] as const)
      expect(settlementOf(result('retry', more), delivery(50), day, now, 0).state).toBe('pending');
  });

  test('a fault of ours leaves the delivery pending, with its whole time to live', () => {
    const settled = settlementOf(result('fault', { status: 403 }), delivery(50), 0, now, 0);
    expect(settled).toMatchObject({ state: 'pending', dueAt: now, startOver: true, status: 403 });
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
