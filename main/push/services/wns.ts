import { headerOf, retry, type ServicePolicy } from './policy.ts';
import { retryAfterOf } from './retry-after.ts';

/** Microsoft's: Edge on Windows. It says why in X-WNS-* headers, with an empty body. */
export const wns: ServicePolicy = {
  name: 'wns',
  hosts: ['*.notify.windows.com'],
  // TTL 0 is answered with 400 “Ttl value conflicts with X-WNS-Cache-Policy”
  ttl: { min: 1, max: 2_419_200 },
  judge(answer, now) {
    const status = ['x-wns-status', 'x-wns-notificationstatus']
      .map((name) => headerOf(answer, name) ?? '')
      .join(' ');
    if (answer.status === 406 || (answer.status >= 400 && /throttled/i.test(status)))
      return retry('too-many-requests', retryAfterOf(answer, now), 'service');
    return null;
  },
  advice: {
    'too-many-requests':
      'Microsoft asked to slow down, often for 15 minutes. Belfry waits as long as it was told and goes on with ' +
      'the other push services.',
  },
};
