import { expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, type Stage, startStage } from './console.helper.ts';

const campaignOf = (stage: Stage, id: string) => stage.server.api<Campaign>('GET', `/campaigns/${id}`);
const create = (stage: Stage, site: Site, title: string, more: object = {}) =>
  stage.server.api<Campaign>('POST', '/campaigns', {
    site: site.id,
    message: { title },
    audience: { everyone: true },
    ...more,
  });
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

describeWith(['chromium', 'openssl'], 'campaigns in the console', () => {
  test('a pace is chosen, said before sending, and kept', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 6);
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    await console.go(`/sites/${site.id}/compose`);
    await page.getByLabel('Title').fill('Six strokes');
    const pace = page.getByRole('group', { name: 'How fast' });
    await pace.getByText('Spread over …').click();
    await page.getByLabel('Spread over so many hours').fill('1.5');
    await pace.getByText('One person about every 15 min.').waitFor();
    expect(await console.axe()).toEqual([]);
    await page.keyboard.press('Control+s');
    await page.getByText('The draft is saved.').waitFor();
    const { items } = await stage.server.api<{ items: Campaign[] }>('GET', `/campaigns?site=${site.id}`);
    expect(items).toMatchObject([{ state: 'draft', pace: { overMinutes: 90 } }]);

    // the draft comes back with it, and another one replaces it
    await page.getByRole('heading', { level: 1, name: 'Edit draft' }).waitFor();
    expect(await page.getByLabel('Spread over so many hours').inputValue()).toBe('1.5');
    await pace.getByText('At most …').click();
    await page.getByLabel('At most so many people a minute').fill('3000');
    await page.getByRole('button', { name: 'Send now' }).click();
    await page
      .getByRole('dialog')
      .getByText(/at most 3\u202f000 people a minute/)
      .waitFor();
    await page.getByRole('button', { name: 'Send to 6 people' }).click();
    await page.getByText('Sent to 6 people.').first().waitFor();
    expect(await campaignOf(stage, items[0]?.id ?? '')).toMatchObject({
      state: 'finished',
      pace: { perMinute: 3000 },
      counts: { accepted: 6 },
    });

    // what each delivery took stands in its row
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByRole('columnheader', { name: 'Bytes' }).waitFor();
    await page.setViewportSize({ width: 1440, height: 800 });
    await page
      .getByRole('gridcell', { name: /^\d+ ms$/ })
      .first()
      .waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('what was refused is sent again to those alone, after a question that counts them', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 9);
    let refused = 0;
    const calm = stage.pushService.disturb(() => (refused++ < 4 ? { status: 413 } : undefined));
    const { id } = await create(stage, site, 'Too long a tale');
    await expect.poll(async () => (await campaignOf(stage, id)).state).toBe('finished');
    expect((await campaignOf(stage, id)).counts).toMatchObject({ accepted: 5, rejected: 4 });
    calm();
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    await console.go(`/sites/${site.id}/campaigns/${id}`);
    await page
      .getByRole('row', { name: /Too large/ })
      .getByRole('button', { name: 'Send again…' })
      .click();
    await page.getByText(/goes again to 4 people/).waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('button', { name: 'Send again to 4 people' }).click();
    await page.getByText('It is sent again to 4 people.').waitFor();
    const progress = page.getByRole('region', { name: 'Progress' });
    await expect.poll(() => progress.textContent()).toMatch(/Accepted9Expired0Rejected0/);
    expect(stage.pushService.accepted).toHaveLength(9);
    expect(new Set(stage.pushService.accepted.map(({ token }) => token)).size).toBe(9);
    await page.getByRole('button', { name: 'Send again…' }).waitFor({ state: 'detached' });
    expect(await console.faults()).toEqual([]);
  });

  test('too many are said to be gone: both answers do what they say', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 90);
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;

    // true: they are expired, and the rest is asked too
    const calm = stage.pushService.disturb(() => ({ status: 410 }));
    const real = await create(stage, site, 'The empty square');
    await console.go(`/sites/${site.id}/campaigns/${real.id}`);
    await page.getByText('More people are said to be gone than is likely.').first().waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('button', { name: 'They are gone, go on' }).click();
    await page.getByText('They count as expired, and sending goes on.').waitFor();
    await page.getByText('Accepted for 0 of 90 people.').first().waitFor();
    expect((await campaignOf(stage, real.id)).counts).toMatchObject({ accepted: 0, expired: 90 });

    // a mistake: everyone is back, and gets it
    await stage.people(site, 80);
    const erred = await create(stage, site, 'The false alarm');
    await console.go(`/sites/${site.id}/campaigns/${erred.id}`);
    const mistake = page.getByRole('button', { name: 'A mistake: bring them back and send again' });
    await mistake.waitFor();
    calm();
    await mistake.click();
    await page.getByText('They are back, and the message is sent to them again.').waitFor();
    await page.getByText('Sent to 80 people.').first().waitFor();
    expect((await campaignOf(stage, erred.id)).counts).toMatchObject({ accepted: 80, expired: 0 });
    expect((await stage.server.api<Site>('GET', `/sites/${site.id}`)).subscribers.active).toBe(80);
    expect(await mistake.count()).toBe(0);
    expect(await console.faults()).toEqual([]);
  });

  test('a scheduled campaign is edited, moved, and sent at once after all', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 2);
    const { id, at } = await create(stage, site, 'Tomorow', { at: tomorrow() });
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    await console.go(`/sites/${site.id}/campaigns/${id}`);
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Edit scheduled message' }).waitFor();

    // a better word; the time stays
    await page.getByLabel('Title').fill('Tomorrow');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText(/^Saved\. It is still sent on/).waitFor();
    expect(await campaignOf(stage, id)).toMatchObject({
      state: 'scheduled',
      at,
      message: { title: 'Tomorrow' },
    });

    // another time
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Change the time…' }).click();
    await page.getByLabel('Send it on').fill('2099-01-02T09:30');
    await page.getByRole('button', { name: 'Choose this time' }).click();
    await page.getByRole('button', { name: 'Schedule for 2 people' }).click();
    await page.getByText('It will be sent at its time.').waitFor();
    const moved = await campaignOf(stage, id);
    expect(moved.state).toBe('scheduled');
    expect(moved.at?.slice(0, 4)).toBe('2099');

    // or at once
    await page.getByRole('heading', { level: 1, name: 'Tomorrow' }).waitFor();
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByRole('button', { name: 'Send to 2 people' }).click();
    await page.getByText('Sent to 2 people.').first().waitFor();
    expect(await campaignOf(stage, id)).toMatchObject({ state: 'finished', counts: { accepted: 2 } });
    expect(await console.faults()).toEqual([]);
  });
});
