import { type Answer, fault, rejected, retry, type Verdict } from './policy.ts';
import { retryAfterOf } from './retry-after.ts';

/** What an answer means at any push service (RFC 8030, and what is seen in the field). */
export function judgeCommonly(answer: Answer, now: number): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300)
    return { outcome: 'accepted', reason: 'accepted', retryAfter: null, pause: null };
  if (status >= 300 && status < 400) return retry('redirected');
  switch (status) {
    case 400:
      return fault('bad-request');
    case 401:
      return fault('unauthorized');
    case 403:
      return fault('forbidden');
    case 404:
    case 410:
      return { outcome: 'gone', reason: 'gone', retryAfter: null, pause: null };
    case 408:
      return retry('timed-out');
    case 413:
      return rejected('too-large');
    case 429:
      return retry('too-many-requests', retryAfterOf(answer, now), 'service');
  }
  if (status < 500) return rejected('refused');
  const wait = retryAfterOf(answer, now);
  const reason = status === 503 ? 'service-unavailable' : 'service-error';
  return retry(reason, wait, wait === null ? null : 'service');
}
