import type { lookup } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Push, PushRequest, PushResult } from '../../main/core/ports/push.ts';
import { judgeFailure } from '../../main/push/failures.ts';
import { Hosts } from '../../main/push/hosts.ts';
import { openPush, type PushOptions } from '../../main/push/push.ts';
import { Transport } from '../../main/push/transport.ts';
import { generateVapidKeys } from '../../main/push/vapid-keys.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { makeSubscription } from '../helpers/decrypt.ts';
import { keepLog } from '../helpers/log.ts';
import { type ScriptedService, startScriptedService } from '../helpers/scripted-service.ts';

/** What a network and a push service can do wrong, on a service that the operator allowed by its address. */
let certificates: Certificates;
let service: ScriptedService;
const vapid = generateVapidKeys();
const subscription = makeSubscription();
const opened: Push[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(async () => {
  await certificates?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((push) => push.close()));
  await service?.close();
});

async function start(options: Partial<PushOptions> = {}) {
  service = await startScriptedService(certificates);
  return open({ allowHosts: [service.host], ...options });
}

function open(options: Partial<PushOptions> & { allowHosts: string[] }): Push {
  const env = { NODE_EXTRA_CA_CERTS: certificates.authorityFile };
  const push = openPush({ log: keepLog(), env, ...options });
  push.setKey({ id: 1, ...vapid, subject: 'mailto:ops@example.org' });
  opened.push(push);
  return push;
}

const request = (path: string, host = service.host, subscriber = 1): PushRequest => ({
  ref: { campaign: 1, subscriber },
  endpoint: `https://${host}/${path}`,
  pushService: host,
  p256dh: subscription.p256dh,
  auth: subscription.auth,
  vapidKey: 1,
  payload: '{}',
  ttl: 60,
  urgency: 'normal',
  topic: null,
});
const requests = (count: number, path: string) =>
  Array.from({ length: count }, (_, index) => request(path, service.host, index));

async function send(push: Push, list: PushRequest[]): Promise<PushResult[]> {
  const results: PushResult[] = [];
  await push.send(list, (batch) => results.push(...batch));
  return results;
}

