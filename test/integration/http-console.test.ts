import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Contract } from '../../main/contract/contract.ts';
import { buildConsoleListener } from '../../main/http/console.ts';
import { standInCore } from './http-core.ts';
import { expectProblem, open } from './http-wire.ts';

const token = { authorization: 'Bearer operator-token' };

let folder: string;
let closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(
    join(folder, 'index.html'),
    '<script type="module" nonce="__CSP_NONCE__" src="./assets/app-1a2b.js"></script>',
  );
  writeFileSync(join(folder, 'assets/app-1a2b.js'), 'app();');
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  rmSync(folder, { recursive: true });
});

async function start(options: { allowedHosts?: string[]; trustProxy?: string[] } = {}) {
  const stand = standInCore();
  const app = await buildConsoleListener({
    core: stand.core,
    rendererFolder: folder,
    allowedHosts: options.allowedHosts ?? [],
    log: stand.log,
    trustProxy: options.trustProxy ?? [],
  });
  closing.push(() => app.close());
  const address = await open(app);
  const { port } = new URL(address);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(address + path, { headers, redirect: 'manual' });
  return { ...stand, app, address, cookie: `belfry_${port}=cookie-value`, get };
}

/** fetch does not let one choose Host. */
function getAs(
  address: string,
  host: string | undefined,
  headers: Record<string, string> = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(address, { headers: { ...headers, ...(host && { host }) } }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () =>
        resolve(
          new Response(body, {
            status: answer.statusCode ?? 0,
            headers: { 'content-type': answer.headers['content-type'] ?? '' },
          }),
        ),
      );
    });
    sent.on('error', reject).end();
  });
}

const clientAt = (address: string, headers: Record<string, string>): ContractRouterClient<Contract> =>
  createORPCClient(new RPCLink({ url: `${address}/rpc`, headers }));

describe('signing in', () => {
  test('the address with the token is exchanged once for a cookie', async () => {
    const { get, cookie } = await start();
    const first = await get('/?token=operator-token');
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toBe('/');
    const set = first.headers.get('set-cookie') ?? '';
    expect(set.split('; ')).toEqual(
      expect.arrayContaining([cookie, 'Path=/', 'HttpOnly', 'SameSite=Strict']),
    );
    expect(set).not.toContain('Secure');
    expect(set).not.toContain('operator-token');
    const page = await get('/', { cookie: `other=1; ${cookie}` });
    expect(page.status).toBe(200);
    const nonce = /nonce="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(page.headers.get('content-security-policy')).toContain(`script-src 'self' 'nonce-${nonce}'`);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect((await get('/api/v1/sites', { cookie })).status).toBe(200);
  });

  test('the cookie is Secure where a trusted proxy speaks TLS', async () => {
    const { get } = await start({ trustProxy: ['127.0.0.1'] });
    const answer = await get('/?token=operator-token', { 'x-forwarded-proto': 'https' });
    expect(answer.headers.get('set-cookie')).toContain('; Secure');
  });

  test('without it, people get a page that says what to do, and programs a problem document', async () => {
    const { get } = await start();
    for (const path of ['/', '/?token=wrong', '/?token=send-key', '/?token=']) {
      const page = await get(path, { accept: 'text/html,*/*' });
      expect(page.status).toBe(401);
      expect(page.headers.has('set-cookie')).toBe(false);
      expect(await page.text()).toContain('Open the address that Belfry printed');
      await expectProblem(await get(path), 'unauthorized');
    }
    const fromElsewhere = await get('/', { accept: 'text/html', 'sec-fetch-site': 'cross-site' });
    expect(await fromElsewhere.text()).toContain('http-equiv="refresh"');
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic operator-token' },
      { authorization: 'operator-token' },
      { cookie: 'belfry_1=cookie-value' },
    ];
    for (const path of [
      '/icon.svg',
      '/assets/app-1a2b.js',
      '/api/v1/sites',
      '/api/v1/openapi.json',
      '/rpc/sites/list',
      '/nothing',
    ])
      for (const headers of wrong) {
        const answer = await get(path, headers);
        await expectProblem(answer, 'unauthorized');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
  });

  test('API keys open the REST API and nothing else', async () => {
    const { get } = await start();
    const key = { authorization: 'Bearer send-key' };
    expect((await get('/api/v1/sites', key)).status).toBe(200);
    for (const path of ['/', '/rpc/sites/list', '/icon.svg'])
      await expectProblem(await get(path, key), 'forbidden');
  });
});

