import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../main/contract/sites.ts';
import type { SiteRow } from '../../main/core/ports/storage.ts';
import { NoAnswer, type Web } from '../../main/core/ports/web.ts';
import { SiteCheck } from '../../main/core/sites/checks/check.ts';
import { defaultSettings, type SiteDirectory } from '../../main/core/sites/directory.ts';
import { openWeb } from '../../main/web/web.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type LiveSite, startLiveSite } from '../helpers/live-site.ts';
import { type ConnectProxy, startConnectProxy } from '../helpers/push-service/connect-proxy.ts';
import { describeWith } from '../helpers/requirements.ts';

/* The check of a live site from a network in which everything goes through HTTPS_PROXY: the site has its real name. */
const origin = 'https://bells.example';
const row: SiteRow = {
  id: 1,
  key: 'bells',
  name: 'Bells',
  origins: [origin],
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

async function lookAt(web: Web, site: SiteRow): Promise<Finding[]> {
  const check = new SiteCheck({
    web,
    directory: { all: () => [site] } as unknown as SiteDirectory,
    clock: { now: () => Date.now() },
    publicUrl: () => 'https://push.bells.example',
    privateHosts: [],
  });
  return check.check(site, { page: '/', byOperator: true });
}

describeWith('openssl', 'through a proxy', () => {
  let good: Certificates;
  let old: Certificates;
  let live: LiveSite;
  let expired: LiveSite;
  let proxy: ConnectProxy;
  let toExpired: ConnectProxy;
  beforeAll(async () => {
    [good, old] = await Promise.all([
      makeCertificates(['bells.example', 'push.bells.example']),
      makeCertificates(['bells.example', 'push.bells.example'], -1),
    ]);
    [live, expired] = (await Promise.all(
      [good, old].map(({ key, certificate }) => startLiveSite({ tls: { key, cert: certificate } })),
    )) as [LiveSite, LiveSite];
    const page = '<script src="https://push.bells.example/belfry.js" data-site="bells"></script>';
    for (const site of [live, expired]) site.pages.set('/', { body: page });
    const portOf = (site: LiveSite) => Number(new URL(site.origin).port);
    [proxy, toExpired] = (await Promise.all(
      [live, expired].map((site) => startConnectProxy(portOf(site))),
    )) as [ConnectProxy, ConnectProxy];
  });
  afterAll(async () => {
    for (const part of [live, expired, proxy, toExpired]) await part?.close();
    for (const part of [good, old]) await part?.[Symbol.asyncDispose]();
  });

  /** What is found of the site's own page. */
  async function found(by: ConnectProxy, trusted: Certificates | null, noProxy = '') {
    const certificates = trusted ? [trusted.authority] : null;
    const web = openWeb({ network: { proxy: by.url, noProxy, certificates } });
    const findings = await lookAt(web, row);
    await web.close();
    return findings.filter((finding) => finding.origin === origin && finding.what === 'Site');
  }

  test('the site is asked by its name, and its page is read', async () => {
    expect(await found(proxy, good)).toMatchObject([{ verdict: 'good' }]);
    expect(proxy.asked).toContain('bells.example:443');
  });

  test('a certificate that nobody vouches for, and one that has expired, are found as without one', async () => {
    expect(await found(proxy, null)).toMatchObject([
      { verdict: 'bad', detail: expect.stringContaining('not trusted') },
    ]);
    expect(await found(toExpired, old)).toMatchObject([
      { verdict: 'bad', detail: expect.stringContaining('out of date') },
    ]);
  });

  test('a proxy that is not there is told as what cannot be reached', async () => {
    const gone = await startConnectProxy(1);
    await gone.close();
    expect(await found(gone, good)).toMatchObject([
      { verdict: 'bad', detail: expect.stringContaining('cannot be reached') },
    ]);
  });

  test('of a practice site no page is asked, only the public address', async () => {
    const asked: string[] = [];
    const web: Web = {
      ask: async ({ host }) => {
        asked.push(host);
        throw new NoAnswer('nothing-listens');
      },
      close: async () => {},
    };
    await lookAt(web, { ...row, practice: true });
    expect(new Set(asked)).toEqual(new Set(['push.bells.example']));
    asked.length = 0;
    await lookAt(web, row);
    expect(new Set(asked)).toEqual(new Set(['push.bells.example', 'bells.example']));
  });
});
