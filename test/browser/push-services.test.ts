import { Agent } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import webPush, { type PushSubscription, type WebPushError } from 'web-push';
import type { Browser, Page } from '../helpers/browsers/browser.ts';
import { browserNames, launchBrowser } from '../helpers/browsers/browsers.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type NotificationDaemon, startNotificationDaemon } from '../helpers/notification-daemon.ts';
import { type PlainSite, startPlainSite } from '../helpers/plain-site.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

// The push services that the other suites rely on, proven with a sender and a website that are not Belfry's.

const hosts = {
  chromium: /^https:\/\/(jmt17\.google|fcm\.googleapis)\.com\/fcm\/send\//,
  firefox: /^https:\/\/updates\.push\.services\.mozilla\.com\/wpush\/v2\//,
};
const vapid = { subject: 'mailto:tests@example.org', ...webPush.generateVAPIDKeys() };

for (const name of browserNames)
  describeWith([name, 'dbus', 'openssl'], `the local push service for ${name}`, () => {
    let certificates: Certificates;
    let pushService: PushService;
    let daemon: NotificationDaemon;
    let site: PlainSite;
    let agent: Agent;

    beforeAll(async () => {
      certificates = await makeCertificates();
      pushService = await startPushService(certificates);
      daemon = await startNotificationDaemon();
      site = await startPlainSite();
      agent = new Agent({
        ca: certificates.authority,
        proxyEnv: { HTTPS_PROXY: pushService.environment.HTTPS_PROXY },
      });
    });
    afterAll(async () => {
      agent?.destroy();
      await site?.close();
      await daemon?.close();
      await pushService?.close();
      await certificates?.[Symbol.asyncDispose]();
    });

    const send = (subscription: PushSubscription, payload: string, vapidDetails = vapid) =>
      webPush.sendNotification(subscription, payload, { vapidDetails, agent, TTL: 60 });
    const launch = (): Promise<Browser> =>
      launchBrowser(name, { pushService, environment: daemon.environment, permission: 'granted' });
    const subscribe = (page: Page): Promise<PushSubscription> =>
      page.evaluate(async (applicationServerKey) => {
        await navigator.serviceWorker.register('/worker.js');
        const registration = await navigator.serviceWorker.ready;
        if ((await Notification.requestPermission()) !== 'granted') throw new Error('not permitted');
        const options = { userVisibleOnly: true, applicationServerKey };
        return (await registration.pushManager.subscribe(options)).toJSON() as never;
      }, vapid.publicKey);
    const notes = (page: Page): Promise<string[]> =>
      page.evaluate(async () => (await caches.match('notes'))?.json() ?? []);
    const acknowledged = (id: string) =>
      pushService.acknowledgements.filter((one) => one.id === id).map((one) => one.outcome);

    test('subscribes, decrypts, shows, and tells of a click and a dismissal', async () => {
      await using browser = await launch();
      const page = await browser.open(site.address);
      const subscription = await subscribe(page);
      expect(subscription.endpoint).toMatch(hosts[name]);

      await send(subscription, `Hello ${name}`);
      await expect.poll(() => notes(page)).toEqual([`push Hello ${name}`]);
      await expect.poll(() => daemon.visible().map(({ title }) => title)).toEqual([`Hello ${name}`]);
      const id = pushService.accepted.at(-1)?.id ?? '';
      await expect.poll(() => acknowledged(id)).toEqual([name === 'firefox' ? 'shown' : 'received']);

      const [first] = daemon.visible();
      if (first) daemon.click(first, [...first.actions].find(([, label]) => label === 'More')?.[0]);
      await expect.poll(() => notes(page)).toContain('click more');
      await expect
        .poll(async () => (await browser.pages()).map((one) => one.address()))
        .toContain(`${site.address}?clicked`);
      await expect.poll(() => daemon.visible()).toEqual([]);

      await send(subscription, 'Once more');
      await expect.poll(() => daemon.visible().map(({ title }) => title)).toEqual(['Once more']);
      const [second] = daemon.visible();
      if (second) daemon.dismiss(second);
      await expect.poll(() => notes(page)).toContain('close');
    });

    test('gets after a start what was sent while it was closed', async () => {
      await using browser = await launch();
      const subscription = await subscribe(await browser.open(site.address));
      await browser.close();
      await send(subscription, 'Good morning');
      await browser.relaunch();
      await expect
        .poll(() => daemon.visible().map(({ title }) => title), { timeout: 20_000 })
        .toEqual(['Good morning']);
      const page = await browser.open(site.address);
      expect(await subscribe(page)).toEqual(subscription);
      for (const notification of daemon.visible()) daemon.dismiss(notification);
    });

    test('unsubscribes, and the endpoint answers 410', async () => {
      await using browser = await launch();
      const page = await browser.open(site.address);
      const subscription = await subscribe(page);
      await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        await (await registration.pushManager.getSubscription())?.unsubscribe();
      });
      await expect
        .poll(() =>
          send(subscription, 'Gone?').then(
            () => 201,
            (error: WebPushError) => error.statusCode,
          ),
        )
        .toBe(410);
    });

    test('cannot be reached with another key', async () => {
      await using browser = await launch();
      const subscription = await subscribe(await browser.open(site.address));
      const other = { subject: vapid.subject, ...webPush.generateVAPIDKeys() };
      const refusal = send(subscription, 'Not yours', other);
      await expect(refusal).rejects.toMatchObject({ statusCode: name === 'firefox' ? 401 : 403 });
    });

    test('refuses notifications where the person does', async () => {
      await using browser = await launchBrowser(name, { pushService, permission: 'denied' });
      const page = await browser.open(site.address);
      expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied');
    });
  });
