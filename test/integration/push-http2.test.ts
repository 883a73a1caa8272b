import { constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Push, PushRequest, PushResult } from '../../main/core/ports/push.ts';
import { openPush, type PushOptions } from '../../main/push/push.ts';
import { generateVapidKeys } from '../../main/push/vapid-keys.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { decrypt, makeSubscription } from '../helpers/decrypt.ts';
import { keepLog } from '../helpers/log.ts';
import { accept, type ScriptedHttp2, startScriptedHttp2 } from '../helpers/scripted-http2.ts';

/** What a push service that speaks HTTP/2 may do, well and badly: each request gets one result all the same. */
let certificates: Certificates;
let service: ScriptedHttp2;
const vapid = generateVapidKeys();
const subscription = makeSubscription();
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(async () => {
  await certificates?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<PushOptions> = {}, settings = {}): Promise<Push> {
  service = await startScriptedHttp2(certificates, settings);
  closing.push(() => service.close());
  return open([service.host], options);
}

function open(allowHosts: string[], options: Partial<PushOptions> = {}): Push {
  const env = { NODE_EXTRA_CA_CERTS: certificates.authorityFile };
  const push = openPush({ log: keepLog(), env, threads: 1, allowHosts, ...options });
  push.setKey({ id: 1, ...vapid, subject: 'mailto:ops@example.org' });
  closing.push(() => push.close());
  return push;
}

const requests = (count: number, host = service.host): PushRequest[] =>
  Array.from({ length: count }, (_, subscriber) => ({
    ref: { campaign: 1, subscriber },
    endpoint: `https://${host}/send/${subscriber}?q=%C3%A4`,
    pushService: host,
    p256dh: subscription.p256dh,
    auth: subscription.auth,
    vapidKey: 1,
    payload: `{"to":${subscriber}}`,
    ttl: 60,
    urgency: 'high',
    topic: 'news',
  }));

async function send(push: Push, list: PushRequest[]): Promise<PushResult[]> {
  const results: PushResult[] = [];
  await push.send(list, (batch) => results.push(...batch));
  return results.toSorted((a, b) => a.ref.subscriber - b.ref.subscriber);
}

const each = (results: PushResult[]) => results.map(({ ref }) => ref.subscriber);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const accepted = (results: PushResult[]) => results.filter(({ outcome }) => outcome === 'accepted');

describe('a push service over HTTP/2', () => {
  test('gets the same request as over HTTP/1.1', async () => {
    const push = await start();
    expect(await send(push, requests(1))).toMatchObject([
      { outcome: 'accepted', status: 201, reason: 'accepted' },
    ]);
    const [arrival] = service.arrivals;
    expect(arrival?.path).toBe('/send/0?q=%C3%A4');
    expect(arrival?.headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': service.host,
      ttl: '60',
      urgency: 'high',
      topic: 'news',
      'content-encoding': 'aes128gcm',
    });
    expect(arrival?.headers.authorization).toMatch(/^vapid t=.+, k=.+/);
    expect(decrypt(subscription, arrival?.body ?? Buffer.alloc(0)).toString()).toBe('{"to":0}');
  });

  test('takes everything on one session for each thread', async () => {
    const push = await start({ threads: 2 });
    const results = await send(push, requests(1000));
    expect(each(results)).toEqual(upTo(1000));
    expect(accepted(results)).toHaveLength(1000);
    expect(service.arrivals).toHaveLength(1000);
    expect(service.sessions).toHaveLength(2);
  });

  test('that takes few streams gets a few sessions, and no more streams than it takes', async () => {
    const push = await start({}, { maxConcurrentStreams: 3 });
    const results = await send(push, requests(200));
    expect(accepted(results)).toHaveLength(200);
    expect(each(results)).toEqual(upTo(200));
    expect(service.mostAtOnce).toBeLessThanOrEqual(3);
    expect(service.sessions.length).toBeGreaterThan(1);
    expect(service.sessions.length).toBeLessThanOrEqual(4);
  });

  test('refuses with a body: its first part is read, however long it goes on', async () => {
    const push = await start();
    service.answer = ({ stream }) => {
      stream.respond({ ':status': 410 });
      const pour = () => {
        while (!stream.destroyed && stream.write('x'.repeat(10_000)));
        if (!stream.destroyed) stream.once('drain', pour);
      };
      pour();
    };
    expect(await send(push, requests(1))).toMatchObject([{ outcome: 'gone', status: 410 }]);
    service.answer = accept;
    expect(accepted(await send(push, requests(3)))).toHaveLength(3);
  });
});

