import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCore } from '../../main/core/create.ts';
import type { Logger } from '../../main/core/ports/surroundings.ts';
import { buildPublicListener } from '../../main/http/public.ts';
import { openPush } from '../../main/push/push.ts';
import { generateVapidKeys } from '../../main/push/vapid-keys.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { expectProblem, open } from './http-wire.ts';

/**
 * The public listener over the real core, database and senders, against visitors who mean harm: whatever they
 * send is refused with a problem document, nothing of it is stored, and nothing is ever sent where they point.
 */
const origin = 'https://bells.example';
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
  const logged: string[] = [];
  const note = (data: Record<string, unknown>, message: string) =>
    void logged.push(JSON.stringify({ ...data, message }));
  const log: Logger = { info: note, warn: note, error: note };
  const storage = await openStorage(join(folder, 'belfry.db'), log);
  const push = openPush({ allowHosts: [], log, env: {} });
  const core = await createCore({
    storage,
    push,
    secrets: openKeyFile(folder),
    clock: { now: () => Date.now() },
    random: { bytes: (length) => randomBytes(length), fraction: () => Math.random() },
    log,
    generateKeys: generateVapidKeys,
    ask: () => Promise.reject(new Error('nobody asks')),
    allowPushHosts: [],
    about: {
      version: '0',
      dataFolder: folder,
      publicListener: () => '',
      apiListener: () => null,
      landing: () => true,
    },
    publicUrl: () => 'http://127.0.0.1',
    ownOrigins: () => [],
  });
  await core.start();
  const app = await buildPublicListener({
    visitors: core.visitors,
    clientFiles: folder,
    landing: () => true,
    trustProxy: [],
    log,
    limits: { subscribesPerMinute: 1e9, removesPerMinute: 1e9, reportsPerMinute: 1e9 },
  });
  const address = await open(app);
  const operator = createRouterClient(core.router, {
    context: { actor: { kind: 'operator', door: 'window' } },
  });
  const site = await operator.sites.create({
    name: 'Bells',
    origins: [origin],
    subject: 'mailto:ringer@bells.example',
    settings: { visitorTags: ['news'], visitorAttributes: ['plan'] },
  });
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(address + path, {
      method: 'POST',
      body,
      headers: { origin, 'content-type': 'application/json', ...headers },
    });
  return {
    operator,
    site,
    logged,
    address,
    post,
    subscriptions: `/v1/sites/${site.key}/subscriptions`,
    async close() {
      await app.close();
      await core.stop();
      await push.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const pointOn = (curve: string, form: 'compressed' | 'uncompressed' = 'uncompressed') =>
  Buffer.from(createECDH(curve).generateKeys('hex', form), 'hex').toString('base64url');

/** A subscription as a browser would send it, at a push service that is known. */
const genuine = () => ({
  subscription: {
    endpoint: `https://fcm.googleapis.com/fcm/send/${base64url(randomBytes(20))}`,
    expirationTime: null,
    keys: { p256dh: pointOn('prime256v1'), auth: base64url(randomBytes(16)) },
  },
  intent: 'subscribe' as const,
});
type Genuine = ReturnType<typeof genuine>;
const withEndpoint = (endpoint: unknown) => {
  const given = genuine();
  return { ...given, subscription: { ...given.subscription, endpoint } };
};
const withKeys = (keys: unknown) => {
  const given = genuine();
  return { ...given, subscription: { ...given.subscription, keys } };
};

const notText = fc.oneof(
  fc.constantFrom(null, true, 7, [], {}, ['https://fcm.googleapis.com/a']),
  fc.double(),
);

/** Names of this machine and of private networks, in every notation that some parser takes. */
const privateHosts = [
  ...[
    'localhost',
    'localhost.',
    'a.localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
  ],
  ...[
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:0:0:1]',
    '[64:ff9b::7f00:1]',
  ],
  ...[
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
    '100.64.0.1',
    '127.0.0.1.nip.io',
  ],
  ...['①②⑦.⓪.⓪.①', '127。0。0。1', '%31%32%37.0.0.1', '127.0.0.1%00.fcm.googleapis.com'],
];
const forgedHosts = [
  ...[
    'fcm.googleapis.com.evil.example',
    'evil-fcm.googleapis.com.example',
    'fcm.googleapis.com.',
    'fcm.googleapis.com..',
  ],
  ...[
    'xfcm.googleapis.com',
    'fcm-googleapis.com',
    'fcm.googleapıs.com',
    'fcm.googleapis.com%2eevil.example',
    'evil.example',
  ],
  ...[
    'push.apple.com',
    'notify.windows.com',
    'xnotify.windows.com',
    'web.push.apple.com.evil.example',
    'fcm.googleapis.com%00',
  ],
];
const hostileEndpoint = fc.oneof(
  fc
    .tuple(fc.constantFrom('https:', 'http:'), fc.constantFrom(...privateHosts), fc.boolean())
    .map(([scheme, host, known]) => `${scheme}//${host}:${known ? witnessPort : 443}/fcm/send/abc`),
  fc.constantFrom(...forgedHosts).map((host) => `https://${host}/fcm/send/abc`),
  fc
    .constantFrom('user@', 'user:secret@', ':@', '@', 'fcm.googleapis.com@', 'fcm.googleapis.com:443@')
    .chain((credentials) =>
      fc.constantFrom('fcm.googleapis.com', '127.0.0.1').map((host) => `https://${credentials}${host}:443/a`),
    ),
  fc
    .constantFrom('80', '0', '444', '8443', '65535', '65536', '-1', ' 443', '4 43', '443x', '１')
    .map((port) => `https://fcm.googleapis.com:${port}/a`),
  fc
    .constantFrom(
      'http',
      'ftp',
      'file',
      'ws',
      'wss',
      'javascript',
      'data',
      'blob',
      'unix',
      'httpss',
      'gopher',
    )
    .map((scheme) => `${scheme}://fcm.googleapis.com/a`),
  fc
    .constantFrom('\t', '\n', '\r\nX-Forged: 1\r\n', '\0', ' ', '\u00a0', '\u202e', '\ud800', '\\', 'é')
    .chain((evil) =>
      fc.constantFrom(
        `https://fcm.googleapis.com/${evil}a`,
        `https://fcm.googleapis.com${evil}.evil.example/a`,
        `${evil}https://fcm.googleapis.com/a`,
      ),
    ),
  fc.constantFrom(
    '',
    '/',
    '//fcm.googleapis.com/a',
    'https:',
    'https://',
    'https:///a',
    'https:\\\\fcm.googleapis.com\\a',
    'https://permanently-removed.invalid/fcm/send/a',
    'https://evil.example\\@fcm.googleapis.com/a',
    'https://evil.example#@fcm.googleapis.com/a',
    'https://evil.example?fcm.googleapis.com/a',
    `https://fcm.googleapis.com/${'a'.repeat(2048)}`,
  ),
  fc.webUrl().filter((url) => !/googleapis|mozilla|windows|apple/.test(url)),
  fc.string(),
  notText,
);

const offCurve = () => {
  const point = Buffer.from(pointOn('prime256v1'), 'base64url');
  point[64] = (point[64] ?? 0) ^ 1;
  return base64url(point);
};
const hostileKeys = fc.oneof(
  fc
    .constantFrom(
      () => pointOn('secp256k1'),
      () => pointOn('secp384r1'),
      () => pointOn('secp521r1').slice(0, 200),
      () => pointOn('prime256v1', 'compressed'),
      offCurve,
      () => base64url(Buffer.alloc(65)),
      () => base64url(Buffer.alloc(65, 0xff)),
      () => base64url(Buffer.concat([Buffer.from([4]), Buffer.alloc(64)])),
      () => base64url(Buffer.from([0])),
      () => pointOn('prime256v1').slice(0, -2),
      () => `${pointOn('prime256v1')}AA`,
      () => `!${pointOn('prime256v1').slice(1)}`,
      () => '',
      () => 'A'.repeat(10_000),
    )
    .map((make) => ({ p256dh: make(), auth: base64url(randomBytes(16)) })),
  fc
    .oneof(
      fc
        .uint8Array({ maxLength: 40 })
        .filter((bytes) => bytes.length !== 16)
        .map(base64url),
      fc.constantFrom('!'.repeat(22), 'A'.repeat(5000), ' '.repeat(22)),
      notText,
    )
    .map((auth) => ({ p256dh: pointOn('prime256v1'), auth })),
  fc.oneof(notText, fc.string()).map((p256dh) => ({ p256dh, auth: base64url(randomBytes(16)) })),
  notText,
);

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const hostileFields = fc.oneof(
  fc.constantFrom<Record<string, unknown>>(
    { intent: 'revive' },
    { intent: null },
    { intent: ['subscribe'] },
    { externalId: 'somebody-else' },
    { externalId: 'somebody-else', externalIdSignature: '0'.repeat(64) },
    { externalId: 'somebody-else', externalIdSignature: 'z'.repeat(64) },
    { externalId: '' },
    { externalId: { $ne: null } },
    { externalIdSignature: 1 },
    { oldEndpoint: 7 },
    { oldEndpoint: 'x'.repeat(3000) },
    { attributes: { plan: { deep: {} } } },
    { attributes: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 1])) },
    { attributes: { plan: 'x'.repeat(2000) } },
    { attributes: { '': 1 } },
    { attributes: 'plan' },
    { tags: 'news' },
    { tags: [['news']] },
    { tags: ['x'.repeat(65)] },
    { tags: Array.from({ length: 101 }, (_, index) => `${index}`) },
    { language: 'x'.repeat(36) },
    { timeZone: {} },
    { consent: 'yes' },
    { consent: { version: 7 } },
    { page: [] },
    { subscription: null },
    { subscription: JSON.stringify(genuine().subscription) },
  ),
);

