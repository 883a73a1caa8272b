import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Push, PushRequest, PushResult } from '../../main/core/ports/push.ts';
import { openPush } from '../../main/push/push.ts';
import { generateVapidKeys } from '../../main/push/vapid-keys.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { decrypt, makeSubscription } from '../helpers/decrypt.ts';
import { keepLog } from '../helpers/log.ts';
import { type ConnectProxy, startConnectProxy } from '../helpers/push-service/connect-proxy.ts';
import { type ScriptedService, startScriptedService } from '../helpers/scripted-service.ts';

/** Sends to the push services by their real names, which a proxy leads to one local service. */
let certificates: Certificates;
let service: ScriptedService;
let proxy: ConnectProxy;
let push: Push;
const log = keepLog();
const vapid = generateVapidKeys();
const subscription = makeSubscription();

beforeAll(async () => {
  certificates = await makeCertificates();
  service = await startScriptedService(certificates);
  proxy = await startConnectProxy(service.port);
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificates.authorityFile };
  push = openPush({ allowHosts: [], log, env });
  push.setKey({ id: 1, ...vapid, subject: 'mailto:ops@example.org' });
});
afterAll(async () => {
  await push?.close();
  await proxy?.close();
  await service?.close();
  await certificates?.[Symbol.asyncDispose]();
});

const origins = {
  fcm: 'https://fcm.googleapis.com',
  mozilla: 'https://updates.push.services.mozilla.com',
  wns: 'https://wns2-par02p.notify.windows.com',
  apple: 'https://web.push.apple.com',
};
type Service = keyof typeof origins;

const request = (pushService: Service, path: string, more: Partial<PushRequest> = {}): PushRequest => ({
  ref: { campaign: 1, subscriber: 2 },
  endpoint: `${origins[pushService]}/${path}`,
  pushService,
  p256dh: subscription.p256dh,
  auth: subscription.auth,
  vapidKey: 1,
  payload: '{"web_push":8030}',
  ttl: 3600,
  urgency: 'normal',
  topic: null,
  ...more,
});

async function send(requests: PushRequest[]): Promise<PushResult[]> {
  const results: PushResult[] = [];
  await push.send(requests, (batch) => results.push(...batch));
  return results;
}

