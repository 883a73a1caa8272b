import { describe, expect, test } from 'vitest';
import { origin, startPublic as start, subscribe } from './http-public.ts';
import { expectProblem, firstAnswer, speak } from './http-wire.ts';

describe('what has no business here', () => {
  test('is a problem document: unknown addresses, other methods, the routes of the console', async () => {
    const { address } = await start();
    for (const path of [
      '/nothing',
      '/rpc/sites/list',
      '/api/v1/sites',
      '/api/v1/openapi.json',
      '/v1/sites/bells',
      '/landing/none',
    ])
      await expectProblem(
        await fetch(address + path, { headers: { authorization: 'Bearer operator-token' } }),
        'not_found',
      );
    const wrong = await fetch(`${address}/v1/sites/bells/subscriptions`);
    await expectProblem(wrong, 'method_not_allowed');
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['OPTIONS', 'POST']);
    const odd = await speak(address, 'PROPFIND /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await expectProblem(firstAnswer(odd), 'method_not_allowed');
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 'invalid_input'],
    ['a method that does not exist', 'STEAL / HTTP/1.1\r\nHost: a\r\n\r\n', 'invalid_input'],
    ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 'invalid_input'],
    ['a broken escape', 'GET /%E0%A4%A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'invalid_input'],
    [
      'a broken escape in a key',
      'GET /v1/sites/%zz/config HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'invalid_input',
    ],
    [
      'large headers',
      `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
      'headers_too_large',
    ],
    ['a long address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'headers_too_large'],
    [
      'two lengths (smuggling)',
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
      'invalid_input',
    ],
    [
      'two different lengths',
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
      'invalid_input',
    ],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n', 'invalid_input'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 'invalid_input'],
    ['a tunnel', 'CONNECT push.example:443 HTTP/1.1\r\nHost: push.example\r\n\r\n', 'method_not_allowed'],
    [
      'an expectation that nobody knows',
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nExpect: gold\r\nContent-Length: 2\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n{}',
      'invalid_input',
    ],
    [
      'a compressed body',
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n{}',
      'unsupported_media_type',
    ],
  ] as const)('%s', async (_what, bytes, code) => {
    const { address } = await start();
    await expectProblem(firstAnswer(await speak(address, bytes)), code);
  });

  test.each([
    ['subscriptions', '/v1/sites/bells/subscriptions', 16],
    ['remove', '/v1/sites/bells/subscriptions/remove', 4],
    ['events', '/v1/events', 64],
  ])('%s: a body beyond its limit', async (_what, path, kilobytes) => {
    const { address, post } = await start();
    const inside = await post(path, `{"filler": "${'x'.repeat(kilobytes * 1024 - 20)}"}`, { origin });
    expect(inside.status).not.toBe(413);
    const length = kilobytes * 1024 + 1;
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\nContent-Type: application/json\r\n`;
    const announced = await speak(address, `${head}Content-Length: ${length}\r\n\r\n`);
    await expectProblem(firstAnswer(announced), 'payload_too_large');
    const chunk = `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;
    await expectProblem(
      firstAnswer(await speak(address, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)),
      'payload_too_large',
    );
  });
});

describe('those who would wear it out', () => {
  test('a client that never ends its headers, or its body, is told and cut off', async () => {
    const { address } = await start({ limits: { headersTimeout: 150, requestTimeout: 300 } });
    await expectProblem(
      firstAnswer(await speak(address, 'GET / HTTP/1.1\r\nHost: a\r\nX-')),
      'request_timeout',
    );
    const body =
      'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n{';
    await expectProblem(firstAnswer(await speak(address, body)), 'request_timeout');
  });

  test('an address that asks too often waits; behind a proxy that is trusted each visitor counts alone', async () => {
    const limits = { subscribesPerMinute: 3, reportsPerMinute: 5, fromThisMachinePerMinute: 0 };
    const { post } = await start({ limits });
    const from = (visitor: string) => ({ origin, 'x-forwarded-for': visitor });
    const times = async (count: number, ask: (index: number) => Promise<Response>) => {
      const statuses: number[] = [];
      for (let index = 0; index < count; index += 1) statuses.push((await ask(index)).status);
      return statuses;
    };
    const one = '/v1/sites/bells/subscriptions';
    // nobody said that a proxy stands before us: the header is a visitor's own word
    expect(await times(4, (index) => post(one, JSON.stringify(subscribe), from(`10.0.0.${index}`)))).toEqual([
      201, 200, 200, 429,
    ]);
    const refused = await post(one, JSON.stringify(subscribe), { origin });
    const problem = await expectProblem(refused, 'rate_limited');
    expect(problem.visitorMessage).toMatch(/minute/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    expect(refused.headers.get('access-control-expose-headers')).toMatch(/retry-after/i);

    const behind = await start({ limits, trustProxy: ['127.0.0.1'] });
    const visits = (visitor: (index: number) => string) =>
      times(4, (index) => behind.post(one, JSON.stringify(subscribe), from(visitor(index))));
    expect(await visits((index) => `198.51.100.${index}`)).not.toContain(429);
    expect(await visits(() => '203.0.113.9')).toContain(429);
    // a household has a whole /64: addresses within it are one
    expect(await visits((index) => `2001:db8::${index + 1}`)).toContain(429);
  });

  test('what pages read is counted too, and a page can read that it shall wait', async () => {
    const { address } = await start({ limits: { readsPerMinute: 4, fromThisMachinePerMinute: 0 } });
    const read = (path: string) => fetch(`${address}/v1/sites/bells/${path}`, { headers: { origin } });
    const statuses: number[] = [];
    for (const path of ['config', 'prompt', 'config', 'prompt']) statuses.push((await read(path)).status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    for (const path of ['config', 'prompt']) {
      const refused = await read(path);
      expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('cache-control')).toBe('no-store');
      await expectProblem(refused, 'rate_limited');
    }
    // another door is another count
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });

  test('closing ends within seconds, whoever is still talking', async () => {
    const { app, address } = await start();
    const slow = speak(address, 'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{');
    const idle = speak(address, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await fetch(`${address}/healthz`);
    await app.close();
    expect(await idle).toContain('200 OK');
    await slow;
  });
});
