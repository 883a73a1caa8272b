import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding, Site } from '../../main/contract/sites.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type LiveSite, type SitePage, startLiveSite } from '../helpers/live-site.ts';

/** The check of a live site, of the whole program against real websites on this machine, each with one fault. */
let belfry: Belfry;
let live: LiveSite;
let site: Site;
let server: string;

beforeAll(async () => {
  belfry = await Belfry.start();
  server = new URL(belfry.program.addresses.public).origin;
});
afterAll(() => belfry[Symbol.asyncDispose]());
beforeEach(async () => {
  live = await startLiveSite();
  site = await belfry.makeSite({ origins: [live.origin] });
  live.pages.set('/', page());
  live.pages.set('/belfry-sw.js', worker(line()));
});
afterEach(() => live.close());

const line = () => `importScripts("${server}/belfry-sw.js");`;
const tag = (key = site.key, from = server, more = '') =>
  `<script src="${from}/belfry.js" data-site="${key}" defer${more}></script>`;
const page = (inside = tag(), headers: Record<string, string> = {}): SitePage => ({
  headers,
  body: `<!doctype html><html><head><title>Bells</title>${inside}</head><body></body></html>`,
});
const worker = (body: string, more: SitePage = {}): SitePage => ({
  type: 'text/javascript',
  body,
  ...more,
});

async function check(more: object = {}, id = site.id): Promise<Finding[]> {
  const { findings } = await belfry.api<{ findings: Finding[] }>('POST', `/sites/${id}/check`, more);
  return findings;
}
const wrong = async (more?: object) => (await check(more)).filter(({ verdict }) => verdict !== 'good');

test('a site that is set up well has nothing wrong, and the check says what it saw', async () => {
  const findings = await check();
  expect(findings.filter(({ verdict }) => verdict !== 'good')).toEqual([]);
  expect(findings.map(({ what }) => what)).toEqual([
    ...['Secure address', 'Reachable', 'Public key', 'Pages of the site', 'Client script', 'Worker script'],
    ...['Site', 'Script', 'Site key', 'Service worker', 'Belfry’s part of it', 'Scope'],
  ]);
  expect(live.asked.sort()).toEqual(['/', '/belfry-sw.js']);
});

test('each of several origins is looked at, and asked from', async () => {
  const second = await startLiveSite();
  await belfry.api('PATCH', `/sites/${site.id}`, { origins: [live.origin, second.origin] });
  second.pages.set('/', page('nothing'));
  const findings = await check();
  expect(
    findings.filter(({ origin, what }) => origin === second.origin && what === 'Pages of the site'),
  ).toEqual([expect.objectContaining({ verdict: 'good' })]);
  const found = findings.filter(({ verdict }) => verdict !== 'good');
  expect(found.map(({ origin, what }) => [origin, what])).toEqual([
    [second.origin, 'Script'],
    [second.origin, 'Service worker'],
  ]);
  await second.close();
});