type Row = [
  service: Service,
  status: number,
  headers: Record<string, string>,
  body: string,
  expected: Partial<PushResult>,
];
const inTwoMinutes = () => new Date(Date.now() + 120_000).toUTCString();
const mismatch = {
  fcm:
    'the VAPID credentials in the authorization header do not correspond to the credentials used to create the ' +
    'subscriptions.',
  mozilla: '{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch"}',
};
const rows: Row[] = [
  ['fcm', 201, {}, '', { outcome: 'accepted', reason: 'accepted', retryAfter: null, pause: null }],
  ['apple', 200, {}, '{}', { outcome: 'accepted' }],
  ['mozilla', 202, { location: 'https://example.org/m/1' }, '', { outcome: 'accepted' }],
  ['fcm', 404, {}, '', { outcome: 'gone', reason: 'gone' }],
  ['fcm', 410, {}, 'push subscription has unsubscribed or expired.', { outcome: 'gone', reason: 'gone' }],
  ['apple', 410, {}, '{"reason":"Unregistered"}', { outcome: 'gone' }],
  ['wns', 410, {}, '', { outcome: 'gone' }],
  ['fcm', 400, {}, '', { outcome: 'fault', reason: 'bad-request' }],
  ['fcm', 401, {}, '', { outcome: 'fault', reason: 'unauthorized' }],
  ['fcm', 403, {}, 'permission denied', { outcome: 'fault', reason: 'forbidden' }],
  ['fcm', 403, {}, mismatch.fcm, { outcome: 'rejected', reason: 'key-mismatch' }],
  ['fcm', 413, {}, '', { outcome: 'rejected', reason: 'too-large' }],
  [
    'fcm',
    429,
    { 'Retry-After': '120' },
    '',
    { outcome: 'retry', reason: 'too-many-requests', retryAfter: 120_000, pause: 'service' },
  ],
  ['fcm', 429, {}, '', { outcome: 'retry', retryAfter: null, pause: 'service' }],
  ['fcm', 502, {}, '<html>', { outcome: 'retry', reason: 'service-error', pause: null }],
  ['fcm', 500, {}, '', { outcome: 'retry', reason: 'service-error' }],
  ['fcm', 503, { 'Retry-After': '5' }, '', { outcome: 'retry', retryAfter: 5000, pause: 'service' }],
  ['mozilla', 401, {}, mismatch.mozilla, { outcome: 'rejected', reason: 'key-mismatch' }],
  ['mozilla', 401, {}, '{"code":401,"errno":109}', { outcome: 'rejected', reason: 'key-mismatch' }],
  [
    'mozilla',
    401,
    {},
    '{"code":401,"errno":109,"message":"Invalid VAPID token: expired"}',
    { outcome: 'fault', reason: 'bad-token' },
  ],
  ['mozilla', 400, {}, '{"code":400,"errno":111}', { outcome: 'fault', reason: 'missing-ttl' }],
  [
    'mozilla',
    503,
    { 'Retry-After': '60' },
    '{"code":503,"errno":201}',
    { outcome: 'retry', reason: 'back-off', retryAfter: 60_000, pause: 'service' },
  ],
  ['mozilla', 503, {}, '{"errno":201}', { outcome: 'retry', reason: 'back-off', pause: 'service' }],
  [
    'mozilla',
    503,
    {},
    '{"code":503,"errno":202}',
    { outcome: 'retry', reason: 'try-again', retryAfter: 0, pause: null },
  ],
  [
    'wns',
    406,
    { 'Retry-After': '900', 'X-WNS-Status': 'appthrottled' },
    '',
    { outcome: 'retry', reason: 'too-many-requests', retryAfter: 900_000, pause: 'service' },
  ],
  [
    'wns',
    403,
    { 'X-WNS-NotificationStatus': 'channelthrottled' },
    '',
    { outcome: 'retry', reason: 'too-many-requests' },
  ],
  ['wns', 429, { 'Retry-After': '10' }, '', { outcome: 'retry', retryAfter: 10_000, pause: 'service' }],
  ['fcm', 406, {}, '', { outcome: 'rejected', reason: 'refused' }],
  ['apple', 403, {}, '{"reason":"BadJwtToken"}', { outcome: 'fault', reason: 'bad-token' }],
  ['apple', 400, {}, '{"reason":"VapidPkHashMismatch"}', { outcome: 'rejected', reason: 'key-mismatch' }],
  ['apple', 403, {}, '{"reason":"VapidPkHashMismatch"}', { outcome: 'rejected', reason: 'key-mismatch' }],
  ['apple', 403, {}, '{"reason":"constructor"}', { outcome: 'fault', reason: 'forbidden' }],
  ['apple', 429, { 'Retry-After': '30' }, '', { outcome: 'retry', retryAfter: 30_000, pause: 'device' }],
];

describe('what push services answer', () => {
  test.each(rows)('%s %i %j %s', async (pushService, status, headers, body, expected) => {
    service.on('row', (response) => response.writeHead(status, headers).end(body));
    const [result, ...more] = await send([request(pushService, 'row')]);
    expect(more).toEqual([]);
    expect(result).toMatchObject({ ref: { campaign: 1, subscriber: 2 }, pushService, status, ...expected });
  });

  test('a Retry-After that is a date', async () => {
    service.on('date', (response) => response.writeHead(429, { 'Retry-After': inTwoMinutes() }).end());
    const [result] = await send([request('fcm', 'date')]);
    expect(result?.retryAfter).toBeGreaterThan(100_000);
    expect(result?.retryAfter).toBeLessThanOrEqual(121_000);
  });
});

