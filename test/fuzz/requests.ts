import type { Chance } from './chance.ts';
import { oddText, spoil, spoilText, subscribing, type Target } from './values.ts';

/** A request as bytes, and what may be expected of the other side. */
export interface Shot {
  bytes: Buffer;
  /** HEAD: its answer has no body. */
  head: boolean;
  /** It may end the connection: nothing sent after it need be answered. */
  last: boolean;
  /** It may be incomplete, or no HTTP: it is answered once its sender gives up, if at all. */
  open: boolean;
}

interface Draft {
  method: string;
  path: string;
  headers: [string, string][];
  body: string | Buffer | null;
}

const methods = [
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'LINK',
  'QUERY',
];
const console_ = [
  '/rpc/sites/list',
  '/api/v1/sites',
  '/api/v1/openapi.json',
  '/?token=x',
  '/index.html',
  '/assets/x.js',
  '/api/v1/live',
];

/** What a page, a worker or a stranger may ask, as it should be. */
function valid(chance: Chance, { siteKey, origin }: Target): Draft {
  const site = `/v1/sites/${siteKey}`;
  const get = (path: string): Draft => ({ method: 'GET', path, headers: [['Origin', origin]], body: null });
  const post = (path: string, value: unknown, type = 'application/json'): Draft => ({
    method: 'POST',
    path,
    headers: [
      ['Origin', origin],
      ['Content-Type', type],
    ],
    body: JSON.stringify(value),
  });
  const events = Array.from({ length: chance.int(4) }, () => ({
    token: chance.bytes(16).toString('base64url'),
    type: chance.pick(['shown', 'clicked', 'closed']),
    at: Date.now() - chance.int(1_000_000),
  }));
  switch (chance.int(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return post(`${site}/subscriptions`, subscribing(chance));
    case 4:
      return post(`${site}/subscriptions/remove`, {
        endpoint: `https://fcm.googleapis.com/fcm/send/${chance.bytes(12).toString('base64url')}`,
      });
    case 5:
    case 6:
      return post(
        '/v1/events',
        { events },
        chance.pick(['text/plain', 'application/json', 'text/plain;charset=UTF-8']),
      );
    case 7:
      return get(`${site}/config`);
    case 8:
      return {
        ...get(`${site}${chance.pick(['/config', '/subscriptions', '/subscriptions/remove'])}`),
        method: 'OPTIONS',
      };
    case 9:
      return get(
        chance.pick([
          '/belfry.js',
          '/belfry.mjs',
          '/belfry-sw.js',
          '/healthz',
          '/landing/page.js',
          '/landing/page.css',
        ]),
      );
    case 10:
      return get(chance.pick([`/?site=${siteKey}`, '/', '/v1/events']));
    default:
      return get(chance.pick(console_));
  }
}

const oddPaths = (path: string, chance: Chance): string =>
  chance.pick([
    () => path.replace('/', '//'),
    () => `${path}/`,
    () => `${path}?__proto__[a]=1&site[]=x&site=y`,
    () => `${path}?${'a=1&'.repeat(300)}`,
    () => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    () => `${path}%`,
    () => `${path}%00`,
    () => `${path}%E0%A4%A`,
    () => `${path}/..%2f..%2f..%2fetc%2fpasswd`,
    () => `/landing/../../${path}`,
    () => `/landing/%2e%2e/%2e%2e/package.json`,
    () => `http://evil.example${path}`,
    () => `${path}#fragment`,
    () => `${path};a=b`,
    () => path.toUpperCase(),
    () => '*',
    () => `/${'x'.repeat(chance.pick([200, 5000, 20_000]))}`,
    () => `/v1/sites/${encodeURIComponent(oddText(chance).replace(/[\ud800-\udfff]/g, '?'))}/config`,
    () => '/v1/sites/__proto__/config',
    () => '/v1/sites/constructor/subscriptions',
  ])();

const oddHeaders = (chance: Chance, { origin }: Target): [string, string] =>
  chance.pick<() => [string, string]>([
    () => [
      'Content-Type',
      chance.pick([
        'application/json; charset=utf-16',
        'APPLICATION/JSON',
        'multipart/form-data',
        'application/x-www-form-urlencoded',
        'text/html',
        'x',
        '',
        'application/json;'.repeat(50),
        'application/json\t',
      ]),
    ],
    () => ['Content-Encoding', chance.pick(['gzip', 'br', 'identity', 'deflate, gzip', 'x'])],
    () => [
      'Origin',
      chance.pick([
        'null',
        '*',
        'https://evil.example',
        `${origin}/`,
        `${origin}:444`,
        '',
        'file://',
        `${origin}, ${origin}`,
        'x'.repeat(3000),
      ]),
    ],
    () => [
      'Accept-Encoding',
      chance.pick(['gzip;q=0, br;q=0', 'br;q=1000', '*', '*;q=0', ',,,', 'gzip;q=x', 'x'.repeat(1000)]),
    ],
    () => ['If-None-Match', chance.pick(['*', '"x", W/"y"', '""', '"'.repeat(2000), ','.repeat(3000)])],
    () => ['If-Modified-Since', chance.pick(['x', 'Thu, 01 Jan 1970 00:00:00 GMT', '9'.repeat(100)])],
    () => [
      'Range',
      chance.pick([
        'bytes=0-0',
        'bytes=-1',
        'bytes=5-1',
        'bytes=0-99999999999999999999',
        `bytes=${'0-0,'.repeat(500)}0-0`,
        'x',
      ]),
    ],
    () => [
      'X-Forwarded-For',
      chance.pick([
        'x',
        '127.0.0.1, ::1, 999.999.999.999',
        '::ffff:1.2.3.4',
        '1.2.3.4:80',
        'fe80::1%eth0',
        ','.repeat(500),
        '-',
      ]),
    ],
    () => ['X-Forwarded-Host', chance.pick(['evil.example', '', 'a,b'])],
    () => ['X-Forwarded-Proto', chance.pick(['https', 'x', 'javascript', 'http,https'])],
    () => ['Host', chance.pick(['', 'evil.example', '[::1', 'a b', 'a:99999', '@', 'x'.repeat(1000)])],
    () => [
      'User-Agent',
      chance.pick([
        '',
        'x'.repeat(5000),
        'Mozilla/5.0 (X11; Linux) Chrome/999999999999',
        '\xff\xfe',
        '(((((((((('.repeat(100),
      ]),
    ],
    () => ['Cookie', `a=${'b'.repeat(chance.pick([1, 5000]))}`],
    () => ['Authorization', chance.pick(['Bearer x', 'Basic Og==', 'x'.repeat(5000)])],
    () => ['Upgrade', chance.pick(['websocket', 'h2c', 'TLS/1.0'])],
    () => ['Connection', chance.pick(['Upgrade', 'keep-alive', 'Content-Length', 'x'])],
    () => ['Expect', chance.pick(['100-continue', 'gold'])],
    () => ['Access-Control-Request-Method', chance.pick(['POST', 'DELETE', ''])],
    () => ['Access-Control-Request-Headers', chance.pick(['content-type', '*', 'x,'.repeat(1000)])],
    () => ['X-Http-Method-Override', 'DELETE'],
    () => ['Accept', chance.pick(['', '*/*', 'application/x', 'text/html;q=x'])],
    () => [chance.pick(['X-A', '__proto__', 'constructor', 'toString']), chance.bytes(20).toString('hex')],
  ])();

const clean = (text: string) => text.replace(/[^\x20-\x7e\x80-\xff\t]/g, '');

/** The next request: valid, or spoilt in up to three ways, or no HTTP at all. */
export function shoot(chance: Chance, target: Target): Shot {
  if (chance.percent(3)) return { bytes: garbage(chance), head: false, last: true, open: true };
  const draft = valid(chance, target);
  const visitor = chance.int(5000);
  draft.headers.push(['X-Forwarded-For', `10.${visitor >> 8}.${visitor & 255}.1`]);
  if (chance.percent(75))
    for (let times = chance.int(3) + 1; times > 0; times -= 1) {
      const way = chance.int(10);
      if (way < 4 && typeof draft.body === 'string' && draft.body.startsWith('{')) {
        const value: Record<string, unknown> = JSON.parse(draft.body);
        if (Object.keys(value).length > 0) spoil(value, chance, target);
        draft.body = JSON.stringify(value);
      } else if (way === 4) draft.path = oddPaths(draft.path, chance);
      else if (way === 5) draft.method = chance.pick(methods);
      else draft.headers.push(oddHeaders(chance, target));
    }
  if (typeof draft.body === 'string' && draft.body.length > 1 && chance.percent(25))
    draft.body = spoilText(draft.body, chance);
  return write(draft, chance);
}

function write({ method, path, headers, body }: Draft, chance: Chance): Shot {
  const payload = body === null ? null : Buffer.from(body);
  const lines = headers.map(([name, value]) => `${name}: ${clean(value)}`);
  if (!lines.some((line) => /^host:/i.test(line)) || chance.percent(1))
    lines.unshift('Host: push.bells.example');
  let sent: Uint8Array = payload ?? Buffer.alloc(0);
  let last = /^(upgrade|connection|expect|host):/im.test(
    lines.join('\n').replace('Host: push.bells.example', ''),
  );
  if (payload !== null) {
    if (chance.percent(15)) {
      lines.push('Transfer-Encoding: chunked');
      sent = chunked(payload, chance);
    } else lines.push(`Content-Length: ${payload.length}`);
  }
  let version = 'HTTP/1.1';
  let open = false;
  if (chance.percent(4)) {
    last = true;
    open = true;
    breakFraming(lines, chance);
    version = chance.pick(['HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.11', 'http/1.1', '']);
  }
  if (/^(CONNECT|QUERY|LINK|M-SEARCH)$/.test(method) || /[^\x21-\x7e]/.test(path)) last = true;
  const head = Buffer.from(
    `${method} ${clean(path).replaceAll(' ', '%20')} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  return { bytes: Buffer.concat([head, sent]), head: method === 'HEAD', last, open };
}

function chunked(payload: Buffer, chance: Chance): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; ) {
    const size = Math.min(payload.length - at, chance.int(800) + 1);
    const extension = chance.percent(5) ? `;${'x'.repeat(chance.int(50))}=1` : '';
    parts.push(
      Buffer.from(`${size.toString(16)}${extension}\r\n`),
      payload.subarray(at, at + size),
      Buffer.from('\r\n'),
    );
    at += size;
  }
  parts.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(parts);
}

function breakFraming(lines: string[], chance: Chance): void {
  const extra = [
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: +3',
    'Content-Length: 99999999999999999999',
    'Content-Length: 1, 2',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'No-Colon',
    ': no name',
    ' folded: yes',
    'X: a\nY: b',
    'X: \0',
    `X: ${'x'.repeat(20_000)}`,
    ...Array.from({ length: 3 }, () =>
      Array.from({ length: 300 }, (_, index) => `X-${index}: 1`).join('\r\n'),
    ),
  ];
  lines.splice(chance.int(lines.length + 1), 0, chance.pick(extra));
}

/** Bytes of other protocols, and of none. */
const garbage = (chance: Chance): Buffer =>
  chance.pick([
    () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), chance.bytes(200)]),
    () => Buffer.from('SSH-2.0-OpenSSH_9.0\r\n'),
    () => Buffer.from('EHLO a\r\n'),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX-'),
    () => Buffer.from('GET /\r\n'),
    () => Buffer.from('CONNECT push.example:443 HTTP/1.1\r\nHost: push.example\r\n\r\n'),
    () =>
      Buffer.from(
        'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n{',
      ),
    () =>
      Buffer.from(
        'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      ),
    () => Buffer.concat([Buffer.from('x'), chance.bytes(chance.int(300) + 1)]),
  ])();