const each = (results: PushResult[]) => results.map(({ ref }) => ref.subscriber).toSorted((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a push service that fails', () => {
  test('by cutting the connection', async () => {
    const push = await start();
    service.on('cut', (_, __, socket) => socket.destroy());
    expect(await send(push, [request('cut')])).toMatchObject([
      { outcome: 'retry', reason: 'connection-lost', status: null },
    ]);
    expect(await send(push, [request('well')])).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('by never answering', async () => {
    const push = await start({ timeout: 2000 });
    service.on('never', () => {});
    expect(await send(push, [request('never')])).toMatchObject([
      { outcome: 'retry', reason: 'timed-out', status: null },
    ]);
    expect(await send(push, [request('well')])).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('by never ending its answer: what its status said counts', async () => {
    const push = await start({ timeout: 2000 });
    service.on('stall', (response) => response.writeHead(201).write('{'));
    service.on('stalled-503', (response) => response.writeHead(503).write('{"errno":'));
    const results = await send(push, [request('stall'), request('stalled-503', service.host, 2)]);
    expect(results.toSorted((a, b) => a.ref.subscriber - b.ref.subscriber)).toMatchObject([
      { outcome: 'accepted', status: 201 },
      { outcome: 'retry', status: 503 },
    ]);
  });

  test('by an answer without end', async () => {
    const push = await start();
    service.on('flood', (response) => {
      response.writeHead(410);
      const pour = () => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', pour);
      };
      pour();
    });
    expect(await send(push, [request('flood')])).toMatchObject([{ outcome: 'gone', status: 410 }]);
  });

  test('by talking garbage', async () => {
    const push = await start();
    service.on('garbage', (_, __, socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n'));
    expect(await send(push, [request('garbage')])).toMatchObject([
      { outcome: 'retry', reason: 'garbled-answer', status: null },
    ]);
  });

  test('by pointing elsewhere: nobody goes there', async () => {
    const push = await start();
    service.on('moved', (response) =>
      response.writeHead(307, { location: `https://${service.host}/there` }).end(),
    );
    expect(await send(push, [request('moved')])).toMatchObject([
      { outcome: 'retry', reason: 'redirected', status: 307 },
    ]);
    expect(service.received.map(({ path }) => path)).toEqual(['/moved']);
  });

  test('by announcing an answer before it comes', async () => {
    const push = await start();
    service.on('early', (response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      response.writeHead(201).end();
    });
    expect(await send(push, [request('early')])).toMatchObject([{ outcome: 'accepted', status: 201 }]);
  });

  test('by going away', async () => {
    const push = await start();
    const { host } = service;
    await send(push, [request('well')]);
    await service.close();
    expect(await send(push, [request('well', host)])).toMatchObject([{ outcome: 'retry', status: null }]);
    expect(await send(push, [request('well', host)])).toMatchObject([{ reason: 'connection-refused' }]);
  });

  test('by a certificate that is not trusted', async () => {
    const push = await start({ env: {} });
    expect(await send(push, [request('well')])).toMatchObject([
      { outcome: 'retry', reason: 'certificate-not-trusted' },
    ]);
    expect(service.received).toEqual([]);
  });

  test('by accepting connections and nothing more', async () => {
    const push = await start({ timeout: 2000 });
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
    const host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    push.allowHosts([host]);
    expect(await send(push, [request('x', host)])).toMatchObject([{ outcome: 'retry', reason: 'timed-out' }]);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});

describe('sending many', () => {
  test('gives every request one result, over few connections that are used again', async () => {
    const push = await start({ threads: 2 });
    const results = await send(push, requests(1000, 'well'));
    expect(each(results)).toEqual(upTo(1000));
    expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(service.received).toHaveLength(1000);
    // twenty for each thread, and one each that found out that the service speaks HTTP/1.1 alone
    expect(service.connections).toBeLessThanOrEqual(42);
  });

  test('gives each of several sends its own results, in small batches', async () => {
    const push = await start();
    const sizes: number[] = [];
    const results: PushResult[][] = [[], []];
    await Promise.all(
      results.map((kept, index) =>
        push.send(requests(400, index === 0 ? 'well' : 'gone'), (batch) => {
          sizes.push(batch.length);
          kept.push(...batch);
        }),
      ),
    );
    for (const kept of results) expect(each(kept)).toEqual(upTo(400));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(await send(push, [])).toEqual([]);
  });

  test('holds back what waits when the service says stop, and leaves other services alone', async () => {
    const push = await start();
    const other = await startScriptedService(certificates);
    push.allowHosts([service.host, other.host]);
    service.on('stop', (response) => response.writeHead(429, { 'Retry-After': '60' }).end());
    const list = [
      ...requests(500, 'stop'),
      ...upTo(500).map((index) => request('well', other.host, 500 + index)),
    ];
    const results = await send(push, list);
    await other.close();
    expect(each(results)).toEqual(upTo(1000));
    const held = results.filter(({ reason }) => reason === 'held-back');
    expect(held.length).toBe(500 - service.received.length);
    expect(held.length).toBeGreaterThan(300);
    expect(held[0]).toMatchObject({ outcome: 'retry', status: null, retryAfter: 60_000, pause: 'service' });
    expect(other.received).toHaveLength(500);
  });

  test('goes on with the others when what takes the results throws', async () => {
    const push = await start();
    const broken = push.send(requests(3, 'well'), () => {
      throw new Error('broken');
    });
    expect(each(await send(push, requests(3, 'well')))).toEqual(upTo(3));
    await broken;
  });
});

describe('a sending thread that dies in the middle', () => {
  test('loses no request and answers none twice, and another takes its place', async () => {
    const worker = new Promise<Worker>((resolve) => process.once('worker', resolve));
    const push = await start({ threads: 1 });
    let answered = 0;
    let dying: Promise<unknown> | undefined;
    service.on('some', (response) => {
      if (++answered <= 150) response.writeHead(201).end();
      else dying ??= worker.then((thread) => thread.terminate());
    });
    const results = await send(push, requests(600, 'some'));
    await dying;
    expect(each(results)).toEqual(upTo(600));
    const lost = results.filter(({ reason }) => reason === 'sender-restarted');
    expect(lost.length).toBeGreaterThan(400);
    expect(lost.every(({ outcome, status }) => outcome === 'retry' && status === null)).toBe(true);
    expect(await send(push, [request('well')])).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('takes no more of a long send with it than a thousand: the rest waits elsewhere', async () => {
    const worker = new Promise<Worker>((resolve) => process.once('worker', resolve));
    const push = await start({ threads: 1 });
    let dying: Promise<unknown> | undefined;
    let dead = false;
    service.on('some', (response) => {
      if (dead) response.writeHead(201).end();
      else
        dying ??= worker
          .then((thread) => thread.terminate())
          .then(() => {
            dead = true;
          });
    });
    const results = await send(push, requests(2500, 'some'));
    await dying;
    expect(each(results)).toEqual(upTo(2500));
    const lost = results.filter(({ reason }) => reason === 'sender-restarted');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(1000);
    expect(results.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(2500 - lost.length);
  });

  test('is no loss when it is closed: what is under way is abandoned, and nothing more is taken', async () => {
    const push = await start();
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    service.on('never', () => arrived());
    const results: PushResult[] = [];
    const sending = push.send(requests(1500, 'never'), (batch) => results.push(...batch));
    await arrival;
    await push.close();
    await sending;
    expect(results).toEqual([]);
    await expect(push.send([request('well')], () => {})).rejects.toThrow('closing');
  });
});

describe('a name that leads into a private network', () => {
  const everywhere = (addresses: string[]) =>
    ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup;

  async function post(hosts: Hosts, addresses: string[]) {
    const network = { proxy: null, noProxy: '', certificates: [certificates.authority] };
    const transport = new Transport({ network, hosts, timeout: 5000, lookup: everywhere(addresses) });
    try {
      const url = new URL(`https://fcm.googleapis.com:${service.port}/x`);
      return await transport.post(url, {}, new Uint8Array(3));
    } catch (error) {
      return judgeFailure(error);
    } finally {
      await transport.close();
    }
  }

  test('is not dialled when its address changes between two questions', async () => {
    await start();
    let asked = 0;
    const changing = ((
      _name: string,
      _options: object,
      callback: (error: Error | null, found: object[]) => void,
    ) => {
      asked += 1;
      // at first in public, where nobody answers; from then on here
      if (asked === 1) callback(Object.assign(new Error(), { code: 'ENETUNREACH' }), []);
      else callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof lookup;
    const network = { proxy: null, noProxy: '', certificates: [certificates.authority] };
    const transport = new Transport({ network, hosts: new Hosts([]), timeout: 5000, lookup: changing });
    const url = new URL(`https://fcm.googleapis.com:${service.port}/x`);
    for (const _time of [1, 2, 3]) await expect(transport.post(url, {}, new Uint8Array(3))).rejects.toThrow();
    await transport.close();
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(service.connections).toBe(0);
  });

  test('is not dialled, unless the operator named it', async () => {
    await start();
    for (const addresses of [['127.0.0.1'], ['::1', '127.0.0.1'], ['::ffff:127.0.0.1'], ['10.0.0.1']])
      expect(await post(new Hosts([]), addresses)).toMatchObject({
        outcome: 'fault',
        reason: 'private-address',
      });
    expect(service.connections).toBe(0);
    const named = new Hosts([`fcm.googleapis.com:${service.port}`]);
    expect(await post(named, ['127.0.0.1'])).toMatchObject({ status: 201 });
  });
});

describe('a proxy', () => {
  async function startProxy(answer: string) {
    const proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    return { proxy, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  }

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'fault', 'proxy-authentication'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 'retry', 'proxy-refused'],
  ])('that answers %j', async (answer, outcome, reason) => {
    const { proxy, url } = await startProxy(answer);
    const push = await start({ env: { HTTPS_PROXY: url } });
    expect(await send(push, [request('x')])).toMatchObject([{ outcome, reason, status: null }]);
    expect(service.connections).toBe(0);
    proxy.close();
  });

  test('is left out for what NO_PROXY names', async () => {
    const { proxy, url } = await startProxy('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const env = { https_proxy: url, no_proxy: '127.0.0.1', NODE_EXTRA_CA_CERTS: certificates.authorityFile };
    const push = await start({ env });
    expect(await send(push, [request('x')])).toMatchObject([{ outcome: 'accepted' }]);
    proxy.close();
  });

  test('whose address cannot be read is named as the cause at once, without its password', () => {
    const env = { HTTPS_PROXY: 'me:secret@proxy' };
    expect(() => openPush({ allowHosts: [], log: keepLog(), env })).toThrow(
      /^HTTPS_PROXY is not(?!.*secret)/,
    );
  });

  test('is not needed to open, nor is a certificate file that is missing', async () => {
    const log = keepLog();
    const push = openPush({ allowHosts: [], log, env: { NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' } });
    expect(log.lines.join()).toContain('NODE_EXTRA_CA_CERTS');
    await push.close();
  });
});
