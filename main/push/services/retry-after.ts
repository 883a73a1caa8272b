import { type Answer, headerOf } from './policy.ts';

const longest = 24 * 3600 * 1000;

/**
 * How long an answer asks to wait (RFC 9110, 10.2.3), in milliseconds from now; null when it does not say so in
 * either form. A date counts from the answer's own `Date`, so that a clock that is off here does no harm. At most a
 * day.
 * @param now milliseconds since the epoch
 */
export function retryAfterOf(answer: Answer, now: number): number | null {
  const value = headerOf(answer, 'retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Number(value) * 1000, longest);
  const until = parseDate(value);
  if (until === null) return null;
  const answered = dateOf(answer) ?? now;
  return Math.min(Math.max(until - answered, 0), longest);
}

/** The push service's own time, in milliseconds; null when its answer does not tell. */
export const dateOf = (answer: Answer): number | null => parseDate(headerOf(answer, 'date')?.trim() ?? '');

/** The three forms of an HTTP date (RFC 9110, 5.6.7), all of them in UTC. */
function parseDate(value: string): number | null {
  if (!/^[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d/.test(value)) return null; // Date.parse takes nearly anything
  const time = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(time) ? null : time;
}
