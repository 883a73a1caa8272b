import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildPublicListener, type PublicLimits } from '../../main/http/public.ts';
import { standInCore } from './http-core.ts';
import { expectProblem, firstAnswer, open, speak } from './http-wire.ts';

const origin = 'https://bells.example';
const subscribe = {
  subscription: { endpoint: 'https://push.example/a', keys: { p256dh: 'BA', auth: 'AA' } },
  intent: 'subscribe',
};
const json = { 'content-type': 'application/json' };

let folder: string;
let closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-public-'));
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'belfry.js'), 'client();'.repeat(500));
  writeFileSync(join(folder, 'belfry.mjs'), 'export {};');
  writeFileSync(join(folder, 'belfry-sw.js'), 'worker();');
  writeFileSync(
    join(folder, 'page/index.html'),
    '<script nonce="__CSP_NONCE__"></script><p data-key="__SITE_KEY__">__SITE_NAME__</p>',
  );
  writeFileSync(join(folder, 'page/assets/page.css'), 'p { margin: 0 }');
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  rmSync(folder, { recursive: true });
});

async function start(
  options: { limits?: Partial<PublicLimits>; landing?: () => boolean; trustProxy?: string[] } = {},
) {
  const stand = standInCore();
  const app = await buildPublicListener({
    visitors: stand.core.visitors,
    clientFiles: folder,
    landing: options.landing ?? (() => true),
    trustProxy: options.trustProxy ?? [],
    log: stand.log,
    limits: options.limits ?? {},
  });
  closing.push(() => app.close());
  const address = await open(app);
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(address + path, { method: 'POST', body, headers: { ...json, ...headers } });
  return { ...stand, app, address, post };
}

