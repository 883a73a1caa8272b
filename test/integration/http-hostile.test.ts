import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscriberStates } from '../../main/contract/subscribers.ts';
import type { Options } from '../../main/options.ts';
import { startProgram } from '../../main/program.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';
import { keepLog } from '../helpers/log.ts';
import { genuine, hostileRequest, hostileSubscription, origin, type Sent } from './http-hostile-input.ts';
import { expectProblem } from './http-wire.ts';

/**
 * The whole program against visitors who mean harm: whatever they
 * send is refused with a problem document, nothing of it is stored, and nothing is ever sent where they point.
 */
let belfry: Awaited<ReturnType<typeof startBelfry>>;
/** Listens where the forged endpoints point. */
let witness: Server;
let witnessPort = 0;
let connections = 0;

beforeAll(async () => {
  witness = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => witness.listen(0, resolve));
  const address = witness.address();
  witnessPort = typeof address === 'object' && address !== null ? address.port : 0;
  belfry = await startBelfry();
});
afterAll(async () => {
  await belfry.close();
  witness.close();
});

async function startBelfry() {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-hostile-'));
  const log = keepLog();
  const options: Options = {
    data: folder,
    publicHost: '127.0.0.1',
    publicPort: 0,
    publicUrl: null,
    consoleHost: '127.0.0.1',
    consolePort: null,
    apiPort: null,
    trustProxy: ['127.0.0.1'],
    landing: false,
    rehearsal: false,
    allowPushHosts: [],
    checkPrivateHosts: [],
    json: false,
  };
  const program = await startProgram(options, {
    secrets: openKeyFile(folder),
    log,
    version: '0',
  });
  const operator = createRouterClient(program.core.router, {
    context: { actor: { kind: 'operator', door: 'window' } },
  });
  const site = await operator.sites.create({
    name: 'Bells',
    origins: [origin],
    subject: 'mailto:ringer@bells.example',
    settings: { visitorTags: ['news'], visitorAttributes: ['plan'] },
  });
  const address = program.addresses.public;
  let visitors = 0;
  // each request as of another visitor behind a proxy: how often one may ask is tested elsewhere
  const visitor = () => {
    visitors += 1;
    return { 'x-forwarded-for': `10.${visitors >> 16}.${(visitors >> 8) & 255}.${visitors & 255}` };
  };
  return {
    operator,
    site,
    logged: log.lines,
    address,
    post: (path: string, body: Sent['body'], headers: Record<string, string> = {}) =>
      fetch(address + path, {
        method: 'POST',
        body,
        headers: { origin, 'content-type': 'application/json', ...visitor(), ...headers },
      }),
    subscriptions: `/v1/sites/${site.key}/subscriptions`,
    async close() {
      await program.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const refused = async (response: Response) => {
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  const problem = await expectProblem(response);
  expect(problem.visitorMessage, problem.code).toBeTruthy();
};
const stored = async () => Object.values(await belfry.operator.subscribers.counts({ site: belfry.site.id }));

test('hostile subscriptions are refused, nothing is stored, and nothing is sent where they point', async () => {
  const request = fc.oneof(
    { weight: 3, arbitrary: hostileSubscription(witnessPort) },
    { weight: 1, arbitrary: hostileRequest },
  );
  await fc.assert(
    fc.asyncProperty(request, async ({ body, headers }) => {
      await refused(await belfry.post(belfry.subscriptions, body, headers));
    }),
    { numRuns: 700 },
  );
  expect(await stored()).toEqual(subscriberStates.map(() => 0));

  // whoever is there is sent to: of all these, nobody is
  const campaign = await belfry.operator.campaigns.create({
    site: belfry.site.id,
    message: { title: 'Is anybody there?' },
    audience: { everyone: true },
  });
  await expect
    .poll(async () => (await belfry.operator.campaigns.get({ id: campaign.id })).state)
    .toBe('finished');
  expect((await belfry.operator.campaigns.get({ id: campaign.id })).counts.total).toBe(0);
  expect(connections).toBe(0);
});

test('the same request without the forgery is taken', async () => {
  const before = await stored();
  const response = await belfry.post(belfry.subscriptions, JSON.stringify(genuine()));
  expect(response.status).toBe(201);
  expect(await stored()).toEqual(before.map((count, index) => (index === 0 ? count + 1 : count)));
});

test('whatever comes, it is no fault of ours: never a 5xx, and nothing of it in the log', async () => {
  const paths = [
    'subscription',
    'intent',
    'language',
    'timeZone',
    'page',
    'attributes',
    'tags',
    'consent',
    'oldEndpoint',
  ];
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\0', '\ud800', 'x-', 'en-', 'Etc/Unknown', 'http://[', 1e308, -0, {}, []),
  );
  const fuzzed = fc.tuple(fc.constantFrom(...paths), odd).map(([path, value]): unknown => {
    return { ...genuine(), [path]: value };
  });
  const userAgent = fc.string({ unit: 'grapheme-ascii', maxLength: 300 }).map((text) => text.trim() || 'x');
  await fc.assert(
    fc.asyncProperty(fuzzed, userAgent, async (body, agent) => {
      const response = await belfry.post(belfry.subscriptions, JSON.stringify(body), { 'user-agent': agent });
      expect(response.status).toBeLessThan(500);
      if (response.status >= 400) await expectProblem(response);
    }),
    { numRuns: 200 },
  );
  const events = fc.record({
    token: fc.string(),
    type: fc.constantFrom('shown', 'clicked', 'closed'),
    at: fc.double(),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.array(events, { maxLength: 5 }), fc.jsonValue()), async (given) => {
      const response = await belfry.post('/v1/events', JSON.stringify({ events: given }));
      expect(response.status === 204 || response.status === 400).toBe(true);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.jsonValue()), async (endpoint) => {
      const response = await belfry.post(`${belfry.subscriptions}/remove`, JSON.stringify({ endpoint }));
      expect(response.status).toBe(204);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (key) => {
      const response = await fetch(`${belfry.address}/v1/sites/${encodeURIComponent(key)}/config`);
      expect(response.status).toBe(404);
      await expectProblem(response);
    }),
  );
  expect(belfry.logged.filter((line) => /fault|fcm\.googleapis/.test(line))).toEqual([]);
});

test('nobody learns of others: what is answered to a stranger does not tell who is subscribed', async () => {
  const body = genuine();
  await belfry.post(belfry.subscriptions, JSON.stringify(body));
  const ask = async (endpoint: string) => {
    const response = await belfry.post(`${belfry.subscriptions}/remove`, JSON.stringify({ endpoint }), {
      origin: 'https://evil.example',
    });
    const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
    return { status: response.status, headers, body: await response.text() };
  };
  const known = await ask(body.subscription.endpoint);
  expect(await ask(`${body.subscription.endpoint}x`)).toEqual(known);
  expect(await ask(body.subscription.endpoint)).toEqual(known);
});
