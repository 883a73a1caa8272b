import { afterEach, describe, expect, test } from 'vitest';
import { buildApiListener } from '../../main/http/api.ts';
import { buildConsoleListener } from '../../main/http/console.ts';
import { routes } from '../../main/http/rest.ts';
import { standInCore } from './http-core.ts';
import { expectProblem, open } from './http-wire.ts';

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

const newSite = { name: 'Bells', origins: ['https://bells.example'], subject: 'mailto:ringer@bells.example' };

async function start() {
  const stand = standInCore();
  const app = await buildApiListener({ core: stand.core, log: stand.log });
  closing.push(() => app.close());
  const address = await open(app);
  const ask = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`${address}/api/v1${path}`, {
      method,
      headers: {
        authorization: 'Bearer send-key',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  return { ...stand, address, ask };
}

describe('the listener for API keys', () => {
  test('takes API keys and nothing else, and serves the API and nothing else', async () => {
    const { address, ask } = await start();
    expect((await ask('GET', '/sites')).status).toBe(200);
    const others: Record<string, string>[] = [
      { authorization: 'Bearer operator-token' },
      { authorization: 'Bearer nothing' },
      { authorization: '', cookie: `belfry_${new URL(address).port}=cookie-value` },
    ];
    for (const headers of others) {
      await expectProblem(await ask('GET', '/sites', undefined, headers), 'unauthorized');
      await expectProblem(await ask('GET', '/openapi.json', undefined, headers), 'unauthorized');
    }
    for (const path of [
      '/',
      '/rpc/sites/list',
      '/?token=operator-token',
      '/healthz',
      '/v1/events',
      '/belfry.js',
    ])
      await expectProblem(
        await fetch(address + path, { headers: { authorization: 'Bearer send-key' } }),
        'not_found',
      );
  });
});

describe('the REST API', () => {
  test('answers with what the contract says', async () => {
    const { ask } = await start();
    const page = await ask('GET', '/sites?limit=7');
    expect(page.headers.get('content-type')).toMatch('application/json');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.json()).toMatchObject({ items: [{ id: 'limit 7' }], nextCursor: null });
    expect((await ask('HEAD', '/sites')).status).toBe(200);
    const made = await ask('POST', '/sites', JSON.stringify(newSite));
    expect(made.status).toBe(201);
    expect(await (await ask('PATCH', '/sites/site%20x', '{"name": "New"}')).json()).toMatchObject({
      id: 'site x',
    });
    const removed = await ask('DELETE', '/sites/1');
    expect(removed.status).toBe(204);
    expect(await removed.text()).toBe('');
  });

  test('refuses with problem documents that say where', async () => {
    const { ask, seen, log } = await start();
    await expectProblem(await ask('GET', '/sites/none'), 'not_found');
    await expectProblem(await ask('GET', '/none'), 'not_found');
    await expectProblem(await ask('GET', `/sites/${'x'.repeat(65)}`), 'invalid_input');
    const unknown = await expectProblem(
      await ask(
        'POST',
        '/sites',
        JSON.stringify({ ...newSite, 'co/lour': 'red', settings: { visitorTags: [''] } }),
      ),
      'invalid_input',
    );
    expect(unknown.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      '/co~1lour',
      '/settings/visitorTags/0',
    ]);
    const limit = await expectProblem(await ask('GET', '/sites?limit=501'), 'invalid_input');
    expect(limit.errors?.[0]?.pointer).toBe('/limit');
    for (const body of [
      '{',
      '',
      '{"a": 1}}',
      '{"__proto__": {"a": 1}}',
      '{"\\u005f_proto__": 1}',
      '[]',
      'null',
      '"x"',
      '['.repeat(9000),
    ])
      await expectProblem(await ask('POST', '/sites', body), 'invalid_input');
    await expectProblem(await ask('POST', '/sites'), 'invalid_input');
    await expectProblem(
      await ask('POST', '/sites', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      'unsupported_media_type',
    );
    await expectProblem(await ask('POST', '/sites', `"${'x'.repeat(4 * 1024 * 1024)}"`), 'payload_too_large');
    const method = await ask('PUT', '/sites/1', '{}');
    await expectProblem(method, 'method_not_allowed');
    expect(method.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH']);
    const fault = await expectProblem(await ask('GET', '/sites/fault'), 'internal');
    expect(JSON.stringify(fault) + log.lines.join()).not.toContain('hunter2');
    expect(seen.made).toBe(0);
  });
});

describe('Idempotency-Key', () => {
  const key = (name: string) => ({ 'idempotency-key': name });

  test('a repeat gets the first answer again, and nothing is done twice', async () => {
    const { ask, seen } = await start();
    const first = await ask('POST', '/sites', JSON.stringify(newSite), key('one'));
    const again = await ask('POST', '/sites', JSON.stringify(newSite), key('one'));
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(await again.text()).toBe(await first.text());
    await ask('POST', '/sites', JSON.stringify(newSite), key('two'));
    await ask('POST', '/sites', JSON.stringify(newSite), { ...key('one'), authorization: 'Bearer read-key' });
    expect(seen.made).toBe(3);
    expect(new Set(seen.contexts.map(({ requestId }) => requestId)).size).toBe(3);
  });

  test('a refusal is kept too, as a problem document', async () => {
    const { ask } = await start();
    await expectProblem(await ask('POST', '/sites', '{"name": 1}', key('bad')), 'invalid_input');
    const again = await ask('POST', '/sites', '{"name": 1}', key('bad'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await expectProblem(again, 'invalid_input');
  });

  test('with another body, or for another address, it is refused', async () => {
    const { ask, seen } = await start();
    await ask('POST', '/sites', JSON.stringify(newSite), key('one'));
    const other = JSON.stringify({ ...newSite, name: 'Other' });
    await expectProblem(await ask('POST', '/sites', other, key('one')), 'idempotency_mismatch');
    await expectProblem(
      await ask('POST', '/campaigns', JSON.stringify(newSite), key('one')),
      'idempotency_mismatch',
    );
    expect(seen.made).toBe(1);
  });

  test('repeats that come while the first is under way are told so', async () => {
    const { ask, seen, whenCreating } = await start();
    let goOn = () => {};
    const entered = new Promise<void>((resolve) => {
      whenCreating(() => {
        resolve();
        return new Promise((done) => {
          goOn = done;
        });
      });
    });
    const first = ask('POST', '/sites', JSON.stringify(newSite), key('one'));
    await entered;
    const repeats = await Promise.all(
      [1, 2, 3].map(() => ask('POST', '/sites', JSON.stringify(newSite), key('one'))),
    );
    for (const repeat of repeats) await expectProblem(repeat, 'request_in_progress');
    goOn();
    expect((await first).status).toBe(201);
    expect(
      (await ask('POST', '/sites', JSON.stringify(newSite), key('one'))).headers.get('idempotency-replayed'),
    ).toBe('true');
    expect(seen.made).toBe(1);
  });

  test('a client that gives up does not stop the request, and finds its answer later', async () => {
    const { address, ask, seen, whenCreating } = await start();
    let goOn = () => {};
    const impatient = new AbortController();
    whenCreating(async () => {
      impatient.abort();
      await new Promise<void>((done) => {
        goOn = done;
      });
    });
    await expect(
      fetch(`${address}/api/v1/sites`, {
        method: 'POST',
        body: JSON.stringify(newSite),
        headers: { authorization: 'Bearer send-key', 'content-type': 'application/json', ...key('one') },
        signal: impatient.signal,
      }),
    ).rejects.toThrow();
    goOn();
    await expect
      .poll(async () =>
        (await ask('POST', '/sites', JSON.stringify(newSite), key('one'))).headers.get(
          'idempotency-replayed',
        ),
      )
      .toBe('true');
    expect(seen.made).toBe(1);
  });

  test('our own faults are forgotten', async () => {
    const { ask, seen, whenCreating } = await start();
    whenCreating(async () => {
      throw new Error('disk on fire');
    });
    await expectProblem(await ask('POST', '/sites', JSON.stringify(newSite), key('one')), 'internal');
    whenCreating(async () => undefined);
    expect((await ask('POST', '/sites', JSON.stringify(newSite), key('one'))).status).toBe(201);
    expect(seen.made).toBe(1);
  });

  test('must be a name that fits', async () => {
    const { ask, seen } = await start();
    for (const name of ['', 'x'.repeat(256), 'two words', 'ü'])
      await expectProblem(await ask('POST', '/sites', JSON.stringify(newSite), key(name)), 'invalid_input');
    expect((await ask('POST', '/sites', JSON.stringify(newSite), key('x'.repeat(255)))).status).toBe(201);
    expect(seen.made).toBe(1);
  });
});

describe('openapi.json', () => {
  interface Operation {
    security: Record<string, string[]>[];
    parameters?: { $ref?: string }[];
    responses: Record<string, unknown>;
  }
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: Record<string, Record<string, unknown>>;
  }

  test('covers every route of the contract, with errors, credentials and Idempotency-Key', async () => {
    const { ask } = await start();
    const document = (await (await ask('GET', '/openapi.json')).json()) as Document;
    expect(document.openapi).toMatch(/^3\.1/);
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(described.sort()).toEqual(
      routes()
        .map(({ method, url }) => `${method} ${url}`)
        .sort(),
    );
    for (const operations of Object.values(document.paths))
      for (const [method, operation] of Object.entries(operations)) {
        expect(operation.responses['default']).toEqual({ $ref: '#/components/responses/Problem' });
        expect(operation.security).toHaveLength(1);
        const takesKey =
          operation.parameters?.some(({ $ref }) => $ref === '#/components/parameters/IdempotencyKey') ??
          false;
        expect(takesKey).toBe(method === 'post');
      }
    expect(document.paths['/campaigns']?.['post']?.security).toEqual([{ apiKey: ['send'] }]);
  });

  test('has no reference that leads nowhere', async () => {
    const { ask } = await start();
    const text = await (await ask('GET', '/openapi.json')).text();
    const document: unknown = JSON.parse(text);
    const references = new Set(
      [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? ''),
    );
    expect(references.size).toBeGreaterThan(8);
    for (const reference of references) {
      const steps = reference.replace(/^#\//, '').split('/');
      const target = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)?.[step], document);
      expect(target, reference).toBeTypeOf('object');
    }
  });

  test('every one of its routes is served, also on the console listener', async () => {
    const stand = standInCore();
    const app = await buildConsoleListener({
      core: stand.core,
      rendererFolder: import.meta.dirname,
      allowedHosts: [],
      log: stand.log,
    });
    closing.push(() => app.close());
    await app.ready();
    for (const { method, url } of routes())
      expect(app.hasRoute({ method, url: `/api/v1${url}` }), url).toBe(true);
    expect(app.hasRoute({ method: 'GET', url: '/api/v1/openapi.json' })).toBe(true);
  });
});
