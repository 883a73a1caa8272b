import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

const mismatch =
  'the VAPID credentials do not correspond to the credentials used to create the subscriptions.';

describeWith(['chromium', 'openssl'], 'what went wrong with people, in the console', () => {
  test('attempts are told, who has another key is kept and can be tried, who expired is brought back, what was dropped is said', async () => {
    await using stage = await startStage({ proxied: true });
    const { server, pushService } = stage;
    const site = await stage.createSite();
    const make = async (externalId: string) => {
      const { subscription } = pushService.subscribe(site.vapidPublicKey);
      const endpoint = subscription.endpoint.replace(/^.*\/push\//, 'https://fcm.googleapis.com/fcm/send/');
      const body = { site: site.id, externalId, subscription: { ...subscription, endpoint } };
      const { id } = await server.api<Subscriber>('POST', '/subscribers', body);
      return { id, token: endpoint.split('/').at(-1) };
    };
    const slow = await make('slow');
    const odd = await make('odd');
    const gone = await make('gone');
    for (const name of ['one', 'two', 'three']) await make(name);
    let tries = 0;
    let isTrouble = true;
    pushService.disturb(({ token }) => {
      if (token === slow.token && tries++ === 0) return { status: 503, headers: { 'retry-after': '1' } };
      if (token === odd.token && isTrouble) return { status: 403, body: mismatch };
      if (token === gone.token && isTrouble) return { status: 410 };
      return undefined;
    });
    const campaign = await server.api<Campaign>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'Market day' },
      audience: { everyone: true },
    });
    const stateOf = async () => (await server.api<Campaign>('GET', `/campaigns/${campaign.id}`)).state;
    await expect.poll(stateOf, { timeout: 30_000 }).toBe('finished');
    isTrouble = false;

    await using console = await openConsole(server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    // each attempt: which service, what it answered, how long it took
    await console.go(`/sites/${site.id}/subscribers/${slow.id}`);
    await page.getByText(/Was tried with Market day.*\(service unavailable\).*\(FCM\) 503, \d+ ms/).waitFor();
    await page.getByText(/Push service accepted Market day.*\(FCM\) 201, \d+ ms, attempt 2/).waitFor();

    await console.go(`/sites/${site.id}/subscribers/${odd.id}`);
    await page.getByText(/was made with another key than your site’s/).waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('button', { name: 'Send to them all the same' }).click();
    await page.getByText(/was made with another key than your site’s/).waitFor({ state: 'detached' });
    expect(await server.api('GET', `/subscribers/${odd.id}`)).toMatchObject({ state: 'active' });

    await console.go(`/sites/${site.id}/campaigns/${campaign.id}`);
    await page.getByRole('button', { name: 'Bring back and send again…' }).click();
    await page.getByText(/at Google \(FCM\) who have not come back since are active again/).waitFor();
    await page.getByRole('button', { name: 'Bring back and send to 1 person' }).click();
    await page.getByText('It is sent again to 1 person.').waitFor();
    await expect.poll(stateOf).toBe('finished');
    expect(await server.api('GET', `/subscribers/${gone.id}`)).toMatchObject({ state: 'active' });
    await page.getByRole('button', { name: 'Bring back and send again…' }).waitFor({ state: 'detached' });

    // two days later the single deliveries are no longer kept
    const db = new Database(join(server.data, 'belfry.db'), { timeout: 5000 });
    db.exec('UPDATE campaign SET finished_at = finished_at - 2 * 86400000');
    db.close();
    await server.api('PUT', '/retention', { deliveryDays: 1, deliveries: 1_000_000, expiredDays: null });
    const dropped = async () =>
      (await server.api<Campaign>('GET', `/campaigns/${campaign.id}`)).detailDroppedAt !== null;
    await expect.poll(dropped).toBe(true);
    await page.reload();
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page
      .getByText('They were kept for a time and are dropped now. The campaign’s numbers stay.')
      .waitFor();
    await page.getByText('Accepted', { exact: true }).first().waitFor();
    expect(await console.faults()).toEqual([]);
  });
});
