import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site, SubscriberCounts } from '../../main/contract/sites.ts';
import type { System } from '../../main/contract/system.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { openBeside } from '../helpers/crowd.ts';
import type { Fault } from '../helpers/push-service/faults.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { startRelay } from '../helpers/relay.ts';
import { describeWith } from '../helpers/requirements.ts';

/** What may be under way at once, over all campaigns. */
const mostUnderWay = 600;

describeWith('openssl', 'whatever happens to the machine, the network or a push service', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  let calm: () => void = () => {};
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
  });
  afterAll(async () => {
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    calm();
    await belfry?.[Symbol.asyncDispose]();
  });

  async function start(people: number, more: Parameters<typeof Belfry.start>[0] = {}) {
    belfry = await Belfry.start({ service, certificates, ...more });
    site = await belfry.makeSite();
    return (await belfry.people(site, service, people)).map(({ browser }) => browser);
  }
  const troubles = async () => (await belfry.api<System>('GET', '/system')).troubles;
  const troubled = (id: string) => async () => (await troubles()).some((trouble) => trouble.id === id);

  /** Nobody skipped, nobody removed, and who got it twice is counted and no more than was under way. */
  async function allIsWell(done: CampaignDetail, browsers: SimulatedBrowser[]) {
    expect(done.counts).toMatchObject({
      total: browsers.length,
      accepted: browsers.length,
      pending: 0,
      expired: 0,
      rejected: 0,
      failed: 0,
      skipped: 0,
    });
    expect(browsers.filter(({ received }) => received.length === 0)).toEqual([]);
    const twice = browsers.filter(({ received }) => received.length > 1);
    expect(twice.length).toBeLessThanOrEqual(done.counts.repeated);
    expect(done.counts.repeated).toBeLessThanOrEqual(mostUnderWay);
    const counts = await belfry.api<SubscriberCounts>('GET', `/subscribers/counts?site=${site.id}`);
    expect(counts).toMatchObject({ active: browsers.length, expired: 0, unsubscribed: 0, quarantined: 0 });
  }

  test.each(['sender', 'reader 0', 'reader 1'])(
    'a thread that is killed in the middle of a send: %s',
    async (name) => {
      const browsers = await start(250);
      calm = service.disturb(() => ({ delay: 30 }));
      const { id } = await belfry.send(site);
      await belfry.until(id, ({ counts }) => counts.accepted > 0);
      await belfry.thread(name).terminate();
      // what was asked of a reader just then may fail, and nothing else
      await eventually(
        'it is read again',
        async () => (await belfry.call('GET', `/campaigns/${id}`)).status === 200,
      );
      const done = await belfry.until(id, 'finished', 60);
      await allIsWell(done, browsers);
      if (name !== 'sender') expect(done.counts.repeated).toBe(0);
    },
  );

  test('a database that another program holds: it is said, nothing is lost, and it goes on by itself', async () => {
    const browsers = await start(120);
    calm = service.disturb(() => ({ delay: 20 }));
    const { id } = await belfry.send(site);
    await belfry.until(id, ({ counts }) => counts.accepted > 0);
    const other = openBeside(belfry.data, {});
    try {
      other.exec('BEGIN EXCLUSIVE');
      await eventually('the console is told', troubled('busy'), 60);
      const [trouble] = await troubles();
      expect(trouble).toMatchObject({
        title: 'Another program holds the database',
        detail: expect.stringMatching(/Close what else .* goes by itself/),
      });
      // who comes now is told to come again, and is not lost without a word
      const visitor = await belfry.subscribe(site, service.subscribe(site.vapidPublicKey));
      expect(visitor).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      other.exec('COMMIT');
    } finally {
      other.close();
    }
    await allIsWell(await belfry.until(id, 'finished', 60), browsers);
    await eventually('it is over', async () => (await troubles()).length === 0);
  });

  test('a network that vanishes and returns: everyone gets it, nobody is given up', async () => {
    const [, port = '0'] = service.host.split(':');
    const relay = await startRelay(Number(port));
    try {
      belfry = await Belfry.start({ certificates, args: ['--allow-push-host', relay.host] });
      site = await belfry.makeSite();
      const browsers: SimulatedBrowser[] = [];
      for (let i = 0; i < 200; i++) {
        const browser = service.subscribe(site.vapidPublicKey);
        const endpoint = browser.subscription.endpoint.replace(service.host, relay.host);
        await belfry.api('POST', '/subscribers', {
          site: site.id,
          subscription: { ...browser.subscription, endpoint },
        });
        browsers.push(browser);
      }
      calm = service.disturb(() => ({ delay: 30 }));
      const { id } = await belfry.send(site);
      await belfry.until(id, ({ counts }) => counts.accepted > 0);
      await relay.vanish();
      const waiting = await belfry.until(id, ({ holds }) => holds.length > 0, 60);
      expect(waiting).toMatchObject({
        state: 'sending',
        holds: [{ kind: 'pause', reason: 'not-answering', pushService: relay.host }],
        counts: { failed: 0, expired: 0, rejected: 0 },
      });
      await relay.returns();
      await allIsWell(await belfry.until(id, 'finished', 90), browsers);
    } finally {
      await relay.close();
    }
  });

  test('a push service that resets, talks garbage, stalls and answers after we gave up', async () => {
    const browsers = await start(60, { answerTimeout: 1500 });
    const faults: (Fault | undefined)[] = [
      undefined,
      { stall: 503 },
      { delay: 4000 },
      { status: 502, body: '<html>' },
      { cut: 'garbage' },
      undefined,
      { cut: 'reset' },
    ];
    const met = new Set<string>();
    calm = service.disturb(({ token }) => {
      const i = browsers.findIndex(({ subscription }) => subscription.endpoint.endsWith(token));
      if (i < 0 || met.has(token)) return undefined;
      met.add(token);
      return faults[i % faults.length];
    });
    const { id } = await belfry.send(site);
    const done = await belfry.until(id, 'finished', 100);
    // an answer that came too late is a message that came twice: wait for all of them
    const late = browsers.filter((_, i) => i % faults.length === 2);
    await eventually('the late ones', () => late.every(({ received }) => received.length > 1));
    await allIsWell(done, browsers);
    expect(done.counts.repeated).toBeGreaterThanOrEqual(late.length);
  });

  test('a clock that is set back and forth: nobody waits for it, and a schedule follows it', async () => {
    let off = 0;
    const browsers = await start(20, { clock: { now: () => Date.now() + off } });
    let refusals = 5;
    calm = service.disturb(() =>
      refusals-- > 0 ? { status: 429, headers: { 'retry-after': '4' } } : undefined,
    );
    const { id } = await belfry.send(site);
    await belfry.until(id, ({ holds }) => holds.length > 0);
    off = -24 * 3_600_000; // all that was due in seconds would be due tomorrow
    await allIsWell(await belfry.until(id, 'finished'), browsers);
    expect(belfry.log.some((line) => line.includes('clock of this computer jumped'))).toBe(true);

    const at = new Date(Date.now() + off + 3_600_000).toISOString();
    const scheduled = await belfry.send(site, { at });
    off += 2 * 3_600_000;
    await belfry.until(scheduled.id, 'finished');
    // and the next start, with the clock back where it belongs, finds nothing that waits for a year
    off = 365 * 24 * 3_600_000;
    refusals = 1000;
    const waits = await belfry.send(site);
    await belfry.until(waits.id, ({ holds }) => holds.length > 0);
    await belfry.stop();
    off = 0;
    refusals = 0;
    await belfry.launch();
    expect((await belfry.campaign(waits.id)).holds).toEqual([]);
    const db = openBeside(belfry.data);
    const latest = db.prepare<[], number>('SELECT max(due_at) FROM delivery WHERE state < 2').pluck().get();
    db.close();
    expect(latest).toBeLessThan(Date.now() + 26 * 3_600_000);
  });

  test('a database file that is deleted under a running program: it is said, and nothing is lost', async (context) => {
    if (process.platform === 'win32') return context.skip(); // an open file cannot be deleted there
    const data = mkdtempSync(join(tmpdir(), 'belfry-deleted-'));
    try {
      const browsers = await start(5, { data });
      for (const name of ['belfry.db', 'belfry.db-wal', 'belfry.db-shm'])
        rmSync(join(data, name), { force: true });
      await eventually('the console is told', troubled('missing'));
      const [trouble] = await troubles();
      expect(trouble?.detail).toContain(join(data, 'belfry.db.rescued'));
      // it works on, and what came since is rescued, too
      const late = service.subscribe(site.vapidPublicKey);
      expect((await belfry.subscribe(site, late)).status).toBe(201);
      await belfry.stop();
      expect(existsSync(join(data, 'belfry.db'))).toBe(false);
      renameSync(join(data, 'belfry.db.rescued'), join(data, 'belfry.db'));
      await belfry.launch();
      const { id } = await belfry.send(site);
      await allIsWell(await belfry.until(id, 'finished'), [...browsers, late]);
      expect(await troubles()).toEqual([]);
    } finally {
      await belfry.stop();
      rmSync(data, { recursive: true, force: true });
    }
  });
});
