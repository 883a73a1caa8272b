import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { type RunningProgram, startServer } from '../helpers/program.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import type { SimulatedBrowser } from '../helpers/push-service/simulated-browser.ts';
import { describeWith } from '../helpers/requirements.ts';
import { capture, type DesktopFromSource, keepPicture, startFromSource } from './desktop.ts';
import { temporaryFolder } from './fixtures.ts';

const people = 300;
/** As the buttons stand in the question. */
const answers = { background: 0, quit: 1, stay: 2 };

describeWith(['electron', 'display', 'openssl'], 'sending, and leaving in the middle of it', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let certificates: Awaited<ReturnType<typeof makeCertificates>>;
  let pushService: PushService;
  let server: RunningProgram;
  let site: Site;
  let browsers: SimulatedBrowser[];
  let environment: Record<string, string>;
  let running: DesktopFromSource | undefined;
  let letGo = () => {};

  beforeAll(async () => {
    folder = await temporaryFolder();
    certificates = await makeCertificates();
    pushService = await startPushService(certificates);
    environment = { NODE_EXTRA_CA_CERTS: certificates.authorityFile };
    server = await startServer({
      data: folder.path,
      args: ['--allow-push-host', pushService.host],
      environment,
    });
    site = await server.api<Site>('POST', '/sites', {
      name: 'Tolling Hill',
      origins: ['https://www.example.org'],
      subject: 'mailto:owls@example.org',
    });
    browsers = Array.from({ length: people }, () => pushService.subscribe(site.vapidPublicKey));
    for (const { subscription } of browsers)
      await server.api('POST', '/subscribers', { site: site.id, subscription });
    await server.stop();
  });
  beforeEach(() => {
    for (const browser of browsers) browser.received.length = 0;
  });
  // a test that failed must not leave the data to the next one in use
  afterEach(async () => {
    letGo();
    running?.child.kill('SIGKILL');
    await running?.output.ended;
    await server.stop();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await pushService?.close();
    await certificates?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  /** The desktop on the server's data, with a console on the server's port, so that `server.api` speaks to it. */
  async function startDesktop(answer: keyof typeof answers): Promise<DesktopFromSource> {
    const port = new URL(server.console).port;
    const desktop = await startFromSource({
      data: folder.path,
      args: ['--console-port', port, '--allow-push-host', pushService.host],
      environment,
    });
    running = desktop;
    await desktop.app.evaluate(({ dialog }, response) => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      dialog.showMessageBox = (async (
        _window: unknown,
        { message, detail }: { message: string; detail: string },
      ) => {
        asked.push(`${message}\n${detail}`);
        console.log('asked whether to leave');
        return { response, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    }, answers[answer]);
    return desktop;
  }
  const asked = (desktop: DesktopFromSource) =>
    desktop.app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  const close = (desktop: DesktopFromSource) =>
    desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const windows = (desktop: DesktopFromSource) =>
    desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

  /** The push service takes a third of the next messages and then goes silent, until the function is called. */
  function hold(): () => void {
    const before = pushService.requests.length;
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    const calm = pushService.disturb(() =>
      pushService.requests.length > before + people / 3 ? { until: promise } : undefined,
    );
    letGo = () => {
      calm();
      resolve();
    };
    return letGo;
  }

  /** Starts a campaign; resolves as soon as the push service goes silent. */
  async function startAndHold(): Promise<{ id: string; release(): void }> {
    const before = pushService.requests.length;
    const release = hold();
    const { id } = await server.api<CampaignDetail>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'Bells at noon' },
      audience: { everyone: true },
    });
    await expect.poll(() => pushService.requests.length).toBeGreaterThan(before + people / 3);
    return { id, release };
  }

  async function expectAllGotItOnce(id: string) {
    const campaign = () => server.api<CampaignDetail>('GET', `/campaigns/${id}`);
    await expect.poll(async () => (await campaign()).state).toBe('finished');
    expect((await campaign()).counts).toMatchObject({ total: people, accepted: people, repeated: 0 });
    expect(browsers.map(({ received }) => received.length)).toEqual(browsers.map(() => 1));
  }

  test('a message composed in the window reaches everyone, and the window shows how far it is', async () => {
    const desktop = await startDesktop('stay');
    const { page } = desktop;
    const release = hold();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/sites/${site.id}/compose`);
    await page.getByLabel('Title', { exact: true }).fill('Bells at noon');
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByRole('button', { name: /^Send to / }).click();
    await page.waitForURL(/\/campaigns\/[^/?]+/);
    const id = /\/campaigns\/([^/?]+)/.exec(page.url())?.[1] ?? '';
    const progress = page.getByRole('region', { name: 'Progress' });
    const accepted = async () =>
      Number(/^Accepted\s*(\d+)/m.exec(await progress.locator('dl').first().innerText())?.[1] ?? 0);
    await expect.poll(accepted).toBeGreaterThan(0);
    expect(await accepted()).toBeLessThan(people);
    await keepPicture('desktop-sending', await capture(desktop));
    release();
    await expect.poll(accepted).toBe(people);
    await keepPicture('desktop-sent', await capture(desktop));
    expect(desktop.complaints).toEqual([]);
    await expectAllGotItOnce(id);
    expect(await desktop.end()).toBe(0);
  });

  test('goes on without a window when the operator wants that, and ends when it is done', async () => {
    const desktop = await startDesktop('background');
    const { id, release } = await startAndHold();
    await close(desktop);
    await expect.poll(() => windows(desktop)).toBe(0);
    const [question] = await asked(desktop);
    expect(question).toContain('A campaign is still being sent');
    expect(question).toContain('Sending “Bells at noon”');
    expect(question).toContain('nothing is lost');
    release();
    expect(await desktop.output.ended).toBe(0);
    await server.restart();
    await expectAllGotItOnce(id);
  });

  test('a second start brings the window back, and Belfry stays', async () => {
    const desktop = await startDesktop('background');
    const { id, release } = await startAndHold();
    await close(desktop);
    await expect.poll(() => windows(desktop)).toBe(0);
    const opened = desktop.app.waitForEvent('window');
    await desktop.app.evaluate(({ app }) => app.emit('second-instance'));
    const page = await opened;
    await page.getByRole('main').waitFor();
    release();
    await expectAllGotItOnce(id);
    expect(await windows(desktop)).toBe(1);
    expect(await desktop.end()).toBe(0);
  });

  test('quits when the operator wants that, and the rest goes out at the next start', async () => {
    const desktop = await startDesktop('quit');
    const { id, release } = await startAndHold();
    await close(desktop);
    await desktop.output.line((line) => line === 'asked whether to leave');
    // what is under way may still be answered before it ends
    release();
    expect(await desktop.output.ended).toBe(0);
    await server.restart();
    await expectAllGotItOnce(id);
  });

  test('stays when the operator thinks better of it; SIGTERM asks nothing and loses nothing', async () => {
    const desktop = await startDesktop('stay');
    const { id, release } = await startAndHold();
    await close(desktop);
    await expect.poll(() => asked(desktop)).toHaveLength(1);
    expect(await windows(desktop)).toBe(1);
    const ended = desktop.end();
    release();
    expect(await ended).toBe(0);
    await server.restart();
    await expectAllGotItOnce(id);
  });
});