/** Whole bodies that no page of ours would send. */
const hostileBody: fc.Arbitrary<{
  body: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}> = fc.oneof(
  fc.jsonValue().map((value) => ({ body: JSON.stringify(value) })),
  fc.nat({ max: 200 }).map((cut) => ({ body: JSON.stringify(genuine()).slice(0, cut) })),
  fc.constantFrom(33, 500, 7000).map((levels) => ({ body: deep(levels) })),
  fc
    .constantFrom(33, 500, 5000)
    .map((levels) => ({ body: `{"extra":${deep(levels)},${JSON.stringify(genuine()).slice(1)}` })),
  fc.constantFrom('__proto__', '\\u005f_proto__').map((name) => ({
    body: `{"${name}":{"intent":"subscribe"},${JSON.stringify(genuine()).slice(1)}`,
  })),
  fc.constant({ body: `{"constructor":{"prototype":{}},${JSON.stringify(genuine()).slice(1)}` }),
  fc.integer({ min: 16 * 1024 + 1, max: 300_000 }).map((size) => ({
    body: JSON.stringify({ ...genuine(), extra: 'x'.repeat(size) }),
  })),
  fc.constant({
    body: Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]),
  }),
  fc
    .constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
      'x',
      '',
    )
    .map((type) => ({ body: JSON.stringify(genuine()), headers: { 'content-type': type } })),
  fc
    .constantFrom('gzip', 'br', 'identity, gzip')
    .map((encoding) => ({ body: JSON.stringify(genuine()), headers: { 'content-encoding': encoding } })),
  fc
    .oneof(
      fc.constantFrom(
        'null',
        '',
        `${origin}/`,
        `${origin}:444`,
        'http://bells.example',
        'https://bells.example.evil',
      ),
      fc.constantFrom(
        'https://evil.example',
        'https://sub.bells.example',
        `${origin}, https://evil.example`,
        '*',
        'file://',
      ),
    )
    .map((foreign) => ({ body: JSON.stringify(genuine()), headers: { origin: foreign } })),
);

