import { describe, expect, test } from 'vitest';
import { Pace } from '../../../main/core/campaigns/pace.ts';
import { MAX_PAYLOAD_BYTES, payloadOf } from '../../../main/core/campaigns/payload.ts';
import { Hosts } from '../../../main/push/hosts.ts';
import { adviceOn } from '../../../main/push/services/advice.ts';
import { clampTtl, judge, policyOf } from '../../../main/push/services/registry.ts';
import { lintSubject } from '../../../main/push/subject.ts';

/**
 * What is known of the push services, row by row: what each answers and what Belfry makes of it. Answers on real
 * sockets are in integration/push-answers, what becomes of deliveries and people in integration/campaigns,
 * our-faults and races.
 */
const now = Date.UTC(2030, 5, 1);
const says = (
  service: string,
  status: number,
  body: string | object = '',
  headers: Record<string, string> = {},
) =>
  judge(
    policyOf(service),
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    now,
  );
const all = ['fcm', 'mozilla', 'wns', 'apple', 'push.example.org'];
const hosts = new Hosts([]);

const accepted = { outcome: 'accepted' };
const gone = { outcome: 'gone' };
const fault = { outcome: 'fault' };
const retry = { outcome: 'retry' };
const otherKey = { outcome: 'rejected', reason: 'key-mismatch' };
const slowDown = { outcome: 'retry', reason: 'too-many-requests', pause: 'service' };

type Row = [row: string, got: () => unknown, expected: unknown];
const everyOne = (status: number) => () => all.map((service) => says(service, status));
const five = (expected: object) => all.map(() => expect.objectContaining(expected));