describe('who may ask', () => {
  test('only names of this machine, IP addresses and names that were allowed', async () => {
    const { address } = await start({ allowedHosts: ['Console.Example'] });
    const port = new URL(address).port;
    for (const host of [
      'localhost',
      'LOCALHOST.',
      'belfry.localhost',
      '127.0.0.1',
      '192.0.2.7',
      '[::1]',
      'console.example',
    ])
      expect((await getAs(`${address}/`, `${host}:${port}`, token)).status, host).toBe(200);
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'console.example.evil',
      'a b',
      '',
      '::1',
      'evil.example@localhost',
    ])
      for (const path of ['/', '/api/v1/sites', '/?token=operator-token']) {
        const answer = await getAs(address + path, host === '' ? ' ' : host, token);
        expect(answer.status, `${host} ${path}`).toBe(403);
        await expectProblem(answer, 'forbidden');
      }
  });

  test('a foreign page cannot use the cookie, nor any credential, to change something', async () => {
    const { address, cookie, seen } = await start();
    const post = (headers: Record<string, string>) =>
      fetch(`${address}/api/v1/sites`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name: 'a', origins: ['https://a.example'], subject: 'mailto:a@a.example' }),
      });
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      {},
    ];
    for (const headers of foreign) await expectProblem(await post({ cookie, ...headers }), 'forbidden');
    await expectProblem(await post({ ...token, origin: 'https://evil.example' }), 'forbidden');
    expect(seen.made).toBe(0);
    expect((await post({ cookie, origin: address })).status).toBe(201);
    expect((await post({ cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect((await post(token)).status).toBe(201);
    const read = (site: string) =>
      fetch(`${address}/api/v1/sites`, { headers: { cookie, 'sec-fetch-site': site } });
    // another port of this machine is the same site to a browser, and gets our cookie
    await expectProblem(await read('same-site'), 'forbidden');
    await expectProblem(await read('cross-site'), 'forbidden');
    expect((await read('same-origin')).status).toBe(200);
    expect((await read('none')).status).toBe(200);
    // a link on such a page that a person follows is harmless: the page cannot read what opens
    const followed = await fetch(address, {
      headers: { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' },
    });
    expect(followed.status).toBe(200);
  });
});

describe('what is served', () => {
  test('the built console; what bears a hash may be kept for ever', async () => {
    const { get } = await start();
    const asset = await get('/assets/app-1a2b.js', token);
    expect(await asset.text()).toBe('app();');
    expect(asset.headers.get('cache-control')).toMatch(/private, .*immutable/);
    expect((await get('/icon.svg', token)).headers.get('cache-control')).toBe('no-cache');
    for (const path of [
      '/index.html',
      '/assets/none.js',
      '/v1/events',
      '/v1/sites/bells/config',
      '/belfry.js',
      '/healthz',
      '/%2e%2e/x',
    ])
      await expectProblem(await get(path, token), 'not_found');
  });

  test('the contract as procedures, with its errors declared', async () => {
    const { address, seen, log } = await start();
    const client = clientAt(address, token);
    expect((await client.sites.list({ limit: 7 })).items[0]?.id).toBe('limit 7');
    await expect(client.sites.get({ id: 'none' })).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
      defined: true,
      data: { detail: 'There is no such site.' },
    });
    const invalid = await client.sites
      .create({ name: '', origins: [], subject: 'x' })
      .catch((error: unknown) => error);
    expect(invalid).toBeInstanceOf(ORPCError);
    expect(invalid).toMatchObject({ code: 'invalid_input', defined: true });
    expect(
      (invalid as ORPCError<string, { errors: { pointer: string }[] }>).data.errors.map(
        ({ pointer }) => pointer,
      ),
    ).toEqual(['/name', '/origins', '/subject']);
    const fault = await client.sites.get({ id: 'fault' }).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'internal', status: 500, defined: true });
    expect(JSON.stringify(fault) + log.lines.join()).not.toContain('hunter2');
    expect(log.lines[0]).toContain('sites.get');
    await client.sites.create({ name: 'a', origins: ['https://a.example'], subject: 'mailto:a@a.example' });
    expect(seen.contexts).toMatchObject([{ actor: { kind: 'operator', door: 'browser' } }]);
  });

  test('procedures take JSON only, and not by GET when they change something', async () => {
    const { address, get } = await start();
    const send = (body: string, type: string) =>
      fetch(`${address}/rpc/sites/get`, {
        method: 'POST',
        headers: { ...token, 'content-type': type },
        body,
      });
    await expectProblem(await send('{}', 'text/plain'), 'unsupported_media_type');
    await expectProblem(await send('{', 'application/json'), 'invalid_input');
    await expectProblem(await send('{"json": {"__proto__": 1}}', 'application/json'), 'invalid_input');
    await expectProblem(await send('['.repeat(5000), 'application/json'), 'invalid_input');
    expect((await get('/rpc/sites/remove?data={"json":{"id":"1"}}', token)).status).toBe(405);
    await expectProblem(await get('/rpc/none/such', token), 'not_found');
  });
});

describe('streams', () => {
  test('reach the client at once and end when it goes', async () => {
    const { address, seen } = await start();
    const gone = new AbortController();
    const events = await clientAt(address, token).system.watch(undefined, { signal: gone.signal });
    expect((await events.next()).value).toEqual({ type: 'hello' });
    expect(seen.streamsOpen).toBe(1);
    gone.abort();
    await vi.waitFor(() => expect(seen.streamsOpen).toBe(0));
  });

  test('come as server-sent events over REST', async () => {
    const { address, seen } = await start();
    const gone = new AbortController();
    const response = await fetch(`${address}/api/v1/live`, { headers: token, signal: gone.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let heard = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (reader !== undefined && !heard.includes('hello')) heard += (await reader.read()).value ?? '';
    expect(heard).toContain('event: message\ndata: {"type":"hello"}\n\n');
    gone.abort();
    await vi.waitFor(() => expect(seen.streamsOpen).toBe(0));
  });

  test('end when the listener closes', async () => {
    const { app, address, seen } = await start();
    const events = await clientAt(address, token).system.watch();
    await events.next();
    const rest = events.next().catch(() => undefined);
    await app.close();
    await rest;
    expect(seen.streamsOpen).toBe(0);
  });
});
