import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding, Site } from '../../main/contract/sites.ts';
import type { SiteRow } from '../../main/core/ports/storage.ts';
import { NoAnswer, type Web } from '../../main/core/ports/web.ts';
import { SiteCheck } from '../../main/core/sites/checks/check.ts';
import { checkPublicAddress } from '../../main/core/sites/checks/public-address.ts';
import { defaultSettings, type SiteDirectory } from '../../main/core/sites/directory.ts';
import { openWeb } from '../../main/web/web.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { type LiveSite, startLiveSite } from '../helpers/live-site.ts';

/** What the check of a site may dial, and what it finds at the public address, over real connections. */
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
  live.pages.set('/', { body: '<p>' });
});
afterEach(() => live.close());

describe('over TLS', () => {
  test('a certificate that is not trusted, for another name, or near its end', async () => {
    const named = await makeCertificates(['bells.example']);
    const secure = await startLiveSite({ tls: { key: named.key, cert: named.certificate } });
    const wrongName = secure.origin.replace('127.0.0.1', 'localhost');
    secure.pages.set('/', { body: `<script src="${server}/belfry.js" data-site="${site.key}"></script>` });
    secure.pages.set('/belfry-sw.js', {
      type: 'text/javascript',
      body: `importScripts('${server}/belfry-sw.js');`,
    });
    const ask = async (origin: string, trusted: boolean) => {
      const web = openWeb({
        network: { proxy: null, noProxy: '', certificates: trusted ? [named.authority] : null },
      });
      const findings = await lookAt(web, origin);
      await web.close();
      return findings;
    };
    expect(await ask(secure.origin, false)).toEqual([
      expect.objectContaining({ verdict: 'bad', detail: expect.stringContaining('not trusted') }),
    ]);
    expect(await ask(wrongName, true)).toEqual([
      expect.objectContaining({ verdict: 'bad', detail: expect.stringContaining('another name') }),
    ]);
    expect(await ask(secure.origin, true)).toEqual([
      expect.objectContaining({ what: 'Certificate', verdict: 'unsure' }),
    ]);
    await secure.close();
    await named[Symbol.asyncDispose]();
  });
});

/** What is not good of a live site, with the network as given; asked by the operator. */
async function lookAt(web: Web, origin: string): Promise<Finding[]> {
  const row = { ...emptySite, key: site.key, origins: [origin] };
  const check = new SiteCheck({
    web,
    directory: { all: () => [row] } as unknown as SiteDirectory,
    clock: { now: () => Date.now() },
    publicUrl: () => server,
    privateHosts: [],
  });
  const findings = await check.check(row, { page: '/', byOperator: true });
  return findings.filter(
    (finding) =>
      finding.origin === origin && finding.what !== 'Pages of the site' && finding.verdict !== 'good',
  );
}

const emptySite: SiteRow = {
  id: 1,
  key: '',
  name: 'Bells',
  origins: [],
  subject: 'mailto:ringer@bells.example',
  settings: defaultSettings,
  prompt: null,
  askedAt: null,
  practice: false,
  identitySecret: new Uint8Array(),
  vapidKey: { id: 1, publicKey: new Uint8Array(65), privateKey: new Uint8Array(), createdAt: 0 },
  formerKeys: [],
  createdAt: 0,
};

