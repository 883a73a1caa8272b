import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { origin, startPublic as start, subscribe } from './http-public.ts';
import { expectProblem, firstAnswer, speak } from './http-wire.ts';

/** A connection that is opened and left alone. */
function open(address: string): { socket: Socket; connected: Promise<void>; closed: Promise<void> } {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  return {
    socket,
    connected: new Promise((done) => socket.once('connect', () => done())),
    closed: new Promise((done) => socket.once('close', () => done())),
  };
}

describe('clients that take their time', () => {
  test('a connection on which nothing is said is closed, and so is one that stays open unused', async () => {
    const { address } = await start({ limits: { headersTimeout: 200, idleTimeout: 400 } });
    const silent = open(address);
    silent.socket.resume();
    await silent.closed;
    expect(await speak(address, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')).toContain('200 OK');
  });

  test('one byte at a time is no way around the limits', async () => {
    const { address } = await start({ limits: { headersTimeout: 300, requestTimeout: 600 } });
    const drip = async (first: string) => {
      const { socket, closed } = open(address);
      let heard = '';
      socket.setEncoding('utf8').on('data', (text) => {
        heard += text;
      });
      socket.write(first);
      const timer = setInterval(() => socket.writable && socket.write('x'), 20);
      await closed;
      clearInterval(timer);
      return firstAnswer(heard);
    };
    await expectProblem(await drip('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '), 'request_timeout');
    await expectProblem(
      await drip(
        'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\n',
      ),
      'request_timeout',
    );
  });

  test('a client that never reads what it asks for is cut off, and little is kept for it', async () => {
    const { app, address } = await start({ limits: { idleTimeout: 400 } });
    const served = new Promise<Socket>((done) => app.server.once('connection', done));
    const greedy = open(address);
    greedy.socket.pause();
    greedy.socket.write('GET /belfry.js HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20_000));
    const socket = await served;
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, socket.writableLength);
    }, 5);
    await new Promise((done) => socket.once('close', done));
    clearInterval(look);
    // 20 000 answers would be 90 MB
    expect(most).toBeLessThan(8_000_000);
    greedy.socket.destroy();
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });

  test('those beyond the number of connections are closed at once; the others are served, and places come free', async () => {
    const { address } = await start({ limits: { connections: 5 } });
    const held = Array.from({ length: 5 }, () => open(address));
    await Promise.all(held.map(({ connected }) => connected));
    const further = open(address);
    further.socket.resume();
    await further.closed;
    held[0]?.socket.end('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    held[0]?.socket.resume();
    await held[0]?.closed;
    await expect
      .poll(() =>
        fetch(`${address}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
    for (const { socket } of held) socket.destroy();
  });
});

describe('one address with very many connections', () => {
  /** An address of this machine that is not loopback, as a stranger's would not be. */
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

  async function heldOf(limits: { trustProxy?: string[] }, host: string) {
    const { app, address } = await start({
      limits: { connectionsPerAddress: 3 },
      host: '0.0.0.0',
      ...limits,
    });
    let arrived = 0;
    const allHere = new Promise<void>((done) => {
      app.server.on('connection', () => {
        arrived += 1;
        if (arrived === 6) done();
      });
    });
    const held = Array.from({ length: 6 }, () => open(`http://${host}:${new URL(address).port}`));
    await allHere;
    const answers = await Promise.all(
      held.map(async ({ socket, closed }) => {
        let heard = '';
        socket.on('data', (data) => {
          heard += data;
        });
        socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        await closed;
        return heard.includes('200 OK');
      }),
    );
    return answers.filter(Boolean).length;
  }

  test.skipIf(own === undefined)(
    'has some of them closed, unless it is a proxy that is trusted',
    async () => {
      expect(await heldOf({}, own ?? '')).toBe(3);
      expect(await heldOf({ trustProxy: [`${own}/32`] }, own ?? '')).toBe(6);
    },
  );

  test('this machine is not counted: a proxy may run on it', async () => {
    expect(await heldOf({}, '127.0.0.1')).toBe(6);
  });
});

describe('whose visitor it is', () => {
  const limits = { subscribesPerMinute: 2, fromThisMachinePerMinute: 0 };
  const path = '/v1/sites/bells/subscriptions';

  async function statuses(trustProxy: string[], forwarded: string[]) {
    const { post } = await start({ limits, trustProxy });
    const found: number[] = [];
    for (const header of forwarded)
      found.push((await post(path, JSON.stringify(subscribe), { origin, 'x-forwarded-for': header })).status);
    return found.map((status) => (status === 429 ? 'waits' : 'served'));
  }

  test.each<[string, string[], string[], string[]]>([
    [
      'what a visitor writes before the proxy’s own word is not believed',
      ['127.0.0.1'],
      ['1.1.1.1, 203.0.113.9', '2.2.2.2, 203.0.113.9', '3.3.3.3, 203.0.113.9'],
      ['served', 'served', 'waits'],
    ],
    [
      'behind several proxies the first that is not trusted is the visitor',
      ['127.0.0.1', '10.0.0.0/8'],
      [
        '9.9.9.9, 203.0.113.9, 10.0.0.7',
        '203.0.113.9, 10.0.0.8, 10.0.0.7',
        '203.0.113.9, 10.1.2.3',
        '203.0.113.10, 10.0.0.7',
      ],
      ['served', 'served', 'waits', 'served'],
    ],
    [
      'a proxy that is not named counts as one visitor',
      ['127.0.0.1'],
      ['203.0.113.1, 10.0.0.7', '203.0.113.2, 10.0.0.7', '203.0.113.3, 10.0.0.7'],
      ['served', 'served', 'waits'],
    ],
    [
      'to claim this machine’s own address gains nothing',
      ['127.0.0.1'],
      ['127.0.0.1, 203.0.113.9', '::1, 203.0.113.9', '127.0.0.1, 203.0.113.9'],
      ['served', 'served', 'waits'],
    ],
    [
      'a /64 is one, its neighbour another; IPv4 in IPv6 is IPv4',
      ['127.0.0.1'],
      [
        '2001:db8::1',
        '2001:db8::ffff:2',
        '2001:db8:0:0:9::',
        '2001:db8:0:1::1',
        '::ffff:203.0.113.1',
        '::ffff:203.0.113.2',
        '::ffff:203.0.113.3',
      ],
      ['served', 'served', 'waits', 'served', 'served', 'served', 'served'],
    ],
    [
      'without a trusted proxy the header says nothing',
      [],
      ['203.0.113.1', '203.0.113.2', '203.0.113.3'],
      ['served', 'served', 'waits'],
    ],
  ])('%s', async (_what, trustProxy, forwarded, expected) => {
    expect(await statuses(trustProxy, forwarded)).toEqual(expected);
  });

  test('a site takes only so many in a minute, from however many addresses; foreign pages do not use them up', async () => {
    const { post, seen } = await start({ limits: { subscribesPerSite: 3 }, trustProxy: ['127.0.0.1'] });
    const from = (visitor: number, page = origin) =>
      post(path, JSON.stringify(subscribe), { origin: page, 'x-forwarded-for': `203.0.113.${visitor}` });
    for (const visitor of [1, 2, 3, 4])
      expect((await from(visitor, 'https://evil.example')).status).toBe(403);
    for (const visitor of [1, 2, 3]) expect((await from(visitor)).status).toBeLessThan(300);
    const refused = await from(4);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    expect((await expectProblem(refused, 'rate_limited')).visitorMessage).toMatch(/Very many people/);
    expect(seen.subscribed).toHaveLength(3);
  });
});

describe('answers keep their order', () => {
  test('what cannot be read is answered after what came before it on the connection', async () => {
    const { address } = await start();
    const get = 'GET /v1/sites/bells/config HTTP/1.1\r\nHost: a\r\n\r\n';
    const heard = await speak(address, `${get}${get}GARBAGE\r\n\r\n`);
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(heard).toMatch(/X-Content-Type-Options: nosniff|x-content-type-options: nosniff/);
  });

  test('a 100 (Continue) never lands inside another answer', async () => {
    const { address } = await start();
    const expecting =
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n{"events":[]}';
    const alone = await speak(address, expecting.replace('Host: a', 'Host: a\r\nConnection: close'));
    expect(alone).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 204/);
    const together = await speak(address, `GET /belfry.js HTTP/1.1\r\nHost: a\r\n\r\n${expecting}`);
    expect(together).not.toContain('100 Continue');
    expect(together.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204']);
  });

  test('every answer carries the security headers, also those that no route gives', async () => {
    const { address } = await start();
    const close = 'Host: a\r\nConnection: close\r\n\r\n';
    for (const bytes of [
      'NO HTTP\r\n\r\n',
      `GET /%E0%A4%A HTTP/1.1\r\n${close}`,
      `GET /nothing HTTP/1.1\r\n${close}`,
      `GET /healthz HTTP/1.1\r\n${close}`,
      `PROPFIND / HTTP/1.1\r\n${close}`,
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${close}`,
      `POST /v1/events HTTP/1.1\r\nContent-Type: x\r\nContent-Length: 1\r\n${close}x`,
      `CONNECT a:1 HTTP/1.1\r\n${close}`,
    ]) {
      const { headers } = firstAnswer(await speak(address, bytes));
      expect(headers.get('x-content-type-options'), bytes.slice(0, 40)).toBe('nosniff');
      expect(headers.get('content-security-policy'), bytes.slice(0, 40)).toContain("default-src 'none'");
    }
  });
});
