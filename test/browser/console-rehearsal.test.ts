import { expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import type { Site } from '../../main/contract/sites.ts';
import { startServer } from '../helpers/program.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole } from './console.helper.ts';

describeWith(['chromium'], 'a rehearsal in the console', () => {
  test('is begun with one click, behaves as it is told, counts for itself, and leaves no trace', async () => {
    await using server = await startServer();
    await using console = await openConsole(server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const rehearsal = () => server.api<Rehearsal>('GET', '/rehearsal');

    // the second way in lands on the practice site, and says what it is
    await page.getByRole('heading', { name: 'Try it with a rehearsal' }).waitFor();
    await page.getByText('500', { exact: true }).click();
    await page.getByRole('button', { name: 'Start a rehearsal' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await rehearsal()).toMatchObject({ state: 'ready', people: 500 });
    const band = page.getByRole('complementary', { name: 'Practice' });
    await band.waitFor();
    await page.getByText('Sent lately').waitFor();
    expect(await console.axe()).toEqual([]);

    // a sentence with a number in it is what the push services then do
    await band.getByRole('link', { name: 'Rehearsal' }).click();
    await page.getByRole('heading', { name: 'How push services behave' }).waitFor();
    await page.getByText('Apple', { exact: true }).last().click();
    const refuse = page.getByLabel(/called too large/);
    await refuse.fill('90');
    await refuse.press('Enter');
    await expect.poll(async () => (await rehearsal()).behaviour.apple.tooLarge).toBe(0.9);
    expect((await rehearsal()).behaviour.fcm.tooLarge).toBe(0);
    await page.getByText(/^Apple.*90 in 100 are called too large/).waitFor();
    // more than there are requests is refused, and said
    const fail = page.getByLabel(/fail on its side/);
    await fail.fill('50');
    await fail.press('Enter');
    await page.getByText(/cannot give more answers than it is asked for/).waitFor();
    expect((await rehearsal()).behaviour.apple.failing).toBeLessThan(0.5);
    await page.getByRole('button', { name: 'An ordinary day' }).click();
    await expect.poll(async () => (await rehearsal()).behaviour.apple.tooLarge).toBe(0);

    // what is sent there is counted on both sides, and both say the same
    const { site } = await rehearsal();
    const sent = await server.api<Campaign>('POST', '/campaigns', {
      site,
      message: { title: 'A rehearsed bell' },
      audience: { everyone: true },
    });
    await expect
      .poll(async () => (await server.api<Campaign>('GET', `/campaigns/${sent.id}`)).state)
      .toBe('finished');
    const { counts } = await server.api<Campaign>('GET', `/campaigns/${sent.id}`);
    const row = page.getByRole('row', { name: /Messages that reached a person/ }).getByRole('cell');
    await expect
      .poll(() => row.allTextContents())
      .toEqual([String(counts.accepted), String(counts.accepted)]);
    expect(await console.axe()).toEqual([]);

    // its end is counted, and leaves the start as it was
    const total = (await server.api<Site>('GET', `/sites/${site}`)).subscribers;
    const all = Object.values(total).reduce((sum, count) => sum + count, 0);
    await page.getByRole('button', { name: 'Remove the practice site…' }).click();
    await page.getByRole('button', { name: `Remove it with ${all} people` }).click();
    await page.getByText('The practice site is gone.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
    await page.getByRole('button', { name: 'Start a rehearsal' }).waitFor();
    expect(await band.count()).toBe(0);
    expect((await server.api<{ items: Site[] }>('GET', '/sites')).items).toEqual([]);
    expect(await console.faults()).toEqual([]);
  });

  test('is cancelled while its people are made', async () => {
    await using server = await startServer();
    await using console = await openConsole(server.console);
    const { page } = console;
    await page.getByText('20\u202f000', { exact: true }).click();
    await page.getByRole('button', { name: 'Start a rehearsal' }).click();
    const progress = page.getByRole('progressbar', { name: 'Making people' });
    await expect.poll(async () => Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
    await page
      .getByText(/of 20\u202f000 ·.* a second/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Start a rehearsal' }).waitFor();
    expect(await server.api('GET', '/rehearsal')).toMatchObject({ state: 'none', site: null });
    expect(page.url()).toContain('#/new-site');
    expect(await console.faults()).toEqual([]);
  });
});