const refused = async (response: Response) => {
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  const problem = await expectProblem(response);
  expect(problem.visitorMessage, problem.code).toBeTruthy();
};
const stored = async () => Object.values(await belfry.operator.subscribers.counts({ site: belfry.site.id }));

test('hostile subscriptions are refused, nothing is stored, and nothing is sent where they point', async () => {
  const given = fc.oneof(
    { weight: 4, arbitrary: hostileEndpoint.map(withEndpoint) },
    { weight: 2, arbitrary: hostileKeys.map(withKeys) },
    { weight: 2, arbitrary: hostileFields.map((fields) => ({ ...genuine(), ...fields })) },
  );
  const request = fc.oneof(
    {
      weight: 3,
      arbitrary: given.map(
        (value): { body: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> } => ({
          body: JSON.stringify(value),
        }),
      ),
    },
    { weight: 1, arbitrary: hostileBody },
  );
  await fc.assert(
    fc.asyncProperty(request, async ({ body, headers }) => {
      await refused(await belfry.post(belfry.subscriptions, body, headers));
    }),
    { numRuns: 1500 },
  );
  expect(await stored()).toEqual([0, 0, 0, 0]);

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
    const body: Genuine = genuine();
    return { ...body, [path]: value };
  });
  const userAgent = fc.string({ unit: 'grapheme-ascii', maxLength: 300 }).map((text) => text.trim() || 'x');
  await fc.assert(
    fc.asyncProperty(fuzzed, userAgent, async (body, agent) => {
      const response = await belfry.post(belfry.subscriptions, JSON.stringify(body), { 'user-agent': agent });
      expect(response.status).toBeLessThan(500);
      if (response.status >= 400) await expectProblem(response);
    }),
    { numRuns: 400 },
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
