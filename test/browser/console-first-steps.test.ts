import { expect, test } from 'vitest';
import type { FirstSteps, Site } from '../../main/contract/sites.ts';
import { launchBrowser } from '../helpers/browsers/browsers.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { startNotificationDaemon } from '../helpers/notification-daemon.ts';
import { startServer } from '../helpers/program.ts';
import { startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';
import { eventually } from '../helpers/world.ts';
import { openConsole } from './console.helper.ts';

describeWith(['chromium', 'dbus', 'openssl'], 'the first run', () => {
  test('each screen leads one click further, to a notification on one’s own browser, and is taken up again', async () => {
    await using certificates = await makeCertificates();
    const pushService = await startPushService(certificates);
    const daemon = await startNotificationDaemon();
    try {
      await using server = await startServer({ environment: pushService.environment });
      await using console = await openConsole(server.console, { reducedMotion: 'reduce' });
      const { page } = console;
      const bar = page.getByRole('complementary', { name: 'First steps' });
      const done = (count: number) =>
        bar.getByRole('button', { name: `First steps: ${count} of 5 done` }).waitFor();

      // from nothing to a site
      await page.getByLabel('Name').fill('Tolling Hill');
      await page.getByLabel('Address of the website').fill('www.tolling.example');
      await page.getByLabel('Contact').fill('owls@example.org');
      await page.getByRole('button', { name: 'Create the site' }).click();
      await done(0);
      const [site] = (await server.api<{ items: Site[] }>('GET', '/sites')).items;
      const stepsNow = () => server.api<FirstSteps>('GET', `/sites/${site?.id}/first-steps`);

      // our own check of the address is no visit
      await server.api('POST', `/sites/${site?.id}/check`);
      expect(await stepsNow()).toMatchObject({ opened: false, person: false });
      const link = bar.getByRole('link', { name: 'Open the landing page' });
      const landing = (await link.getAttribute('href')) ?? '';
      expect(await link.getAttribute('target')).toBe('_blank');
      expect(await console.axe()).toEqual([]);

      await using visitor = await launchBrowser('chromium', {
        pushService,
        environment: daemon.environment,
        permission: 'granted',
      });
      const asking = await visitor.open(landing);
      await done(1);
      await bar.getByText(/Press “Subscribe” there/).waitFor();
      const status = () => asking.evaluate(() => document.getElementById('status')?.dataset['status']);
      await expect.poll(status).toBe('unsubscribed');
      await asking.click('#subscribe');
      await done(2);

      // left in the middle, and taken up again on another day
      await page.reload();
      await done(2);
      await bar.getByRole('link', { name: 'Write to yourself' }).click();
      await page.getByRole('heading', { level: 1, name: 'Compose' }).waitFor();
      await bar.getByText('It goes to you alone.').waitFor();
      await page.getByLabel('Title').fill('The first bell');
      await page.getByRole('button', { name: 'Send now' }).click();
      await page.getByRole('button', { name: 'Send to 1 person' }).click();
      const shown = await eventually('the notification', () =>
        daemon.visible().find(({ title }) => title === 'The first bell'),
      );
      await done(4);
      await bar.getByText('Click the notification').waitFor();
      expect(await stepsNow()).toEqual({
        opened: true,
        person: true,
        accepted: true,
        shown: true,
        clicked: false,
      });
      daemon.click(shown);
      await done(5);
      await bar.getByText('That was the whole way').waitFor();
      expect(await console.axe()).toEqual([]);
      await bar.getByRole('button', { name: 'Close the first steps' }).click();
      await bar.waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);

      // a second site begins anew; put away, it is found again
      await server.api('POST', '/sites', {
        name: 'Owl Street',
        origins: ['https://owls.example'],
        subject: 'mailto:owls@example.org',
      });
      await page.getByRole('button', { name: /Tolling Hill.*change the site/ }).click();
      await page.getByRole('menuitem', { name: 'Owl Street' }).click();
      await done(0);
      await bar.getByRole('button', { name: 'Put the first steps away' }).click();
      await bar.waitFor({ state: 'detached' });
      await page.reload();
      await page.getByRole('button', { name: /Owl Street.*change the site/ }).waitFor();
      expect(await bar.count()).toBe(0);
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
      await page.keyboard.type('first steps');
      await page.getByRole('button', { name: /Show the first steps/ }).waitFor();
      await page.keyboard.press('Enter');
      await done(0);
      expect(await console.faults()).toEqual([]);
    } finally {
      await daemon.close();
      await pushService.close();
    }
  });
});