/** One fault each: what is changed, what is found, and something that the remedy or snippet says. */
const faults: [string, () => void, Partial<Finding>, RegExp][] = [
  [
    'no worker file',
    () => live.pages.delete('/belfry-sw.js'),
    { what: 'Service worker', verdict: 'bad' },
    /one line.*importScripts/s,
  ],
  [
    'a page in the place of the worker',
    () => live.pages.set('/belfry-sw.js', page()),
    { what: 'Service worker', verdict: 'bad' },
    /importScripts/,
  ],
  [
    'a worker of the wrong type',
    () =>
      live.pages.set(
        '/belfry-sw.js',
        worker(line(), { type: 'text/plain', headers: { 'x-content-type-options': 'nosniff' } }),
      ),
    { what: 'Service worker', verdict: 'bad' },
    /Content-Type: text\/javascript/,
  ],
  [
    'a worker without a type',
    () => live.pages.set('/belfry-sw.js', worker(line(), { type: null })),
    { what: 'Service worker', verdict: 'bad' },
    /Content-Type/,
  ],
  [
    'a redirected worker',
    () => live.pages.set('/belfry-sw.js', { status: 302, headers: { location: '/en/belfry-sw.js' } }),
    { what: 'Service worker', verdict: 'bad' },
    /redirects/,
  ],
  [
    'a worker behind a password',
    () => live.pages.set('/belfry-sw.js', { status: 401 }),
    { what: 'Service worker', verdict: 'bad' },
    /asks for a password/,
  ],
  [
    'a worker that does not import ours',
    () => live.pages.set('/belfry-sw.js', worker(`// ${line()}\nself.addEventListener('fetch', () => {});`)),
    { what: 'Belfry’s part of it', verdict: 'bad' },
    /belfryShared = true;\nimportScripts/,
  ],
  [
    'a worker that imports another Belfry’s',
    () => live.pages.set('/belfry-sw.js', worker("importScripts('https://push.example/belfry-sw.js');")),
    { what: 'Belfry’s part of it', verdict: 'bad' },
    /importScripts/,
  ],
  [
    'a worker with a mistake in it',
    () => live.pages.set('/belfry-sw.js', worker(`${line()}\nself.on(`)),
    { what: 'Belfry’s part of it', verdict: 'bad' },
    /line 2/,
  ],
  [
    'a worker that is a module',
    () => live.pages.set('/belfry-sw.js', worker(`import '${server}/belfry-sw.js';`)),
    { what: 'Belfry’s part of it', verdict: 'bad' },
    /classic/,
  ],
  [
    'a worker of their own that does not say so',
    () => live.pages.set('/belfry-sw.js', worker(`${line()}\nself.addEventListener('fetch', () => {});`)),
    { what: 'Living with your worker', verdict: 'unsure' },
    /self\.belfryShared = true/,
  ],
  [
    'a policy on the worker that keeps ours out',
    () =>
      live.pages.set(
        '/belfry-sw.js',
        worker(line(), { headers: { 'content-security-policy': "script-src 'self'" } }),
      ),
    { what: 'Policy of the worker', verdict: 'bad' },
    /script-src/,
  ],
  [
    'a worker kept for a year',
    () =>
      live.pages.set(
        '/belfry-sw.js',
        worker(line(), { headers: { 'cache-control': 'max-age=31536000, immutable' } }),
      ),
    { what: 'Caching', verdict: 'unsure' },
    /Cache-Control: no-cache/,
  ],
  ['no script', () => live.pages.set('/', page('<p>')), { what: 'Script', verdict: 'unsure' }, /data-site/],
  [
    'a script in a comment',
    () => live.pages.set('/', page('<!-- <script src="/belfry.js"></script> -->')),
    { what: 'Script', verdict: 'unsure' },
    /data-site/,
  ],
  [
    'a script of another Belfry',
    () => live.pages.set('/', page(tag(site.key, 'https://push.example'))),
    { what: 'Script', verdict: 'bad' },
    /push\.example/,
  ],
  [
    'a tag manager',
    () =>
      live.pages.set('/', page('<script src="https://www.googletagmanager.com/gtm.js?id=GTM-1"></script>')),
    { what: 'Script', verdict: 'unsure' },
    /tag manager/,
  ],
  [
    'an unknown key',
    () => live.pages.set('/', page(tag('other'))),
    { what: 'Site key', verdict: 'bad' },
    /no site here/,
  ],
  [
    'a policy that blocks the script',
    () => live.pages.set('/', page(tag(), { 'content-security-policy': "script-src 'self'; connect-src *" })),
    { what: 'Content security policy', verdict: 'bad' },
    /script-src.*http:\/\/127/s,
  ],
  [
    'a policy that blocks the connection, in a meta element',
    () =>
      live.pages.set(
        '/',
        page(`<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">${tag()}`),
      ),
    { what: 'Content security policy', verdict: 'bad' },
    /connect-src/,
  ],
  [
    'a policy that blocks workers',
    () => live.pages.set('/', page(tag(), { 'content-security-policy': "worker-src 'none'" })),
    { what: 'Content security policy', verdict: 'bad' },
    /worker-src.*'self'/s,
  ],
  [
    'a permissions policy',
    () => live.pages.set('/', page(tag(), { 'permissions-policy': 'camera=(), notifications=()' })),
    { what: 'Permissions policy', verdict: 'unsure' },
    /notifications=\(self\)/,
  ],
  [
    'a page that makes browsers forget',
    () => live.pages.set('/', page(tag(), { 'clear-site-data': '"*"' })),
    { what: 'Clear-Site-Data', verdict: 'bad' },
    /log out/,
  ],
  [
    'a worker of the page’s own at the same scope',
    () => live.pages.set('/', page(`${tag()}<script>navigator.serviceWorker.register('/sw.js')</script>`)),
    { what: 'One worker for a scope', verdict: 'bad' },
    /\/sw\.js.*belfryShared/s,
  ],
  [
    'a page that is not there',
    () => live.pages.delete('/'),
    { what: 'Site', verdict: 'bad' },
    /is not there \(404\)/,
  ],
  [
    'a site that leads to an origin that is not named',
    () => live.pages.set('/', { status: 301, headers: { location: 'https://www.bells.example/' } }),
    { what: 'Origin', verdict: 'bad' },
    /https:\/\/www\.bells\.example/,
  ],
];

