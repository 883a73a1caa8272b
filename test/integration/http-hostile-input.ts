import { createECDH, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';

/** The one origin that the site under attack allows. */
export const origin = 'https://bells.example';

export interface Sent {
  body: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const pointOn = (curve: string, form: 'compressed' | 'uncompressed' = 'uncompressed') =>
  Buffer.from(createECDH(curve).generateKeys('hex', form), 'hex').toString('base64url');

/** A subscription as a browser would send it, at a push service that is known. */
export const genuine = () => ({
  subscription: {
    endpoint: `https://fcm.googleapis.com/fcm/send/${base64url(randomBytes(20))}`,
    expirationTime: null,
    keys: { p256dh: pointOn('prime256v1'), auth: base64url(randomBytes(16)) },
  },
  intent: 'subscribe' as const,
});
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
const hostileEndpoint = (witnessPort: number) =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom('https:', 'http:'), fc.constantFrom(...privateHosts), fc.boolean())
      .map(([scheme, host, known]) => `${scheme}//${host}:${known ? witnessPort : 443}/fcm/send/abc`),
    fc.constantFrom(...forgedHosts).map((host) => `https://${host}/fcm/send/abc`),
    fc
      .constantFrom('user@', 'user:secret@', ':@', '@', 'fcm.googleapis.com@', 'fcm.googleapis.com:443@')
      .chain((credentials) =>
        fc
          .constantFrom('fcm.googleapis.com', '127.0.0.1')
          .map((host) => `https://${credentials}${host}:443/a`),
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

/** Whole requests that no page of ours would send. */
export const hostileRequest: fc.Arbitrary<Sent> = fc.oneof(
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

/** A subscription with something forged in it. @param witnessPort where somebody listens on this machine */
export const hostileSubscription = (witnessPort: number): fc.Arbitrary<Sent> =>
  fc
    .oneof(
      { weight: 4, arbitrary: hostileEndpoint(witnessPort).map(withEndpoint) },
      { weight: 2, arbitrary: hostileKeys.map(withKeys) },
      { weight: 2, arbitrary: hostileFields.map((fields) => ({ ...genuine(), ...fields })) },
    )
    .map((body) => ({ body: JSON.stringify(body) }));