describe('a request on the wire', () => {
  test('carries what RFC 8030, 8291 and 8292 want, to the service’s own name', async () => {
    service.received.length = 0;
    const payload = JSON.stringify({ web_push: 8030, notification: { title: 'Ünï 🔔' } });
    const [result] = await send([
      request('mozilla', 'wire/abc?x=1', { payload, urgency: 'high', topic: 'news_1-A', ttl: 9e9 }),
    ]);
    const [received] = service.received;
    if (!received) throw new Error('nothing came');
    expect(received.host).toBe('updates.push.services.mozilla.com');
    expect(received.path).toBe('/wire/abc?x=1');
    expect(received.headers).toMatchObject({
      ttl: '2592000',
      urgency: 'high',
      topic: 'news_1-A',
      'content-encoding': 'aes128gcm',
      'content-length': String(received.body.length),
    });
    expect(decrypt(subscription, received.body).toString()).toBe(payload);
    const [, token = '', key] = /^vapid t=(.+), k=(.+)$/.exec(received.headers.authorization ?? '') ?? [];
    expect(key).toBe(Buffer.from(vapid.publicKey).toString('base64url'));
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      aud: 'https://updates.push.services.mozilla.com',
      sub: 'mailto:ops@example.org',
    });
    expect(result).toMatchObject({ outcome: 'accepted', bytes: received.body.length });
    expect(proxy.asked).toContain('updates.push.services.mozilla.com:443');
  });

  test('has a TTL that WNS takes, and no topic unless there is one', async () => {
    service.received.length = 0;
    await send([request('wns', 'ttl', { ttl: 0 })]);
    expect(service.received[0]?.headers['ttl']).toBe('1');
    expect(service.received[0]?.headers).not.toHaveProperty('topic');
  });

  test('is not sent for what cannot be encrypted, signed or addressed', async () => {
    service.received.length = 0;
    const wrong: [Partial<PushRequest>, Partial<PushResult>][] = [
      [{ payload: 'x'.repeat(3994) }, { outcome: 'rejected', reason: 'too-large' }],
      [{ p256dh: new Uint8Array(65).fill(4) }, { outcome: 'rejected', reason: 'bad-subscription' }],
      [{ auth: new Uint8Array(5) }, { outcome: 'rejected', reason: 'bad-subscription' }],
      [{ topic: 'two words\r\nx: y' }, { outcome: 'rejected', reason: 'bad-topic' }],
      [{ vapidKey: 99 }, { outcome: 'fault', reason: 'unknown-key' }],
      [{ endpoint: 'https://example.org/x' }, { outcome: 'rejected', reason: 'host-not-allowed' }],
      [{ endpoint: 'https://127.0.0.1/x' }, { outcome: 'rejected', reason: 'host-not-allowed' }],
      [
        { endpoint: `https://127.0.0.1:${service.port}/x` },
        { outcome: 'rejected', reason: 'host-not-allowed' },
      ],
      [{ endpoint: 'not an address' }, { outcome: 'rejected', reason: 'host-not-allowed' }],
    ];
    for (const [change, expected] of wrong)
      expect(await send([request('fcm', 'never', change)])).toMatchObject([{ status: null, ...expected }]);
    expect(service.received).toEqual([]);
  });

  test('takes keys that lie in a larger buffer', async () => {
    service.received.length = 0;
    const pool = new Uint8Array(100_000);
    pool.set(subscription.p256dh, 777);
    pool.set(subscription.auth, 5000);
    const keys = { p256dh: pool.subarray(777, 842), auth: pool.subarray(5000, 5016) };
    await send([request('fcm', 'pool', keys)]);
    expect(decrypt(subscription, service.received[0]?.body ?? Buffer.of()).toString()).toBe(
      '{"web_push":8030}',
    );
    expect(pool.byteLength).toBe(100_000);
  });
});

describe('the log', () => {
  test('names faults, with what WNS says of them, and no endpoint', async () => {
    const headers = { 'X-WNS-Error-Description': 'Channel cannot be bound' };
    service.on('described', (response) => response.writeHead(400, headers).end());
    await send([request('wns', 'described/secret-token')]);
    expect(log.lines.join('\n')).toContain('Channel cannot be bound');
    expect(log.lines.join('\n')).not.toMatch(/secret-token|https:/);
  });
});
