import type { PushResult } from '../ports/push.ts';
import type { Claimed, Settlement } from '../ports/storage.ts';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30 * 60 * 1000;
/** A rate limit is no failure: only the message's time to live ends the waiting for it. */
const MOST_ATTEMPTS = 12;

/**
 * What becomes of a delivery after an answer (RFC 8030, and the table of the push services).
 * @param ttl of the message, in seconds: later than that after the first attempt nobody wants it any more
 * @param fraction random, 0 ≤ fraction < 1: spreads the retries of many deliveries
 */
export function settlementOf(
  result: PushResult,
  delivery: Claimed,
  ttl: number,
  now: number,
  fraction: number,
): Settlement {
  const settled = {
    campaign: result.ref.campaign,
    subscriber: result.ref.subscriber,
    endpoint: delivery.endpoint,
    status: result.status,
    reason: result.reason,
    dueAt: null,
    unsent: result.reason === 'held-back',
    duration: result.duration,
    bytes: result.bytes,
    at: now,
  };
  switch (result.outcome) {
    case 'accepted':
      return { ...settled, state: 'accepted' };
    case 'gone':
      return { ...settled, state: 'expired' };
    case 'rejected':
    case 'fault':
      return { ...settled, state: 'rejected' };
    case 'retry': {
      const limited = result.retryAfter !== null;
      const wait = result.retryAfter ?? backoff(delivery.attempts, fraction);
      const dueAt = now + wait;
      const usedUp =
        dueAt > delivery.firstAttemptAt + ttl * 1000 || (!limited && delivery.attempts >= MOST_ATTEMPTS);
      return usedUp ? { ...settled, state: 'failed' } : { ...settled, state: 'pending', dueAt };
    }
  }
}

/** Exponential with full jitter over its upper half, in milliseconds. */
export function backoff(attempts: number, fraction: number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, attempts - 1));
  return Math.round(longest * (0.5 + fraction / 2));
}
