import { fault, jsonOf, rejected, retry, type ServicePolicy } from './policy.ts';
import { retryAfterOf } from './retry-after.ts';

/** Mozilla's autopush: Firefox. Its errors carry a number of their own, `errno`, in a JSON body. */
export const mozilla: ServicePolicy = {
  name: 'mozilla',
  hosts: ['updates.push.services.mozilla.com'],
  ttl: { min: 0, max: 2_592_000 },
  judge(answer, now) {
    const { errno, message } = jsonOf(answer);
    if (answer.status === 401 && errno === 109) {
      // 109 is “not authorised” in general; only the message tells a token that fails everywhere from the wrong key
      const text = typeof message === 'string' ? message : '';
      const token = /expir|audience|token|claim|missing|signature/i.test(text) && !/mismatch/i.test(text);
      return token ? fault('bad-token') : rejected('key-mismatch');
    }
    if (answer.status === 400 && errno === 111) return fault('missing-ttl');
    if (answer.status === 503 && errno === 201)
      return retry('back-off', retryAfterOf(answer, now), 'service');
    if (answer.status === 503 && errno === 202) return retry('try-again', 0);
    return null;
  },
  advice: {
    'key-mismatch':
      'Mozilla says that this subscription was made with another VAPID key than the one it was sent with. The ' +
      'subscriber is kept. They are back when they open your site again and the page subscribes them with the ' +
      'present key.',
    'missing-ttl':
      'Mozilla found no TTL in the request, although Belfry always sends one. A proxy between here and Mozilla ' +
      'probably removes headers: check it, then resume.',
    'too-large':
      'Mozilla refused the message as too large. For Firefox on Android it takes less than others: keep the ' +
      'message below 2.5 KB.',
  },
};