describe('a session that ends', () => {
  test('with a GOAWAY: what it did not look at goes out again, nothing twice', async () => {
    const push = await start();
    const done: string[] = [];
    let last = Number.POSITIVE_INFINITY;
    service.answer = (arrival) => {
      const { stream, session, number, path } = arrival;
      // from the 50th on, the first session looks at nothing more
      if (number === 1 && (stream.id ?? 0) > last) return;
      done.push(path);
      if (number === 1 && done.length === 50) {
        last = stream.id ?? 0;
        session.goaway(constants.NGHTTP2_NO_ERROR, last);
      }
      accept(arrival);
    };
    const results = await send(push, requests(300));
    expect(each(results)).toEqual(upTo(300));
    expect(accepted(results)).toHaveLength(300);
    expect(new Set(done).size).toBe(done.length);
    expect(done).toHaveLength(300);
    expect(service.sessions.length).toBeGreaterThan(1);
  });

  test.each([
    [
      'with an error',
      (session: { goaway(code: number): void }) => session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM),
    ],
    ['without a word', (session: { destroy(): void }) => session.destroy()],
  ])('%s: what was under way is to be tried again, and the rest goes on', async (_, end) => {
    const push = await start();
    service.answer = (arrival) => {
      if (service.arrivals.length === 100) end(arrival.session);
      else accept(arrival);
    };
    const results = await send(push, requests(400));
    expect(each(results)).toEqual(upTo(400));
    const lost = results.filter(({ outcome }) => outcome !== 'accepted');
    for (const result of lost)
      expect(result).toMatchObject({ outcome: 'retry', reason: 'connection-lost', status: null });
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(100);
    expect(accepted(await send(push, requests(5)))).toHaveLength(5);
  });

  test('while it refuses streams: they go out again, but not for ever', async () => {
    const push = await start();
    const refused = new Set<string>();
    service.answer = (arrival) => {
      if (refused.has(arrival.path)) return accept(arrival);
      refused.add(arrival.path);
      arrival.stream.close(constants.NGHTTP2_REFUSED_STREAM);
    };
    expect(accepted(await send(push, requests(20)))).toHaveLength(20);
    expect(service.arrivals).toHaveLength(40);
    service.answer = ({ stream }) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
    expect(await send(push, requests(1))).toMatchObject([{ outcome: 'retry', status: null }]);
    expect(service.arrivals).toHaveLength(43);
  });

  test('with a stream that is reset: only that one is lost, and is not sent again here', async () => {
    const push = await start();
    service.answer = (arrival) => {
      if (arrival.path.startsWith('/send/7?')) arrival.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else accept(arrival);
    };
    const results = await send(push, requests(20));
    expect(accepted(results)).toHaveLength(19);
    expect(results[7]).toMatchObject({ outcome: 'retry', reason: 'connection-lost' });
    expect(service.arrivals).toHaveLength(20);
  });

  test('that does not answer: the next requests take another one', async () => {
    const push = await start({ timeout: 2000 });
    service.answer = ({ number, stream }) => {
      if (number > 1) stream.respond({ ':status': 201 }, { endStream: true });
    };
    expect(await send(push, requests(3))).toMatchObject(
      upTo(3).map(() => ({ outcome: 'retry', reason: 'timed-out', status: null })),
    );
    expect(accepted(await send(push, requests(3)))).toHaveLength(3);
    expect(service.sessions).toHaveLength(2);
  });

  test('in the middle of an answer: its status counts', async () => {
    const push = await start({ timeout: 2000 });
    service.answer = ({ stream, path }) => {
      stream.respond({ ':status': path.startsWith('/send/0?') ? 201 : 503 });
      stream.write('{');
    };
    expect(await send(push, requests(2))).toMatchObject([
      { outcome: 'accepted', status: 201 },
      { outcome: 'retry', status: 503 },
    ]);
  });
});

describe('a service that only claims to speak HTTP/2', () => {
  async function startImpostor(greet: (socket: TLSSocket) => void) {
    const { key, certificate } = certificates;
    const sockets: TLSSocket[] = [];
    const server = createServer({ key, cert: certificate, ALPNProtocols: ['h2'] }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      greet(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['talks garbage', (socket: TLSSocket) => void socket.write('SSH-2.0-OpenSSH_9.9\r\n'.repeat(10))],
    ['hangs up', (socket: TLSSocket) => void socket.end()],
    ['says nothing', () => {}],
  ])('and %s, fails for itself alone', async (_, greet) => {
    const host = await startImpostor(greet);
    const push = await start({ timeout: 2000 });
    push.allowHosts([host, service.host]);
    const results = await send(push, requests(30, host));
    expect(each(results)).toEqual(upTo(30));
    for (const result of results) expect(result).toMatchObject({ outcome: 'retry', status: null });
    expect(accepted(await send(push, requests(3)))).toHaveLength(3);
  });
});