test.each(faults)('%s is found, alone, with its remedy', async (_what, spoil, found, says) => {
  spoil();
  const findings = await wrong();
  expect(findings).toEqual([expect.objectContaining({ ...found, origin: live.origin })]);
  const [finding] = findings;
  expect([finding?.detail, finding?.remedy, finding?.snippet].join('\n')).toMatch(says);
  expect(finding?.remedy).toMatch(/[.:]$/);
});

describe('ways that are fine', () => {
  test.each<[string, () => void]>([
    [
      'a strict policy that allows what is needed',
      () =>
        live.pages.set(
          '/',
          page(tag(), {
            'content-security-policy': `default-src 'none'; script-src ${server}; connect-src ${server}; worker-src 'self'`,
          }),
        ),
    ],
    [
      'a policy with a nonce',
      () =>
        live.pages.set(
          '/',
          page(tag(site.key, server, ' nonce="r4nd0m"'), {
            'content-security-policy': `script-src 'nonce-r4nd0m' 'strict-dynamic'; connect-src ${server}`,
          }),
        ),
    ],
    [
      'the module',
      () =>
        live.pages.set(
          '/',
          page(
            `<script type="module">import { belfry } from '${server}/belfry.mjs'; belfry.init({ site: '${site.key}' });</script>`,
          ),
        ),
    ],
    [
      'a framework that writes the script into its data',
      () =>
        live.pages.set(
          '/',
          page(
            `<script>self.__next_f.push([1,"{\\"src\\":\\"${server}/belfry.js\\",\\"data-site\\":\\"${site.key}\\"}"])</script>`,
          ),
        ),
    ],
    [
      'their own worker, which says so',
      () =>
        live.pages.set(
          '/belfry-sw.js',
          worker(`self.belfryShared = true;\n${line()}\nself.addEventListener('fetch', () => {});`),
        ),
    ],
    [
      'a worker that imports ours through another file',
      () => {
        live.pages.set('/belfry-sw.js', worker("importScripts('part.js');"));
        live.pages.set('/part.js', worker(line()));
      },
    ],
    [
      'a page that the site redirects to within itself',
      () => {
        live.pages.set('/', { status: 302, headers: { location: '/en/' } });
        live.pages.set('/en/', page());
      },
    ],
  ])('%s', async (_what, arrange) => {
    arrange();
    expect(await wrong()).toEqual([]);
  });

  test('a worker in a folder of its own, named in the page (an app proxy), and our own worker handed on', async () => {
    live.pages.set('/', page(tag(site.key, server, ' data-worker-path="/apps/belfry/belfry-sw.js"')));
    const own = await (await fetch(`${server}/belfry-sw.js`)).text();
    live.pages.set('/apps/belfry/belfry-sw.js', worker(own));
    const findings = await check();
    expect(findings.filter(({ verdict }) => verdict !== 'good')).toEqual([]);
    expect(findings.find(({ what }) => what === 'Scope')?.detail).toContain('/apps/belfry/');
  });

  test('a scope above the worker’s folder, where Service-Worker-Allowed permits it', async () => {
    await belfry.api('PATCH', `/sites/${site.id}`, { settings: { workerPath: '/js/sw.js' } });
    const register = "<script>navigator.serviceWorker.register('/js/sw.js', { scope: '/' })</script>";
    live.pages.set('/', page(tag() + register));
    live.pages.set('/js/sw.js', worker(line()));
    expect(await wrong()).toEqual([
      expect.objectContaining({ what: 'Scope', verdict: 'bad', snippet: 'Service-Worker-Allowed: /' }),
    ]);
    live.pages.set('/js/sw.js', worker(line(), { headers: { 'service-worker-allowed': '/' } }));
    expect(await wrong()).toEqual([]);
  });

  test('another page than the first', async () => {
    live.pages.set('/', page('<p>'));
    live.pages.set('/shop', page());
    expect(await wrong({ page: '/shop' })).toEqual([]);
  });
});

