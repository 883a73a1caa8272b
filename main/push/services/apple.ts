import { fault, jsonOf, rejected, retry, type ServicePolicy, type Verdict } from './policy.ts';
import { retryAfterOf } from './retry-after.ts';

const reasons: Record<string, Verdict> = {
  VapidPkHashMismatch: rejected('key-mismatch'),
  BadJwtToken: fault('bad-token'),
  ExpiredJwtToken: fault('bad-token'),
  BadAuthorizationHeader: fault('bad-token'),
  BadDeviceToken: rejected('bad-subscription'),
  BadWebPushTopic: rejected('bad-topic'),
  PayloadTooLarge: rejected('too-large'),
};

/** Apple's: Safari. It says why in `reason` of a JSON body. */
export const apple: ServicePolicy = {
  name: 'apple',
  hosts: ['*.push.apple.com'],
  ttl: { min: 0, max: 2_592_000 },
  judge(answer, now) {
    // the limit is one of the device alone: others may be sent to
    if (answer.status === 429) return retry('too-many-requests', retryAfterOf(answer, now), 'device');
    if (![400, 401, 403, 413].includes(answer.status)) return null;
    const { reason } = jsonOf(answer);
    return (typeof reason === 'string' && Object.hasOwn(reasons, reason) && reasons[reason]) || null;
  },
  advice: {
    'bad-token':
      'Apple refused the contact or the signature of this site. It wants a contact that looks real, such as ' +
      'mailto:you@your-domain (not localhost, and no space in it), and a clock here that is right. Correct what is ' +
      'wrong, then resume.',
    'key-mismatch':
      'Apple says that this subscription was made with another VAPID key than the one it was sent with. The ' +
      'subscriber is kept. They are back when they open your site again and the page subscribes them with the ' +
      'present key.',
    'too-many-requests':
      'Apple asked to send less to this device. Belfry tries again later; nobody else is affected.',
  },
};
