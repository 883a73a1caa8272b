import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { origin, startPublic as start, subscribe } from './http-public.ts';
import { expectProblem, firstAnswer, speak } from './http-wire.ts';

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
    // so that a page whose origin is missing in the console can say so
    expect(foreign.headers.get('access-control-allow-origin')).toBe('*');
    expect((await expectProblem(foreign, 'origin_not_allowed')).visitorMessage).toBeTruthy();
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
    const { post, log } = await start();
    const response = await post('/v1/events', JSON.stringify({ events: [{ ...event, token: 'fault' }] }));
    const problem = await expectProblem(response, 'internal');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('http-core.ts');
    expect(log.lines[0]).not.toMatch(/secret|push\.example/);
  });
});

describe('client files', () => {
  test('can be embedded by any page; the worker may control the whole site', async () => {
    const { address } = await start();
    for (const path of ['/belfry.js', '/belfry.mjs', '/belfry-prompts.js', '/belfry-sw.js']) {
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
