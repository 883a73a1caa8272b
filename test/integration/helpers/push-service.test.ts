import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import webPush, { type WebPushError } from 'web-push';
import { type Certificates, makeCertificates } from '../../helpers/certificates.ts';
import type { Fault } from '../../helpers/push-service/faults.ts';
import { type PushService, startPushService } from '../../helpers/push-service/push-service.ts';
import { Mailbox } from '../../helpers/push-service/subscriptions.ts';
import { describeWith } from '../../helpers/requirements.ts';

const vapid = { subject: 'mailto:tests@example.org', ...webPush.generateVAPIDKeys() };

describeWith('openssl', 'the push service of the tests', () => {
  let certificates: Certificates;
  let service: PushService;
  let direct: Agent;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    direct = new Agent({ ca: certificates.authority });
  });
  afterAll(async () => {
    direct?.destroy();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const subscribe = () => service.subscribe(vapid.publicKey);
  type Options = webPush.RequestOptions;
  const send = (
    { subscription }: ReturnType<typeof subscribe>,
    payload: string | null = 'Hello',
    options: Options = {},
  ) =>
    webPush
      .sendNotification(subscription, payload, { vapidDetails: vapid, agent: direct, TTL: 60, ...options })
      .then(
        ({ statusCode }) => statusCode,
        (error: WebPushError & { code?: string }) => error.statusCode ?? error.code,
      );
  /** Posts as it is, to see refusals that web-push never provokes. */
  const post = (path: string, headers: Record<string, string>, method = 'POST') =>
    new Promise<number | undefined>((done, fail) => {
      const outgoing = request(`https://${service.host}${path}`, { agent: direct, method, headers });
      outgoing.on('response', (response) => done(response.resume().statusCode)).on('error', fail);
      outgoing.end();
    });
  const signed = (changed: { audience?: string; subject?: string; expiration?: number } = {}) =>
    webPush.getVapidHeaders(
      changed.audience ?? `https://${service.host}`,
      changed.subject ?? vapid.subject,
      vapid.publicKey,
      vapid.privateKey,
      'aes128gcm',
      changed.expiration,
    );

  test('passes a message on, decrypted, with what was asked for it', async () => {
    const browser = subscribe();
    expect(await send(browser, 'Grüße', { topic: 'news', urgency: 'high' })).toBe(201);
    expect(browser.received).toEqual(['Grüße']);
    expect(service.accepted.at(-1)).toMatchObject({ ttl: 60, topic: 'news', urgency: 'high' });
  });

  test('speaks HTTP/2 too', async () => {
    const browser = subscribe();
    const path = new URL(browser.subscription.endpoint).pathname;
    const session = connectHttp2(`https://${service.host}`, { ca: certificates.authority });
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ttl: '5',
      authorization: signed().Authorization,
    });
    stream.end();
    const status = await new Promise((done) => stream.on('response', (headers) => done(headers[':status'])));
    expect(status).toBe(201);
    expect(service.requests.at(-1)).toMatchObject({ protocol: 'HTTP/2', host: service.host, status: 201 });
    await new Promise<void>((done) => session.close(done));
  });

  test('refuses by the RFCs', async () => {
    const path = new URL(subscribe().subscription.endpoint).pathname;
    const authorization = signed().Authorization;
    expect(await post('/push/unknown', { ttl: '1', authorization })).toBe(404);
    expect(await post(path, { ttl: '1', authorization }, 'GET')).toBe(405);
    expect(await post(path, { authorization })).toBe(400);
    expect(await post(path, { ttl: 'soon', authorization })).toBe(400);
    expect(await post(path, { ttl: '1', authorization, urgency: 'extreme' })).toBe(400);
    expect(await post(path, { ttl: '1', authorization, topic: 'not a topic' })).toBe(400);
    expect(await post(path, { ttl: '1' })).toBe(403);
    expect(await post(path, { ttl: '1', authorization: 'vapid t=a.b.c, k=d' })).toBe(403);
    const [first = '', ...rest] = authorization.split('.');
    const forged = [first, Buffer.from('{"sub":"mailto:x@y.z"}').toString('base64url'), ...rest.slice(1)];
    expect(await post(path, { ttl: '1', authorization: forged.join('.') })).toBe(403);
    const elsewhere = signed({ audience: 'https://push.example.org' }).Authorization;
    expect(await post(path, { ttl: '1', authorization: elsewhere })).toBe(403);
    const past = signed({ expiration: Math.floor(Date.now() / 1000) - 1 }).Authorization;
    expect(await post(path, { ttl: '1', authorization: past })).toBe(403);
    expect(await post(path, { ttl: '1', authorization })).toBe(201);
  });

  test('refuses another key, a message too large, and everybody once the browser is gone', async () => {
    const browser = subscribe();
    const other = { subject: vapid.subject, ...webPush.generateVAPIDKeys() };
    expect(await send(browser, 'Hello', { vapidDetails: other })).toBe(403);
    expect(await send(browser, 'x'.repeat(4100))).toBe(413);
    expect(await send(browser, 'x'.repeat(3993))).toBe(201);
    service.expire(browser.subscription.endpoint);
    expect(await send(browser)).toBe(410);
    expect(browser.received).toHaveLength(1);
  });

  test('tells when a message was encrypted for somebody else', async () => {
    const [browser, other] = [subscribe(), subscribe()];
    const mixed = { ...browser, subscription: { ...browser.subscription, keys: other.subscription.keys } };
    expect(await send(mixed)).toBe(201);
    expect(browser.received).toEqual([]);
    expect(service.acknowledgements.at(-1)).toEqual({
      id: service.accepted.at(-1)?.id,
      outcome: 'undecryptable',
    });
  });

  test.each<{ name: string; fault: Fault; answer: unknown; arrives: boolean }>([
    { name: 'another status', fault: { status: 503 }, answer: 503, arrives: false },
    { name: 'a delay', fault: { delay: 20 }, answer: 201, arrives: true },
    { name: 'a wait', fault: { until: Promise.resolve() }, answer: 201, arrives: true },
    { name: 'a reset', fault: { cut: 'reset' }, answer: 'ECONNRESET', arrives: false },
    {
      name: 'garbage',
      fault: { cut: 'garbage' },
      answer: expect.stringMatching(/^HPE_INVALID/),
      arrives: false,
    },
  ])('can be disturbed: $name', async ({ fault, answer, arrives }) => {
    const browser = subscribe();
    const calm = service.disturb(({ path }) =>
      browser.subscription.endpoint.endsWith(path) ? fault : undefined,
    );
    expect(await send(browser)).toEqual(answer);
    expect(browser.received).toEqual(arrives ? ['Hello'] : []);
    calm();
    expect(await send(browser, 'Calm')).toBe(201);
    expect(browser.received.at(-1)).toBe('Calm');
  });

  test('stands behind every push service’s name for a sender that uses the proxy', async () => {
    const through = new Agent({
      ca: certificates.authority,
      proxyEnv: { HTTPS_PROXY: service.environment.HTTPS_PROXY },
    });
    const ask = (address: string) =>
      new Promise((done) => {
        const outgoing = request(address, { agent: through, method: 'POST' });
        outgoing.on('response', (response) => done(response.resume().statusCode));
        outgoing.on('error', (error) => done(error.message)).end();
      });
    expect(await ask('https://web.push.apple.com/push/unknown')).toBe(404);
    expect(await ask('https://db5.notify.windows.com/push/unknown')).toBe(404);
    expect(service.proxied).toContain('web.push.apple.com:443');
    // no other port is let through, so that nothing leaves by mistake
    const elsewhere = createServer((_, response) => response.end());
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    const { port } = elsewhere.address() as AddressInfo;
    expect(await ask(`https://127.0.0.1:${port}/`)).toMatch(/403|proxy/i);
    elsewhere.close();
    through.destroy();
  });
});

test('a mailbox keeps by TTL, and replaces by topic', () => {
  const mailbox = new Mailbox();
  const message = { token: 'a', body: Buffer.alloc(0), urgency: 'normal', acceptedAt: 1_000 };
  mailbox.keep({ ...message, id: '1', ttl: 10, topic: 'news' });
  mailbox.keep({ ...message, id: '2', ttl: 10, topic: null });
  mailbox.keep({ ...message, id: '3', ttl: 0, topic: null });
  mailbox.keep({ ...message, id: '4', ttl: 20, topic: 'news' });
  mailbox.keep({ ...message, id: '5', ttl: 20, topic: 'news', token: 'b' });
  const waiting = (now: number) => mailbox.waiting(now).map(({ id }) => id);
  expect(waiting(1_000)).toEqual(['2', '4', '5']);
  expect(waiting(11_000)).toEqual(['4', '5']);
  mailbox.acknowledge('4');
  expect(waiting(11_000)).toEqual(['5']);
});
