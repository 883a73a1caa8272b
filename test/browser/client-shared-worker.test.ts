import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SiteServer, startSiteServer } from '../helpers/site-server.ts';
import { launchChromium, newVisitor, untilStatus, type Visitor } from '../helpers/visitor.ts';

/* A site that has a service worker of its own, and imports ours into it. */
let browser: Browser;
let site: SiteServer;
let visitor: Visitor;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = await startSiteServer();
  site.site.workerPath = '/own-worker.js';
  site.files.set('/own-worker.js', {
    type: 'text/javascript',
    body: `
      self.belfryShared = true;
      importScripts('/belfry-sw.js');
      addEventListener('push', (event) => {
        if (event.data.text() === 'mine') event.waitUntil(registration.showNotification('The site’s own'));
      });`,
  });
  visitor = await newVisitor(browser, site);
});
afterEach(async () => {
  await visitor.context.close();
  await site.close();
});

test('keeps the site’s registration as it is, and handles only our messages', async () => {
  const { context, page } = visitor;
  const devtools = await context.newCDPSession(page);
  const registered = new Promise<string>((done) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first) done(first.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  await page.goto(site.url);
  await page.evaluate(() =>
    navigator.serviceWorker.register('/own-worker.js').then(() => navigator.serviceWorker.ready),
  );
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await untilStatus(page, 'subscribed');
  expect(context.serviceWorkers().map((worker) => worker.url())).toEqual([`${site.url}/own-worker.js`]);

  const registrationId = await registered;
  const deliver = (data: string) =>
    devtools.send('ServiceWorker.deliverPushMessage', { origin: site.url, registrationId, data });
  const titles = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title }) => title).sort();
    });
  await deliver('mine');
  await deliver(
    JSON.stringify({
      web_push: 8030,
      notification: {
        title: 'Ours',
        navigate: site.url,
        data: { belfry: { token: 'token-1', events: `${site.url}/v1/events` } },
      },
    }),
  );
  await site.request('events');
  await expect.poll(titles).toEqual(['Ours', 'The site’s own']);
});
