import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import type { Browser, BrowserName, LaunchOptions, Page, Permission } from './browsers/browser.ts';
import { launchBrowser } from './browsers/browsers.ts';
import { makeCertificates } from './certificates.ts';
import {
  type NotificationDaemon,
  type SystemNotification,
  startNotificationDaemon,
} from './notification-daemon.ts';
import { type RunningProgram, startServer } from './program.ts';
import { type PushService, startPushService } from './push-service/push-service.ts';

/** Belfry as it is run, with a site of its own, amid push services and a desktop that are local. */
export interface World {
  pushService: PushService;
  daemon: NotificationDaemon;
  server: RunningProgram;
  site: Site;
  /** The landing page's address. */
  landing: string;
  /** A new person's browser. */
  launch(name: BrowserName, permission: Permission, options?: LaunchOptions): Promise<Browser>;
  /** Opens the landing page, presses its button, and waits until it says that one is subscribed. */
  subscribe(browser: Browser): Promise<Page>;
  /** Of the site, in every state unless one is named. */
  subscribers(state?: Subscriber['state']): Promise<Subscriber[]>;
  /** Starts a campaign to everyone. */
  send(message: object): Promise<CampaignDetail>;
  campaign(id: string): Promise<CampaignDetail>;
  /** Resolves with the one notification on the screen that has this title. */
  notification(title: string): Promise<SystemNotification>;
  close(): Promise<void>;
}

/** Resolves to what `look` finds, as soon as it is not undefined. @throws after `seconds` */
export async function eventually<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  seconds = 30,
) {
  for (const until = Date.now() + seconds * 1000; Date.now() < until; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((next) => setTimeout(next, 25));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** Where one stands, by the landing page: see Status of the client script. */
export const status = (page: Page) =>
  page.evaluate(() => document.getElementById('status')?.dataset['status']);

export async function startWorld(): Promise<World> {
  const certificates = await makeCertificates();
  const pushService = await startPushService(certificates);
  const daemon = await startNotificationDaemon();
  const server = await startServer({ environment: pushService.environment });
  const origin = new URL(server.public).origin;
  const site = await server.api<Site>('POST', '/sites', {
    name: 'Tolling Hill',
    origins: [origin],
    subject: 'mailto:owls@example.org',
  });
  const landing = `${origin}/?site=${site.key}`;

  return {
    pushService,
    daemon,
    server,
    site,
    landing,
    launch: (name, permission, options) =>
      launchBrowser(name, { ...options, pushService, environment: daemon.environment, permission }),
    async subscribe(browser) {
      const page = await browser.open(landing);
      await eventually(
        'the page to be ready',
        async () => (await status(page)) === 'unsubscribed' || undefined,
      );
      await page.click('#subscribe');
      await eventually('the page to say that one is subscribed', async () => {
        const now = await status(page);
        if (now === 'failed' || now === 'unavailable')
          throw new Error(await page.evaluate(() => document.getElementById('status')?.innerText ?? ''));
        return now === 'subscribed' || undefined;
      });
      return page;
    },
    async subscribers(state) {
      const query = new URLSearchParams({ site: site.id, state: state ?? 'all', limit: '500' });
      return (await server.api<{ items: Subscriber[] }>('GET', `/subscribers?${query}`)).items;
    },
    send: (message) =>
      server.api<CampaignDetail>('POST', '/campaigns', {
        site: site.id,
        message,
        audience: { everyone: true },
      }),
    campaign: (id) => server.api<CampaignDetail>('GET', `/campaigns/${id}`),
    notification: (title) =>
      eventually(`the notification “${title}”`, () =>
        daemon.visible().find((shown) => shown.title === title),
      ),
    async close() {
      await server[Symbol.asyncDispose]();
      await daemon.close();
      await pushService.close();
      await certificates[Symbol.asyncDispose]();
    },
  };
}
