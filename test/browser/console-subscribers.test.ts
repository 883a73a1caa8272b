import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { BulkChange } from '../../main/contract/changes.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { addCrowd, openBeside } from '../helpers/crowd.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

const people = 3000;

const bar = (page: Page) => page.getByRole('region', { name: 'Selection' });
const selected = (page: Page) => page.locator('[role=row][aria-selected=true]').count();
/** Space and the arrows go to where the focus is; j brings it into the list. */
async function intoList(page: Page) {
  await page.getByRole('row').nth(5).waitFor();
  await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row');
}

describeWith('chromium', 'the list of subscribers', () => {
  test('people are selected by keyboard, tagged all at once, and the tag is taken back', async () => {
    await using stage = await startStage();
    const { server } = stage;
    const site = await stage.createSite();
    await server.stop();
    addCrowd(server.data, people);
    await server.restart();
    const tagged = () => {
      const db = openBeside(server.data);
      try {
        return db.prepare('SELECT count(*) FROM subscriber_tag').pluck().get();
      } finally {
        db.close();
      }
    };
    await using console = await openConsole(server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const { keyboard } = page;
    await console.go(`/sites/${site.id}/subscribers`);
    await intoList(page);
    expect(await bar(page).count()).toBe(0);

    // a few: Space, then further with Shift, and back again
    await keyboard.press('Space');
    await bar(page).getByText('1 selected', { exact: true }).waitFor();
    for (let i = 0; i < 3; i++) await keyboard.press('Shift+ArrowDown');
    await bar(page).getByText('4 selected', { exact: true }).waitFor();
    await keyboard.press('Shift+ArrowUp');
    await bar(page).getByText('3 selected', { exact: true }).waitFor();
    expect(await selected(page)).toBe(3);
    expect(await console.axe()).toEqual([]);
    // with the pointer, further down: on the box, and on one with Shift
    await page.getByRole('row').nth(6).getByRole('checkbox').click();
    await page
      .getByRole('row')
      .nth(8)
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    await bar(page).getByText('6 selected', { exact: true }).waitFor();
    // the row itself still leads to the person
    expect(new URL(page.url()).hash).toMatch(/subscribers$/);
    await page.keyboard.press('Escape');
    await expect.poll(() => bar(page).count()).toBe(0);
    expect(await selected(page)).toBe(0);

    // everyone, across all pages, less one
    await intoList(page);
    await keyboard.press('Control+a');
    await bar(page).getByText('All 3\u202f000 that match').waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Space');
    await bar(page).getByText('2\u202f999 of the 3\u202f000 that match').waitFor();
    await bar(page).getByRole('button', { name: 'Add tag' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a tag' });
    await dialog.waitFor();
    await keyboard.type('spring');
    expect(await console.axe()).toEqual([]);
    await dialog.getByRole('button', { name: 'Add it to 2\u202f999 people' }).click();
    await page.getByText('2\u202f999 people got the tag “spring”.').waitFor();
    expect(tagged()).toBe(people - 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back for 2\u202f999 people.').first().waitFor();
    expect(tagged()).toBe(0);

    // what was done is found again, after a restart as well
    await bar(page).getByRole('button', { name: 'Set attribute' }).click();
    await page.getByRole('dialog', { name: 'Set an attribute' }).waitFor();
    await keyboard.type('plan');
    await page.getByRole('textbox', { name: 'Value' }).fill('gold');
    await page.getByRole('button', { name: 'Set it for 2\u202f999 people' }).click();
    await page.getByText('2\u202f999 people have another “plan” now.').first().waitFor();
    await server.restart();
    await console.go('/jobs');
    await page.getByText('Setting “plan”').waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('button', { name: 'Take back' }).click();
    const changes = async () => {
      const { items } = await server.api<{ items: BulkChange[] }>('GET', `/changes?site=${site.id}`);
      return items.map(({ state, changed, undone }) => [state, changed, undone]);
    };
    await expect.poll(changes).toEqual([
      ['undone', people - 1, people - 1],
      ['undone', people - 1, people - 1],
    ]);
    expect(await console.faults()).toEqual([]);
  });

  test('removing and erasing many ask first, with a count', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const [first] = await stage.people(site, 3);
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const counts = () => stage.server.api<object>('GET', `/subscribers/counts?site=${site.id}`);
    await console.go(`/sites/${site.id}/subscribers`);
    await page.getByRole('checkbox', { name: 'Choose everyone in this list' }).click();
    await bar(page).getByText('All 3 that match').waitFor();
    const more = async (item: string) => {
      await bar(page).getByRole('button', { name: /^More/ }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await more('Remove…');
    await page.getByRole('button', { name: 'Remove 3 people' }).click();
    await page.getByText('3 people get nothing any more.').waitFor();
    await expect.poll(counts).toMatchObject({ active: 0, unsubscribed: 3 });
    await page.keyboard.press('z');
    await expect.poll(counts).toMatchObject({ active: 3, unsubscribed: 0 });

    // all of them are selected still
    await page.getByRole('row').nth(3).waitFor();
    await bar(page).getByText('All 3 that match').waitFor();
    await more('Erase for good…');
    const erase = page.getByRole('button', { name: 'Erase 3 people' });
    await expect.poll(() => erase.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('2');
    expect(await erase.isDisabled()).toBe(true);
    expect(await console.axe()).toEqual([]);
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('3');
    await erase.click();
    await page.getByText('3 people are erased.').waitFor();
    expect((await stage.server.request('GET', `/subscribers/${first?.id}`)).status).toBe(404);
    expect(await console.faults()).toEqual([]);
  });

  test('what is filtered, sorted and chosen as columns outlives a reload; the page of a person knows their browsers', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const [anna] = await stage.people(site, 1, {
      externalId: 'anna',
      tags: ['owl'],
      attributes: { plan: 'gold' },
    });
    await stage.people(site, 1, { externalId: 'anna' });
    const [zoe] = await stage.people(site, 1, { externalId: 'zoe', tags: ['owl'] });
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const names = async () =>
      (await page.getByRole('row').locator('a').allTextContents()).map((name) => name.trim());
    await console.go(`/sites/${site.id}/subscribers`);
    await expect.poll(names).toEqual(['zoe', 'anna', 'anna']);
    await page.getByRole('button', { name: 'Person' }).click();
    await expect.poll(names).toEqual(['anna', 'anna', 'zoe']);
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Person' }).getAttribute('aria-sort'))
      .toBe('ascending');

    await page.getByRole('button', { name: 'Choose columns' }).click();
    await page.getByRole('checkbox', { name: 'plan' }).click();
    await page.getByRole('checkbox', { name: 'Country' }).click();
    expect(await console.axe()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('gridcell', { name: 'gold' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Country' }).count()).toBe(0);

    // a condition is built, and the list says it; a search narrows it further
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('combobox', { name: 'What it is about' }).click();
    await page.getByRole('option', { name: 'Tag', exact: true }).click();
    await page.getByRole('combobox', { name: 'Tag', exact: true }).fill('owl');
    await page.keyboard.press('Tab');
    await page.getByRole('dialog').getByText('2 people', { exact: true }).first().waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('button', { name: 'Show them' }).click();
    await expect.poll(names).toEqual(['zoe', 'anna']);
    const address = page.url();
    expect(address).toContain('matching');
    await page.reload();
    await expect.poll(names).toEqual(['zoe', 'anna']);
    await page.getByRole('gridcell', { name: 'gold' }).waitFor();
    await page.keyboard.press('Control+a');
    await bar(page).getByText('All 2 that match').waitFor();
    await page.goBack();
    await expect.poll(names).toEqual(['anna', 'anna', 'zoe']);

    await console.go(`/sites/${site.id}/subscribers/${anna?.id}`);
    await page.getByRole('heading', { name: 'Other browsers of this person' }).waitFor();
    expect(await console.axe()).toEqual([]);
    await page.getByRole('link', { name: 'A browser' }).click();
    await expect.poll(() => page.url().includes(anna?.id ?? '')).toBe(false);
    await page.getByRole('heading', { name: 'Other browsers of this person' }).waitFor();
    await console.go(`/sites/${site.id}/subscribers/${zoe?.id}`);
    await page.getByText('no one else here has this external id').waitFor();

    // a list that is narrow stays one
    await page.setViewportSize({ width: 400, height: 800 });
    await console.go(`/sites/${site.id}/subscribers`);
    await expect.poll(names).toHaveLength(3);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    const { items } = await stage.server.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}`);
    expect(items).toHaveLength(3);
    expect(await console.faults()).toEqual([]);
  });
});