describe('what a page of the site asks', () => {
  test('its configuration, with a validator, readable by its own origins only', async () => {
    const { address } = await start();
    const first = await fetch(`${address}/v1/sites/bells/config`, { headers: { origin } });
    expect(await first.json()).toEqual({
      vapidPublicKey: 'BPublicKey',
      prompt: { kind: 'page' },
      workerPath: '/belfry-sw.js',
    });
    expect(first.headers.get('access-control-allow-origin')).toBe(origin);
    expect(first.headers.get('vary')).toContain('Origin');
    expect(first.headers.get('cache-control')).toMatch(/max-age=\d{1,3}$/);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${address}/v1/sites/bells/config`, {
      headers: { 'if-none-match': `W/"x", ${etag}` },
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');

    const foreign = await fetch(`${address}/v1/sites/bells/config`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
    await expectProblem(await fetch(`${address}/v1/sites/none/config`), 'not_found');
    await expectProblem(await fetch(`${address}/v1/sites/${'k'.repeat(500)}/config`), 'not_found');
  });

  test('subscribes: 201 for somebody new, 200 for somebody known', async () => {
    const { post, seen } = await start();
    const first = await post('/v1/sites/bells/subscriptions', JSON.stringify(subscribe), { origin });
    expect(first.status).toBe(201);
    expect(first.headers.get('access-control-allow-origin')).toBe(origin);
    expect(await first.json()).toEqual({ id: 'sub_1' });
    const again = await post('/v1/sites/bells/subscriptions', JSON.stringify(subscribe), { origin });
    expect(again.status).toBe(200);
    expect(seen.subscribed).toEqual([subscribe, subscribe]);
  });

  test('is refused from another origin, or from none, with the body unread', async () => {
    const { post, seen } = await start();
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }] as Record<
      string,
      string
    >[]) {
      for (const body of [JSON.stringify(subscribe), '{"broken']) {
        const response = await post('/v1/sites/bells/subscriptions', body, headers);
        expect(response.headers.has('access-control-allow-origin')).toBe(false);
        expect((await expectProblem(response, 'origin_not_allowed')).visitorMessage).toBeTruthy();
      }
    }
    await expectProblem(await post('/v1/sites/none/subscriptions', '{}', { origin }), 'not_found');
    expect(seen.subscribed).toEqual([]);
  });

  test('is told what is wrong with it, with a pointer and a sentence for its visitor', async () => {
    const { post } = await start();
    const body = { ...subscribe, intent: 'steal', attributes: { 'a/b~c': { deep: 1 } } };
    const response = await post('/v1/sites/bells/subscriptions', JSON.stringify(body), { origin });
    const problem = await expectProblem(response, 'invalid_input');
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/intent', '/attributes/a~1b~0c']);
    expect(problem.visitorMessage).toMatch(/[a-z]{3}.*\./);
    // so that the page may read what its visitor is to be told
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('preflights are answered for its own origins only', async () => {
    const { address } = await start();
    const ask = (path: string, from: string) =>
      fetch(`${address}/v1/sites/bells/${path}`, {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'POST' },
      });
    for (const path of ['subscriptions', 'subscriptions/remove', 'config']) {
      const own = await ask(path, origin);
      expect(own.status).toBe(204);
      expect(own.headers.get('access-control-allow-origin')).toBe(origin);
      expect(own.headers.get('access-control-allow-headers')?.toLowerCase()).toBe('content-type');
      const foreign = await ask(path, 'https://evil.example');
      await expectProblem(foreign, 'origin_not_allowed');
      expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  test('leaving always answers the same, whoever asks and whatever the endpoint', async () => {
    const { post, seen } = await start();
    const bodies = [{ endpoint: 'https://push.example/a' }, { endpoint: 'nothing' }, { endpoint: 7 }, {}, []];
    for (const body of bodies) {
      for (const path of ['/v1/sites/bells/subscriptions/remove', '/v1/sites/none/subscriptions/remove']) {
        const response = await post(path, JSON.stringify(body), { origin });
        expect(response.status).toBe(204);
      }
    }
    expect(seen.removed).toEqual(['https://push.example/a', 'nothing']);
    await expectProblem(await post('/v1/sites/bells/subscriptions/remove', '{', { origin }), 'invalid_input');
  });
});

describe('reports of notifications', () => {
  const event = { token: 't', type: 'shown', at: 1 };

  test('are taken as text/plain and JSON, from any origin', async () => {
    const { address, post, seen } = await start();
    const plain = await post('/v1/events', JSON.stringify({ events: [event] }), {
      'content-type': 'text/plain;charset=UTF-8',
      origin: 'https://anywhere.example',
    });
    expect(plain.status).toBe(204);
    expect(plain.headers.get('access-control-allow-origin')).toBe('*');
    expect((await post('/v1/events', JSON.stringify({ events: [event] }))).status).toBe(204);
    expect(seen.reports).toEqual([event, event]);
    const preflight = await fetch(`${address}/v1/events`, {
      method: 'OPTIONS',
      headers: { origin: 'https://any.example' },
    });
    expect(preflight.status).toBe(204);
  });

  test('are refused beyond a hundred, and in other formats', async () => {
    const { post, seen } = await start();
    const many = JSON.stringify({ events: Array.from({ length: 101 }, () => event) });
    await expectProblem(await post('/v1/events', many), 'invalid_input');
    await expectProblem(
      await post('/v1/events', '{}', { 'content-type': 'text/html' }),
      'unsupported_media_type',
    );
    await expectProblem(
      await post('/v1/events', JSON.stringify({ events: [{ ...event, type: 'eaten' }] })),
      'invalid_input',
    );
    expect(seen.reports).toEqual([]);
  });

  test('a fault inside shows nothing of the inside, neither in the answer nor in the log', async () => {
    const { post, seen } = await start();
    const response = await post('/v1/events', JSON.stringify({ events: [{ ...event, token: 'fault' }] }));
    const problem = await expectProblem(response, 'internal');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(seen.logged).toHaveLength(1);
    expect(seen.logged[0]).toContain('http-core.ts');
    expect(seen.logged[0]).not.toMatch(/secret|push\.example/);
  });
});

describe('client files', () => {
  test('can be embedded by any page; the worker may control the whole site', async () => {
    const { address } = await start();
    for (const path of ['/belfry.js', '/belfry.mjs', '/belfry-sw.js']) {
      const response = await fetch(address + path);
      expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const etag = response.headers.get('etag') ?? '';
      expect((await fetch(address + path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    }
    const worker = await fetch(`${address}/belfry-sw.js`);
    expect(worker.headers.get('service-worker-allowed')).toBe('/');
    expect(worker.headers.get('cache-control')).toBe('no-cache');
    expect(await worker.text()).toBe('worker();');
  });

  test('come compressed to those who take it', async () => {
    const { app } = await start();
    const get = (accept: string) => app.inject({ url: '/belfry.js', headers: { 'accept-encoding': accept } });
    const plain = await get('br;q=0, identity');
    const packed = await get('gzip, deflate, br');
    expect(packed.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(packed.rawPayload).toString()).toBe(plain.payload);
    expect(packed.headers.etag).not.toBe(plain.headers.etag);
    expect(plain.headers['content-encoding']).toBeUndefined();
  });
});

describe('the landing page', () => {
  test('is of the site that was asked for, its name harmless, under a strict policy', async () => {
    const { address } = await start();
    const response = await fetch(`${address}/?site=bells`);
    const html = await response.text();
    const nonce = /script nonce="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(html).toContain('data-key="bells"');
    expect(html).toContain('>&lt;b&gt;Bells &amp; &quot;Co&quot;&lt;/b&gt;__CSP_NONCE__<');
    const csp = response.headers.get('content-security-policy') ?? '';
    expect(csp).toContain(`'nonce-${nonce}'`);
    expect(csp).toContain("default-src 'none'");
    expect(csp).not.toContain('unsafe');
    expect(await (await fetch(`${address}/?site=bells`)).text()).not.toContain(nonce);
    expect((await fetch(`${address}/landing/assets/page.css`)).headers.get('content-type')).toMatch(
      'text/css',
    );
    await expectProblem(await fetch(`${address}/?site=none`), 'not_found');
    for (const path of [
      '/landing/../belfry.js',
      '/landing/%2e%2e/belfry.js',
      '/landing/..%2fbelfry.js',
      '/landing/%00',
    ])
      await expectProblem(
        firstAnswer(await speak(address, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)),
      );
  });

  test('is not there while it is not allowed', async () => {
    let allowed = false;
    const { address } = await start({ landing: () => allowed });
    await expectProblem(await fetch(`${address}/`), 'not_found');
    await expectProblem(await fetch(`${address}/landing/assets/page.css`), 'not_found');
    allowed = true;
    expect((await fetch(`${address}/`)).status).toBe(200);
  });
});

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
    const limits = { subscribesPerMinute: 3, reportsPerMinute: 5 };
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
