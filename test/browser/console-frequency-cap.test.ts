import { expect, test } from 'vitest';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

describeWith(['chromium', 'openssl'], 'the frequency cap in the console', () => {
  test('is set in the settings; Compose says whom it spares and can ignore it, the campaign says whom it skipped', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const people = await stage.people(site, 4);
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/compose`);
    await page.getByLabel('Title', { exact: true }).fill('One');
    await page.getByText('4 people', { exact: true }).waitFor();
    // without a cap there is nothing to ignore
    expect(await page.getByRole('group', { name: 'How often' }).count()).toBe(0);

    await console.go(`/sites/${site.id}/settings`);
    const section = page.getByRole('region', { name: 'How often' });
    await section.getByLabel('In any 24 hours').fill('1');
    await section.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await stage.server.api<Site>('GET', `/sites/${site.id}`)).settings.frequencyCap).toEqual({
      perDay: 1,
      perWeek: null,
    });

    const first = await stage.server.api<Campaign>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'Nought' },
      audience: { subscribers: people.slice(1).map(({ id }) => id) },
    });
    await expect
      .poll(async () => (await stage.server.api<Campaign>('GET', `/campaigns/${first.id}`)).state)
      .toBe('finished');

    await console.go(`/sites/${site.id}/compose`);
    await page.getByText('of whom 3 will be skipped').waitFor();
    await page.getByText('Otherwise they are skipped: the settings allow a person 1 in 24 hours').waitFor();
    const ignore = page.getByLabel('Also to those who have had as many as the site allows');
    expect(await ignore.isChecked()).toBe(false);
    await ignore.check();
    await page.getByText('will be skipped').waitFor({ state: 'detached' });
    await ignore.uncheck();
    await page.getByText('of whom 3 will be skipped').waitFor();
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByText('3 of them will be skipped').waitFor();
    await page.getByRole('button', { name: 'Send to 4 people' }).click();
    await page.getByText('Accepted for 1 of 4 people.').first().waitFor();
    await page.getByText('Reached as often as the site’s frequency cap allows').waitFor();

    // a draft keeps what was said
    await console.go(`/sites/${site.id}/compose`);
    await page.getByLabel('Title', { exact: true }).fill('Two');
    await ignore.check();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('The draft is saved.').waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Edit draft' }).waitFor();
    expect(await ignore.isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByRole('button', { name: 'Send to 4 people' }).click();
    await page.getByText('Sent to 4 people.').first().waitFor();
    const sent = await stage.server.api<{ items: CampaignDetail[] }>('GET', `/campaigns?site=${site.id}`);
    expect(sent.items[0]).toMatchObject({ ignoreCap: true, counts: { accepted: 4, skipped: 0 } });
    expect(await console.faults()).toEqual([]);
  });
});
