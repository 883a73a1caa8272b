import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PeopleDay } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { describeWith } from '../helpers/requirements.ts';
import { keys, type Stage, startStage } from '../screens/stage.ts';
import { openConsole } from './console.helper.ts';

const berlin = { reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' } as const;

describeWith(['chromium'], 'the overview over time', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());
  const address = () => stage.belfry.program.addresses.console ?? '';
  const daysOf = async (site: string, days: number) =>
    (
      await stage.belfry.api<{ items: PeopleDay[] }>(
        'GET',
        `/subscribers/days?site=${site}&days=${days}&timeZone=Europe/Berlin`,
      )
    ).items;
  const sum = (days: PeopleDay[], kind: 'joined' | 'expired') =>
    days.reduce((total, day) => total + day[kind], 0);

  test('charts say what they come to, are tables at a click, and have their span in the address', async () => {
    await using console = await openConsole(address(), berlin);
    const { page } = console;
    await console.go(`/sites/${stage.full.site}`);
    const people = page.getByRole('region', { name: 'People over time' });
    const month = await daysOf(stage.full.site, 30);
    await people.getByText(`Joined ${sum(month, 'joined')}`).waitFor();
    await people.getByText(`Expired ${sum(month, 'expired')}`).waitFor();
    const picture = people.getByRole('img', { name: /^People over 30 days: / });
    expect(await picture.getAttribute('aria-label')).toContain(`Joined ${sum(month, 'joined')}`);
    await picture.locator('.recharts-area-curve').waitFor();
    await picture.locator('.recharts-bar-rectangle').first().waitFor();

    await people.getByText('7 days').click();
    const week = await daysOf(stage.full.site, 7);
    await people.getByText(`Joined ${sum(week, 'joined')}`).waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('days=7');
    await page.getByRole('button', { name: 'People over time as a table' }).click();
    const table = people.getByRole('table');
    await table.waitFor();
    expect(await table.getByRole('row').count()).toBe(8);
    // today is the first of them
    const cells = await table.getByRole('row').nth(1).getByRole('cell').allTextContents();
    const today = week.at(-1);
    expect(cells.map((cell) => Number(cell.replaceAll(/\D/g, '')))).toEqual([
      today?.people,
      today?.joined,
      (today?.unsubscribed ?? 0) + (today?.removed ?? 0),
      today?.expired,
    ]);
    // the tooltip of the button is no part of the screen
    await page.mouse.move(0, 0);
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    expect(await console.axe()).toEqual([]);
    const clicked = page.getByRole('region', { name: 'Clicked' });
    expect(await clicked.locator('.recharts-bar-rectangle').count()).toBe(12);
    expect(await console.faults()).toEqual([]);

    // an address opens the same view
    await page.reload();
    await people.getByText(`Joined ${sum(week, 'joined')}`).waitFor();
    await people.locator('.recharts-area-curve').waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('someone who joins is in the chart and in the numbers without a reload', async () => {
    await using console = await openConsole(address(), berlin);
    const { page } = console;
    const { site } = stage.empty;
    await console.go(`/sites/${site}`);
    await page.getByText('Start here').waitFor();
    await stage.belfry.api('POST', '/subscribers', {
      site,
      subscription: { endpoint: 'https://fcm.googleapis.com/fcm/send/one', keys },
    });
    const people = page.getByRole('region', { name: 'People over time' });
    await people.getByText('Joined 1').waitFor();
    await people.getByText('People 1 (+1)').waitFor();
    await stage.belfry.api('POST', '/subscribers', {
      site,
      subscription: { endpoint: 'https://fcm.googleapis.com/fcm/send/two', keys },
    });
    await people.getByText('Joined 2').waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('charts are loaded after the first screen, and again when that failed', async () => {
    await using console = await openConsole(address(), berlin);
    const { page } = console;
    await console.go(`/sites/${stage.full.site}/subscribers`);
    await page.route(/assets\/plots-.*\.js/, (route) => route.abort());
    await page.reload();
    await page.getByRole('row').nth(3).waitFor();
    expect(
      await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name)),
    ).not.toContain(expect.stringContaining('plots-'));
    await console.go(`/sites/${stage.full.site}`);
    const people = page.getByRole('region', { name: 'People over time' });
    await people.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await console.axe()).toEqual([]);
    await page.unroute(/assets\/plots-.*\.js/);
    await people.getByRole('button', { name: 'Try again' }).click();
    await people.locator('.recharts-area-curve').waitFor();
  });

  test('a campaign has its course, from its start to the time that is chosen', async () => {
    await using console = await openConsole(address(), berlin);
    const { page } = console;
    const { counts } = await stage.belfry.campaign(stage.full.campaign);
    await console.go(`/sites/${stage.full.site}/campaigns/${stage.full.campaign}`);
    const course = page.getByRole('region', { name: 'How it went' });
    await course.getByText(`Accepted ${counts.accepted}`).waitFor();
    await course.getByText('First hour').click();
    await course.getByText('More was reported later').waitFor();
    await course.getByText('7 days').click();
    await course.getByText(`Shown ${counts.shown}`).waitFor();
    await course.getByText(`Clicked ${counts.clicked}`).waitFor();
    expect(await course.locator('.recharts-line-curve').count()).toBe(3);
    expect(await console.axe()).toEqual([]);
    expect(await console.faults()).toEqual([]);
  });

  test('the public address is asked, and what is wrong there is said with its time', async () => {
    await using wrong = await Belfry.start({ args: ['--public-url', 'http://127.0.0.1:1'] });
    const site = await wrong.makeSite();
    await using console = await openConsole(wrong.program.addresses.console ?? '', berlin);
    const { page } = console;
    await console.go(`/sites/${site.id}`);
    const line = page.getByRole('region', { name: 'Public address' });
    await line.getByText('Reachable:').waitFor();
    await line.getByText(/Checked \d\d:\d\d/).waitFor();
    expect(await console.axe()).toEqual([]);
    await line.getByRole('link', { name: 'What to do' }).click();
    await page.getByRole('heading', { level: 1, name: 'Set up' }).waitFor();

    // one that answers is well
    await using other = await openConsole(address(), berlin);
    await other.go(`/sites/${stage.long.site}`);
    await other.page
      .getByRole('region', { name: 'Public address' })
      .getByText('is on this machine')
      .waitFor();
    expect(await other.faults()).toEqual([]);
  });
});
