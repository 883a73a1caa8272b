import type { PushResult } from '../ports/push.ts';
import type { Claimed, Settlement } from '../ports/storage.ts';
import type { FaultVerdict } from './faults.ts';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30 * 60 * 1000;
/** A rate limit is no failure: only the message's time to live ends the waiting for it. */
const MOST_ATTEMPTS = 12;

/** Attempts without an answer that cannot have reached the push service; any other may have been accepted there. */
const NEVER_ARRIVED = new Set([
  'held-back',
  'connection-refused',
  'host-not-found',
  'network-unreachable',
  'certificate-not-trusted',
  'proxy-refused',
]);

export interface SettlingNow {
  /** Of the message, in seconds: later than that after the first attempt nobody wants it any more. */
  ttl: number;
  now: number;
  /** Random, 0 ≤ fraction < 1: spreads the retries of many deliveries. */
  fraction: number;
  /** How a fault of ours is taken. */
  fault: FaultVerdict | null;
}

/**
 * What becomes of a delivery after an answer (RFC 8030, and the table of the push services). A fault of ours leaves
 * it pending: nothing is wrong with it, and it is sent again once the hold on its service is lifted.
 */
export function settlementOf(
  result: PushResult,
  delivery: Claimed,
  { ttl, now, fraction, fault }: SettlingNow,
): Settlement {
  const settled = {
    campaign: result.ref.campaign,
    subscriber: result.ref.subscriber,
    endpoint: delivery.endpoint,
    pushService: delivery.pushService,
    status: result.status,
    reason: result.reason,
    dueAt: null,
    unsent: result.reason === 'held-back',
    doubtful: result.outcome === 'retry' && result.status === null && !NEVER_ARRIVED.has(result.reason),
    startOver: false,
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
      if (fault === 'odd' || fault === null) return { ...settled, state: 'rejected' };
      if (fault === 'systematic') return { ...settled, state: 'pending', dueAt: now, startOver: true };
      return { ...settled, state: 'pending', dueAt: now + backoff(delivery.attempts, fraction) };
    case 'retry': {
      const limited = result.retryAfter !== null || result.pause !== null;
      const wait = result.retryAfter ?? backoff(delivery.attempts, fraction);
      const dueAt = now + wait;
      const usedUp =
        dueAt > delivery.firstAttemptAt + ttl * 1000 || (!limited && delivery.attempts >= MOST_ATTEMPTS);
      return usedUp ? { ...settled, state: 'failed' } : { ...settled, state: 'pending', dueAt };
    }
  }
}

/**
 * A delivery that waited for another try until nobody wants it any more: no push service is asked again.
 * @param ttl in seconds
 */
export function tooLate(delivery: Claimed, ttl: number, now: number): Settlement | null {
  if (delivery.attempts === 1 || now <= delivery.firstAttemptAt + ttl * 1000) return null;
  return {
    ...delivery.ref,
    endpoint: delivery.endpoint,
    pushService: delivery.pushService,
    state: 'failed',
    status: null,
    reason: 'too-late',
    dueAt: null,
    unsent: true,
    doubtful: false,
    startOver: false,
    duration: 0,
    bytes: 0,
    at: now,
  };
}

/** Exponential with full jitter over its upper half, in milliseconds. */
export function backoff(attempts: number, fraction: number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, attempts - 1));
  return Math.round(longest * (0.5 + fraction / 2));
}