describe('a check leads nowhere else', () => {
  test('not to other origins that a page, a worker or a redirect names', async () => {
    const other = await startLiveSite();
    live.pages.set('/', { status: 302, headers: { location: `${other.origin}/` } });
    live.pages.set(
      '/belfry-sw.js',
      worker(`importScripts('${other.origin}/belfry-sw.js', '${other.origin}/x.js');`),
    );
    expect((await wrong()).map(({ what }) => what)).toEqual(['Origin']);
    live.pages.set('/', page(`${tag()}<script src="${other.origin}/x.js"></script>`));
    expect((await wrong()).map(({ what }) => what)).toEqual(['Belfry’s part of it']);
    expect(other.connections).toBe(0);
    await other.close();
  });

  test('not to paths that are none', async () => {
    for (const wish of ['//evil.example/', '/\\evil.example', 'https://evil.example', '', '/a b'])
      expect((await belfry.call('POST', `/sites/${site.id}/check`, { page: wish })).status, wish).toBe(400);
    await belfry.api('PATCH', `/sites/${site.id}`, { settings: { workerPath: '//evil.example/sw.js' } });
    expect((await wrong()).find(({ what }) => what === 'Service worker')?.detail).toContain(
      'no path of this site',
    );
  });

  test('not to this machine, for an API key', async () => {
    const key = await belfry.api<{ secret: string }>('POST', '/api-keys', {
      site: site.id,
      name: 'reads',
      scopes: ['read'],
    });
    const before = live.connections;
    const answer = await belfry.call<{ findings: Finding[] }>(
      'POST',
      `/sites/${site.id}/check`,
      {},
      {},
      key.secret,
    );
    expect(answer.status).toBe(200);
    expect(answer.body.findings.find(({ what }) => what === 'Site')?.detail).toContain('private network');
    expect(live.connections).toBe(before);
  });

  test('and it ends, whatever a site does', async () => {
    live.pages.set('/', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write('<!doctype html>');
      const more = () => {
        while (response.write('<p>'.repeat(10_000))) if (response.destroyed) return;
        response.once('drain', more);
      };
      more();
    });
    live.pages.set('/belfry-sw.js', (request) => request.socket.destroy());
    expect((await wrong()).map(({ what }) => what)).toEqual(['Script', 'Service worker']);
    for (const [from, to] of [
      ['/', '/a'],
      ['/a', '/'],
    ] as const)
      live.pages.set(from, { status: 302, headers: { location: to } });
    expect((await wrong()).find(({ what }) => what === 'Site')?.detail).toMatch(/leads elsewhere/);
    // far deeper than a stack goes
    live.pages.set('/', page(`${'<b>'.repeat(50_000)}${tag()}`));
    live.pages.set('/belfry-sw.js', worker(`${'['.repeat(100_000)}`));
    expect((await wrong()).map(({ what }) => what)).toContain('Belfry’s part of it');
  });
});