const rows: Record<string, Row[]> = {
  'answers of any': [
    ['201: accepted', everyOne(201), five(accepted)],
    [
      'any 2xx: accepted',
      () => [200, 202, 204, 299].map((status) => says('fcm', status).outcome),
      Array(4).fill('accepted'),
    ],
    ['404: the subscription is gone', everyOne(404), five(gone)],
    ['410: the subscription is gone', everyOne(410), five(gone)],
    ['400: our fault', everyOne(400), five(fault)],
    ['401: our fault', everyOne(401), five(fault)],
    ['403: our fault', everyOne(403), five(fault)],
    ['413: too large, no retry', everyOne(413), five({ outcome: 'rejected', reason: 'too-large' })],
    [
      '429: slow down',
      () => ['fcm', 'mozilla', 'wns', 'push.example.org'].map((one) => says(one, 429).pause),
      Array(4).fill('service'),
    ],
    [
      '429 with Retry-After in seconds',
      () => says('fcm', 429, '', { 'retry-after': '90' }),
      expect.objectContaining({ ...slowDown, retryAfter: 90_000 }),
    ],
    [
      '429 with Retry-After as a date, by the service’s own clock',
      () =>
        says('fcm', 429, '', {
          'retry-after': new Date(now + 3_660_000).toUTCString(),
          date: new Date(now + 3_600_000).toUTCString(),
        }),
      expect.objectContaining({ ...slowDown, retryAfter: 60_000 }),
    ],
    [
      '5xx: passing',
      () => [500, 502, 503, 504].map((status) => says('fcm', status).outcome),
      Array(4).fill('retry'),
    ],
    ['a redirect is not followed', everyOne(307), five({ ...retry, reason: 'redirected' })],
  ],
  limits: [
    ['TTL of FCM: 2 419 200 s', () => clampTtl(policyOf('fcm'), 1e9), 2_419_200],
    ['TTL of Mozilla: 2 592 000 s', () => clampTtl(policyOf('mozilla'), 1e9), 2_592_000],
    ['plaintext: 3993 bytes (RFC 8291)', () => MAX_PAYLOAD_BYTES, 3993],
  ],
  FCM: [
    [
      '403 “do not correspond”: another key',
      () =>
        says(
          'fcm',
          403,
          'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.',
        ),
      expect.objectContaining(otherKey),
    ],
    [
      '429 of a site found disruptive: the limit is told',
      () => adviceOn('too-many-requests', 'fcm'),
      expect.stringContaining('1000 messages a minute'),
    ],
    [
      '502 after a burst: a retry, and less at a time',
      () => roomAfter502(),
      expect.objectContaining({ outcome: 'retry', halved: true }),
    ],
    ['what is under way is bounded', () => mostRoom(), 200],
    [
      'permanently-removed.invalid: refused when it is registered',
      () => hosts.recognise('https://permanently-removed.invalid/fcm/send/x'),
      { refused: expect.any(String) },
    ],
    [
      'fcm.googleapis.com and jmt17.google.com are FCM',
      () => ['fcm.googleapis.com', 'jmt17.google.com'].map((host) => hosts.recognise(`https://${host}/x`)),
      [{ pushService: 'fcm' }, { pushService: 'fcm' }],
    ],
  ],
  Mozilla: [
    [
      '401 errno 109: another key',
      () => says('mozilla', 401, { errno: 109, message: 'VAPID public key mismatch' }),
      expect.objectContaining(otherKey),
    ],
    [
      '401 errno 109 of a token: our fault',
      () => says('mozilla', 401, { errno: 109, message: 'Invalid VAPID token: expired' }),
      expect.objectContaining({ ...fault, reason: 'bad-token' }),
    ],
    [
      '400 errno 111: no TTL',
      () => says('mozilla', 400, { errno: 111 }),
      expect.objectContaining({ ...fault, reason: 'missing-ttl' }),
    ],
    [
      '503 errno 201: back off',
      () => says('mozilla', 503, { errno: 201 }),
      expect.objectContaining({ ...retry, pause: 'service', reason: 'back-off' }),
    ],
    [
      '503 errno 202: retry at once',
      () => says('mozilla', 503, { errno: 202 }),
      expect.objectContaining({ ...retry, pause: null, retryAfter: 0 }),
    ],
    [
      'Android takes less: below 2.5 KB',
      () => adviceOn('too-large', 'mozilla'),
      expect.stringContaining('2.5 KB'),
    ],
    [
      'updates.push.services.mozilla.com',
      () => hosts.recognise('https://updates.push.services.mozilla.com/wpush/v2/x'),
      { pushService: 'mozilla' },
    ],
  ],
  WNS: [
    ['TTL 0 would give 400: at least 1', () => clampTtl(policyOf('wns'), 0), 1],
    [
      '406 appthrottled with Retry-After 900',
      () => says('wns', 406, '', { 'retry-after': '900', 'x-wns-status': 'appthrottled' }),
      expect.objectContaining({ ...slowDown, retryAfter: 900_000 }),
    ],
    ['429, too', () => says('wns', 429), expect.objectContaining(slowDown)],
    [
      'X-WNS-NotificationStatus says throttled',
      () => says('wns', 403, '', { 'x-wns-notificationstatus': 'channelthrottled' }),
      expect.objectContaining(slowDown),
    ],
    [
      '406 of another is no “slow down”',
      () => says('fcm', 406),
      expect.objectContaining({ outcome: 'rejected' }),
    ],
    [
      '*.notify.windows.com',
      () => hosts.recognise('https://wns2-par02p.notify.windows.com/w/?token=x'),
      { pushService: 'wns' },
    ],
  ],
  Apple: [
    [
      '403 BadJwtToken: our fault, and the contact is named',
      () => [says('apple', 403, { reason: 'BadJwtToken' }).outcome, adviceOn('bad-token', 'apple')],
      ['fault', expect.stringContaining('contact')],
    ],
    [
      'such contacts are found before the first send',
      () => ['mailto:x@localhost', 'mailto:x@y.invalid'].map(lintSubject),
      [expect.any(String), expect.any(String)],
    ],
    [
      '400 VapidPkHashMismatch: another key',
      () => says('apple', 400, { reason: 'VapidPkHashMismatch' }),
      expect.objectContaining(otherKey),
    ],
    [
      '403 VapidPkHashMismatch: another key',
      () => says('apple', 403, { reason: 'VapidPkHashMismatch' }),
      expect.objectContaining(otherKey),
    ],
    [
      '429 is of one device alone',
      () => says('apple', 429, '', { 'retry-after': '5' }),
      expect.objectContaining({ ...retry, pause: 'device', retryAfter: 5000 }),
    ],
    ['web.push.apple.com', () => hosts.recognise('https://web.push.apple.com/x'), { pushService: 'apple' }],
    [
      'a declarative message, app_badge in both places',
      () =>
        JSON.parse(
          payloadOf(
            { title: 'x', appBadge: 3 },
            { origins: ['https://a.example'], ownOrigins: [], events: 'https://a.example/e' },
          ).of('t'),
        ),
      expect.objectContaining({
        web_push: 8030,
        app_badge: 3,
        notification: expect.objectContaining({ title: 'x', navigate: expect.any(String), app_badge: 3 }),
      }),
    ],
  ],
  'endpoints from strangers': [
    ['not https', () => hosts.recognise('http://fcm.googleapis.com/x'), { refused: expect.any(String) }],
    [
      'another port',
      () => hosts.recognise('https://fcm.googleapis.com:8443/x'),
      { refused: expect.any(String) },
    ],
    [
      'credentials in the address',
      () => hosts.recognise('https://a:b@fcm.googleapis.com/x'),
      { refused: expect.any(String) },
    ],
    [
      'a path that looks like a host',
      () => hosts.recognise('https://evil.example/.notify.windows.com/x'),
      { refused: expect.any(String) },
    ],
    [
      'a host that only ends alike',
      () => hosts.recognise('https://evilnotify.windows.com/x'),
      { refused: expect.any(String) },
    ],
    ['any other host', () => hosts.recognise('https://push.example.org/x'), { refused: expect.any(String) }],
  ],
};

function roomAfter502() {
  const pace = new Pace({ now: () => 1000 });
  const { first } = pace.rooms(1);
  pace.begin(1, 'fcm');
  const verdict = says('fcm', 502, '<html>');
  pace.answered(1, {
    ref: { campaign: 1, subscriber: 1 },
    pushService: 'fcm',
    status: 502,
    duration: 1,
    bytes: 1,
    ...verdict,
  });
  return { outcome: verdict.outcome, halved: pace.rooms(1).rooms['fcm'] === first / 2 };
}
function mostRoom() {
  const pace = new Pace({ now: () => 1000 });
  for (let i = 0; i < 2000; i++) {
    pace.begin(1, 'fcm');
    pace.answered(1, {
      ref: { campaign: 1, subscriber: i },
      pushService: 'fcm',
      status: 201,
      duration: 1,
      bytes: 1,
      ...says('fcm', 201),
    });
  }
  return pace.rooms(1).rooms['fcm'];
}

describe.each(Object.entries(rows))('%s', (_, table) => {
  test.each(table)('%s', (_row, got, expected) => {
    expect(got()).toEqual(expected);
  });
});
