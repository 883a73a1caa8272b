import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { OptionError, parseOptions } from '../../main/options.ts';
import { eventually, siteOrigin } from '../helpers/belfry/in-process.ts';
import { type Announced, type Spawned, spawnListening, spawnServer } from '../helpers/belfry/spawned.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

const folders: string[] = [];
const running: Spawned[] = [];
afterEach(async () => {
  for (const { child, output } of running.splice(0)) {
    child.kill('SIGKILL');
    await output.ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'belfry-start-'));
  folders.push(made);
  return made;
}
function run(args: string[], environment?: Record<string, string>): Spawned {
  const one = spawnServer(args, environment);
  running.push(one);
  return one;
}
async function listening(args: string[], environment?: Record<string, string>) {
  const one = await spawnListening(args, environment);
  running.push(one);
  return one;
}

describe('starting the server', () => {
  test('--help explains every option and starts nothing', async () => {
    const { output, stdout } = run(['--help']);
    expect(await output.ended).toBe(0);
    for (const option of [
      'data',
      'public-port',
      'public-host',
      'public-url',
      'landing',
      'console-port',
      'console-host',
      'api-port',
      'trust-proxy',
      'allow-push-host',
      'rehearsal',
      'json',
      'help',
    ])
      expect(stdout.join('')).toContain(`--${option}`);
    expect(stdout.join('')).toContain('BELFRY_DATA');
  });

  test.each([
    [['--no-such-thing'], /--no-such-thing.*--help/s],
    [['--public-port', 'http'], /--public-port takes a port from 0 to 65535, not “http”/],
    [['--console-port', '65536'], /--console-port takes a port/],
    [['--public-url', 'https://a.example/path'], /--public-url takes an address/],
    [['stray'], /stray/],
  ])('%j is refused in one sentence', async (args, words) => {
    const { output, stderr, stdout } = run(['--data', folder(), ...args]);
    expect(await output.ended).toBe(2);
    expect(stderr.join('')).toMatch(words);
    expect(stderr.join('')).not.toMatch(/^\s+at /m);
    expect(stdout).toEqual([]);
  });

  test('options come from the environment too, and the command line wins', () => {
    const env = {
      BELFRY_DATA: '/srv/belfry',
      BELFRY_PUBLIC_PORT: '1000',
      BELFRY_CONSOLE_HOST: '0.0.0.0',
      BELFRY_PUBLIC_URL: 'https://push.example.org/',
      BELFRY_API_PORT: '',
      BELFRY_TRUST_PROXY: '10.0.0.0/8, 127.0.0.1',
      BELFRY_ALLOW_PUSH_HOST: 'a.example,b.example:8443',
      BELFRY_LANDING: 'yes',
      BELFRY_JSON: '0',
    };
    expect(parseOptions(['--public-port', '2000', '--allow-push-host', 'c.example'], env)).toMatchObject({
      data: resolve('/srv/belfry'),
      publicPort: 2000,
      consolePort: 8384,
      consoleHost: '0.0.0.0',
      publicUrl: 'https://push.example.org',
      apiPort: null,
      trustProxy: ['10.0.0.0/8', '127.0.0.1'],
      allowPushHosts: ['c.example'],
      landing: true,
      rehearsal: false,
      json: false,
    });
    expect(() => parseOptions([], { BELFRY_PUBLIC_PORT: 'x' })).toThrow(OptionError);
  });

  test('the JSON line has its shape, by environment names alone; SIGTERM and SIGINT end it cleanly', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const data = folder();
      const one = run([], {
        BELFRY_DATA: data,
        BELFRY_PUBLIC_PORT: '0',
        BELFRY_CONSOLE_PORT: '0',
        BELFRY_API_PORT: '0',
        BELFRY_JSON: '1',
      });
      await one.output.line((line) => line.startsWith('{"pid"'));
      const at: Announced = JSON.parse(one.stdout.join(''));
      expect(at).toEqual({
        pid: one.child.pid,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        public: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        console: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//),
        token: expect.stringMatching(/^[\w-]{20,}$/),
        api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      });
      expect((await fetch(`${at.public}/healthz`)).status).toBe(200);
      const before = Date.now();
      one.child.kill(signal);
      expect(await one.output.ended).toBe(0);
      expect(Date.now() - before).toBeLessThan(5000); // promised, whatever it is doing
      expect(one.stdout.join('').trim().split('\n')).toHaveLength(1);
    }
  });

  test('SIGTERM ends it within five seconds also while the database holds a write up', async () => {
    const data = folder();
    const { child, output, at } = await listening(['--data', data]);
    const other = new Database(join(data, 'belfry.db'));
    other.exec('BEGIN IMMEDIATE');
    // each of these waits for the other program, one after the other
    const unanswered = Array.from({ length: 3 }, () =>
      fetch(new URL('/api/v1/sites', at.console), {
        method: 'POST',
        headers: { authorization: `Bearer ${at.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'x', origins: [siteOrigin], subject: 'mailto:tests@example.org' }),
      }).catch(() => null),
    );
    await wait(2000);
    const before = Date.now();
    child.kill('SIGTERM');
    await output.ended;
    expect(Date.now() - before).toBeLessThan(5000);
    await Promise.all(unanswered);
    other.close();
    const next = await listening(['--data', data]);
    next.child.kill('SIGTERM');
    expect(await next.output.ended).toBe(0);
  });

  test.each(['public', 'console', 'api'])(
    'a %s port in use is told, with the option to change',
    async (which) => {
      const taken = createServer();
      await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
      const { port } = taken.address() as { port: number };
      const { output, stderr } = run([
        '--public-port',
        '0',
        '--console-port',
        '0',
        '--data',
        folder(),
        `--${which}-port`,
        String(port),
      ]);
      expect(await output.ended).toBe(2);
      expect(stderr.join('')).toMatch(new RegExp(`Port ${port} is in use .* --${which}-port`));
      taken.close();
    },
  );

  test('a second one on the same folder is refused while the first one runs on', async () => {
    const data = folder();
    const first = await listening(['--data', data]);
    const second = run(['--data', data, '--public-port', '0', '--console-port', '0']);
    expect(await second.output.ended).toBe(2);
    expect(second.stderr.join('')).toMatch(/Another Belfry is using .* --data/);
    expect((await fetch(`${first.at.public}/healthz`)).status).toBe(200);
    // a lock does not outlive its holder, however that ended
    first.child.kill('SIGKILL');
    await first.output.ended;
    const third = await listening(['--data', data]);
    expect(third.at.token).toBe(first.at.token);
  });

  test('a data folder that cannot be is refused in one sentence', async () => {
    const { output, stderr } = run(['--data', join(process.execPath, 'below-a-file')]);
    expect(await output.ended).toBe(2);
    expect(stderr.join('')).toMatch(/cannot be written.*--data/);
    expect(stderr.join('')).not.toMatch(/^\s+at /m);
  });

  test('a Node that is too old is told so, before anything can crash', (context) => {
    const old = otherNodes().find(
      (node) => Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'])) < 22,
    );
    if (old === undefined) return context.skip();
    const script = resolve(import.meta.dirname, '../../scripts/serve.mjs');
    const { status, stderr } = spawnSync(old, [script, '--help'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/Belfry needs Node 22\.\d+ or newer, and this is Node \d+\.\d+\.\d+\./);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

function otherNodes(): string[] {
  try {
    return execFileSync('which', ['-a', 'node'], { encoding: 'utf8' }).trim().split('\n');
  } catch {
    return [];
  }
}

describeWith('openssl', 'a server that is ended in the middle of a send', () => {
  let certificates: Certificates;
  let service: PushService;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
  });
  afterAll(async () => {
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const start = (data: string) =>
    listening(['--data', data, '--allow-push-host', service.host], {
      NODE_EXTRA_CA_CERTS: certificates.authorityFile,
      BELFRY_LOG: 'trace',
    });
  const client =
    (at: () => Announced) =>
    async <Body>(method: string, path: string, body?: unknown, headers = {}) => {
      const response = await fetch(new URL(`/api/v1${path}`, at().console), {
        method,
        headers: {
          authorization: `Bearer ${at().token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    };
  type Api = ReturnType<typeof client>;
  async function siteWith(api: Api, count: number) {
    const site = await api<Site>('POST', '/sites', {
      name: 'x',
      origins: [siteOrigin],
      subject: 'mailto:a@b.example',
    });
    const people = Array.from({ length: count }, () => service.subscribe(site.vapidPublicKey));
    for (const { subscription } of people) await api('POST', '/subscribers', { site: site.id, subscription });
    return { site, people };
  }
  const finished = async (api: Api, id: string) => {
    let campaign: Campaign | undefined;
    await eventually('the campaign is finished', async () => {
      campaign = await api<Campaign>('GET', `/campaigns/${id}`);
      return campaign.state === 'finished';
    });
    return campaign as Campaign;
  };

  test('SIGTERM while no answer comes: within five seconds, and the next start finishes; nothing secret is logged', async () => {
    const data = folder();
    let server = await start(data);
    const api = client(() => server.at);
    const { site, people } = await siteWith(api, 60);
    const secrets = [
      ...people.flatMap(({ subscription: { endpoint, keys } }) => [
        endpoint,
        endpoint.split('/').at(-1),
        keys.auth,
        keys.p256dh,
      ]),
      (await api<{ privateKey: string }>('POST', `/sites/${site.id}/vapid-key`, { confirm: true }))
        .privateKey,
      (await api<{ secret: string }>('POST', '/api-keys', { site: site.id, name: 'k', scopes: ['read'] }))
        .secret,
      (await api<{ secret: string }>('GET', `/sites/${site.id}/identity-secret`)).secret,
    ];
    let passed = 0;
    const end = service.disturb(() => (passed++ < 10 ? undefined : { until: new Promise(() => {}) }));
    const { id } = await api<Campaign>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'x' },
      audience: { everyone: true },
    });
    await eventually('it is under way', () => passed > 20);
    // a visitor who sends nothing, and someone who watches
    const idle = await fetch(new URL('/api/v1/live', server.at.console), {
      headers: { authorization: `Bearer ${server.at.token}` },
    });
    const before = Date.now();
    server.child.kill('SIGTERM');
    expect(await server.output.ended).toBe(0);
    expect(Date.now() - before).toBeLessThan(5000);
    await idle.body?.cancel().catch(() => {});
    end();
    const first = server;
    server = await start(data);
    const done = await finished(api, id);
    expect(done.counts).toMatchObject({ total: 60, accepted: 60, pending: 0 });
    for (const { received } of people) expect(received.length).toBeGreaterThan(0);
    const twice = people.filter(({ received }) => received.length > 1).length;
    expect(twice).toBeLessThanOrEqual(done.counts.repeated);
    server.child.kill('SIGTERM');
    await server.output.ended;

    const said = [first, server]
      .flatMap(({ stderr, stdout }) => [
        ...stderr,
        ...stdout
          .join('')
          .split('\n')
          .filter((line) => !line.startsWith('{"pid"')),
      ])
      .join('\n');
    expect(said.length).toBeGreaterThan(0);
    for (const secret of [...secrets, first.at.token]) expect(said).not.toContain(secret);
    for (const { received } of people) {
      const { token } = JSON.parse(received[0] ?? '').notification.data.belfry;
      expect(said).not.toContain(token);
    }
  });

  test('SIGKILL while the same request is repeated until it is answered: one campaign, everyone reached', async () => {
    const data = folder();
    let server = await start(data);
    const ports = () => [server.at.public, server.at.console].map((address) => new URL(address).port);
    const api = client(() => server.at);
    const { site, people } = await siteWith(api, 100);
    const slow = service.disturb(() => ({ delay: 20 }));
    const body = { site: site.id, message: { title: 'x' }, audience: { everyone: true } };
    const [publicPort = '', consolePort = ''] = ports();

    let done = false;
    const made = new Set<string>();
    const insisting = (async () => {
      while (!done) {
        try {
          made.add((await api<Campaign>('POST', '/campaigns', body, { 'idempotency-key': 'once' })).id);
        } catch {
          // not there, not yet answered, or in progress: a client tries again
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    try {
      for (const wait of [0, 15, 60]) {
        const seen = service.requests.length;
        if (wait > 0) await eventually('it sends', () => service.requests.length > seen, 40).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, wait));
        server.child.kill('SIGKILL');
        await server.output.ended;
        // the same addresses, so that the client finds it as soon as it listens
        server = await listening(
          [
            '--data',
            data,
            '--allow-push-host',
            service.host,
            '--public-port',
            publicPort,
            '--console-port',
            consolePort,
          ],
          { NODE_EXTRA_CA_CERTS: certificates.authorityFile },
        );
      }
      await eventually('an answer', () => made.size > 0);
    } finally {
      done = true;
      await insisting;
      slow();
    }
    expect(made.size).toBe(1);
    const { items } = await api<{ items: Campaign[] }>('GET', `/campaigns?site=${site.id}`);
    expect(items.map(({ id }) => id)).toEqual([...made]);
    const campaign = await finished(api, [...made][0] ?? '');
    expect(campaign.counts).toMatchObject({ total: 100, accepted: 100, pending: 0 });
    for (const { received } of people) expect(received.length).toBeGreaterThan(0);
    const twice = people.filter(({ received }) => received.length > 1).length;
    expect(twice).toBeLessThanOrEqual(campaign.counts.repeated);
  });
});