describe('names that lead into private networks', () => {
  const network = { proxy: null, noProxy: '', certificates: null };
  /** Answers each question with the next of these addresses. */
  const scripted = (...answers: string[][]) => {
    let asked = 0;
    const lookup = ((_name: string, _options: unknown, done: (...given: unknown[]) => void) => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as typeof import('node:dns').lookup;
    return { lookup, asked: () => asked };
  };

  test('are not dialled, by whatever notation, nor when the answer changes between two questions', async () => {
    const { port } = new URL(live.origin);
    for (const addresses of [
      ['127.0.0.1'],
      ['::1', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['10.0.0.1'],
      ['169.254.169.254'],
    ]) {
      const web = openWeb({ network, lookup: scripted(addresses).lookup });
      await expect(web.ask(new URL(`http://bells.example:${port}/`))).rejects.toMatchObject({
        fault: 'private',
      });
      await web.close();
    }
    // first where no server is, but in public, then here: each connection is judged by the very answer that it uses
    const changing = scripted(['2fff:ffff::1'], ['127.0.0.1']);
    const web = openWeb({ network, lookup: changing.lookup, timeout: 300 });
    await expect(web.ask(new URL(`http://bells.example:${port}/`))).rejects.toBeInstanceOf(NoAnswer);
    await expect(web.ask(new URL(`http://bells.example:${port}/`))).rejects.toMatchObject({
      fault: 'private',
    });
    for (const host of [
      '127.0.0.1',
      '[::1]',
      '[::ffff:7f00:1]',
      '2130706433',
      '0x7f.1',
      'localhost',
      'a.localhost',
      '10.0.0.1',
    ])
      await expect(web.ask(new URL(`http://${host}:${port}/`)), host).rejects.toMatchObject({
        fault: 'private',
      });
    expect(changing.asked()).toBe(2);
    await web.close();
    expect(live.connections).toBe(0);
  });

  test('not by a redirect either, and a loopback site may not lead to other hosts', async () => {
    live.pages.set('/', { status: 302, headers: { location: 'http://inner.example/' } });
    const { lookup, asked } = scripted(['127.0.0.1']);
    const web = openWeb({ network, lookup });
    const answer = await web.ask(new URL(live.origin), { mayBePrivate: true, follow: () => false });
    expect(answer.status).toBe(302);
    expect(asked()).toBe(0);
    await web.close();
  });

  test('are asked where the operator named the host', async () => {
    const { port } = new URL(live.origin);
    const web = openWeb({ network, lookup: scripted(['127.0.0.1']).lookup });
    const answer = await web.ask(new URL(`http://intranet.example:${port}/`), { mayBePrivate: true });
    expect(answer.status).toBe(200);
    await web.close();
  });
});

test('a site that never answers ends in time', async () => {
  live.pages.set('/', () => {});
  const web = openWeb({ network: { proxy: null, noProxy: '', certificates: null }, timeout: 200 });
  await expect(web.ask(new URL(live.origin), { mayBePrivate: true })).rejects.toMatchObject({
    fault: 'timed-out',
  });
  await web.close();
});

describe('the public address', () => {
  /** Stands before Belfry as a proxy that somebody set up. */
  async function behind(
    spoil: (headers: Map<string, string>, path: string, method: string) => number | undefined,
  ) {
    const proxy = await startLiveSite();
    const pass = async (request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? '/';
      const answer = await fetch(server + path, {
        method: request.method ?? 'GET',
        headers: {
          origin: request.headers.origin ?? '',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      const headers = new Map(
        [...answer.headers].filter(([name]) => !/length|encoding|connection/.test(name)),
      );
      const status = spoil(headers, path, request.method ?? '') ?? answer.status;
      response.writeHead(status, Object.fromEntries(headers)).end(status === 204 ? '' : await answer.text());
    };
    for (const path of [
      '/belfry.js',
      '/belfry-sw.js',
      `/v1/sites/${site.key}/config`,
      `/v1/sites/${site.key}/subscriptions`,
    ])
      proxy.pages.set(path, (request, response) => void pass(request, response));
    const web = openWeb({ network: { proxy: null, noProxy: '', certificates: null } });
    const exported = Buffer.from(site.vapidPublicKey, 'base64url');
    const findings = await checkPublicAddress(web, {
      server: new URL(proxy.origin),
      site: { ...emptySite, key: site.key, vapidKey: { ...emptySite.vapidKey, publicKey: exported } },
      origins: [live.origin],
      now: Date.now(),
      mayBePrivate: true,
    });
    await web.close();
    await proxy.close();
    return findings.filter(({ verdict }) => verdict !== 'good');
  }

  test.each<[string, Parameters<typeof behind>[0], string[]]>([
    ['nothing', () => undefined, []],
    [
      'dropped CORS headers',
      (headers) => void headers.delete('access-control-allow-origin'),
      ['Pages of the site'],
    ],
    [
      'a preflight that it answers itself',
      (headers, _path, method) => {
        if (method !== 'OPTIONS') return undefined;
        headers.delete('access-control-allow-methods');
        return 405;
      },
      ['Pages of the site'],
    ],
    [
      'a doubled CORS header',
      (headers) => void headers.set('access-control-allow-origin', '*, *'),
      ['Pages of the site'],
    ],
    [
      'a changed type',
      (headers, path) => {
        if (path === '/belfry.js') headers.set('content-type', 'text/plain');
        return undefined;
      },
      ['Client script'],
    ],
    [
      'a policy that keeps scripts in',
      (headers) => void headers.set('cross-origin-resource-policy', 'same-site'),
      ['Client script', 'Worker script'],
    ],
    ['a fault', () => 502, ['Reachable']],
    ['a redirect', (headers) => headers.set('location', '/x') && 301, ['Reachable']],
  ])('behind a proxy with %s', async (_what, spoil, found) => {
    expect((await behind(spoil)).map(({ what }) => what)).toEqual(found);
  });

  test('that nobody answers, and that another Belfry answers', async () => {
    const web = openWeb({ network: { proxy: null, noProxy: '', certificates: null } });
    const gone = await startLiveSite();
    await gone.close();
    const ask = (address: string, key: string) =>
      checkPublicAddress(web, {
        server: new URL(address),
        site: { ...emptySite, key },
        origins: [live.origin],
        now: Date.now(),
        mayBePrivate: true,
      });
    expect((await ask(gone.origin, site.key)).at(-1)).toMatchObject({
      what: 'Reachable',
      verdict: 'bad',
      detail: expect.stringContaining('nothing listens'),
    });
    expect((await ask(server, site.key)).find(({ what }) => what === 'Public key')?.verdict).toBe('bad');
    expect((await ask(server, 'unknown')).at(-1)).toMatchObject({ what: 'Reachable', verdict: 'bad' });
    await web.close();
  });
});
