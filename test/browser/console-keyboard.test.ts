import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { ApiKey } from '../../main/contract/access.ts';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

/** What has the focus, by its role’s name as far as that can be told from outside. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: one } = document;
    if (!(one instanceof HTMLElement) || one === document.body) return '';
    const labels = one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement ? one.labels : null;
    return (one.ariaLabel ?? labels?.[0]?.textContent ?? one.textContent ?? '').trim();
  });

/** Whether what has the focus shows that it does, as :focus-visible draws it. */
const isShown = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: one } = document;
    if (!one || one === document.body) return false;
    // a radio button is drawn by its label
    const drawn = one instanceof HTMLInputElement && one.type === 'radio' ? (one.labels?.[0] ?? one) : one;
    const box = drawn.getBoundingClientRect();
    return one.matches(':focus-visible') && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  });

/** Presses Tab (or another key) until the focus is on what is called so. */
async function reach(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  const fits = (text: string) => (typeof name === 'string' ? text === name : name.test(text));
  const passed: string[] = [];
  for (let pressed = 0; pressed < 80; pressed++) {
    const here = await focused(page);
    if (fits(here)) {
      expect(await isShown(page)).toBe(true);
      return;
    }
    passed.push(here);
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never came to ${name}, but to: ${passed.join(' | ')}`);
}

/** The focus is somewhere, once what went away has gone. */
const kept = (page: Page) => expect.poll(() => focused(page)).not.toBe('');
const titled = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

describeWith(['chromium', 'openssl'], 'the keyboard alone', () => {
  test('creates sites, switches between them, makes an API key, changes the scheme', async () => {
    await using stage = await startStage();
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const keyboard = page.keyboard;
    const sites = async () => (await stage.server.api<{ items: Site[] }>('GET', '/sites')).items;

    for (const name of ['Tolling Hill', 'Owl Street']) {
      if (name === 'Owl Street') {
        await keyboard.press('Control+k');
        await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
        await keyboard.type('new site');
        await page
          .getByRole('button', { name: /New site/ })
          .last()
          .waitFor();
        await keyboard.press('Enter');
        await titled(page, 'New site');
      }
      await reach(page, 'Name');
      await keyboard.type(name);
      await reach(page, 'Address of the website');
      await keyboard.type('www.tolling.example');
      await reach(page, 'Contact');
      await keyboard.type('owls@example.org');
      await keyboard.press('Enter');
      await titled(page, 'Set up');
      await kept(page);
    }
    expect((await sites()).map(({ name }) => name)).toEqual(['Tolling Hill', 'Owl Street']);

    // from site to site, staying on the screen of that name
    await reach(page, /Owl Street, change the site/, 'Shift+Tab');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Tolling Hill' }).waitFor();
    await reach(page, 'Tolling Hill', 'ArrowDown');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: /Tolling Hill.*change the site/ }).waitFor();
    await titled(page, 'Set up');
    await kept(page);

    // a part of the settings is found by its name, and has an address
    await keyboard.press('Control+k');
    await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
    await keyboard.type('api key');
    await page.getByRole('button', { name: /Settings: API keys/ }).waitFor();
    await expect.poll(() => page.locator('[data-selected]').first().textContent()).toMatch(/^Settings/);
    for (let pressed = 0; pressed < 5; pressed++) {
      if (/Settings: API keys/.test((await page.locator('[data-selected]').textContent()) ?? '')) break;
      await keyboard.press('ArrowDown');
    }
    await keyboard.press('Enter');
    await titled(page, 'Settings');
    expect(page.url()).toContain('section=api-keys');
    await expect.poll(() => focused(page)).toBe('API keys');
    await reach(page, /New API key|New key|Make/);
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await reach(page, 'What is it for?');
    await keyboard.type('Shop server');
    await keyboard.press('Enter');
    await expect
      .poll(async () => (await stage.server.api<{ items: ApiKey[] }>('GET', '/api-keys')).items.length)
      .toBe(1);
    await page.getByText('Your new key').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await kept(page);

    const scheme = () => page.evaluate(() => document.documentElement.dataset['mantineColorScheme']);
    const before = await scheme();
    await reach(page, /^Change to the (dark|light) scheme$/);
    await keyboard.press('Enter');
    await expect.poll(scheme).not.toBe(before);
    expect(await console.axe()).toEqual([]);

    // what can be pressed is listed
    await keyboard.press('?');
    await page.getByText('Undo, as long as it is offered').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await kept(page);
    expect(await console.faults()).toEqual([]);
  });

  test('pauses, resumes and cancels; finds a person, removes them and takes that back', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 40);
    const [anna] = await stage.people(site, 1, { externalId: 'anna@tolling.example' });
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const keyboard = page.keyboard;
    const { id } = await stage.server.api<Campaign>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'A slow bell' },
      audience: { everyone: true },
      pace: { perMinute: 1 },
    });
    const stateOf = async () => (await stage.server.api<Campaign>('GET', `/campaigns/${id}`)).state;

    // it is under way, on whatever screen one is
    await page.getByRole('region', { name: 'Under way now' }).getByText('A slow bell').waitFor();
    await keyboard.press('g');
    await keyboard.press('w');
    await titled(page, 'Under way');
    expect(await console.axe()).toEqual([]);
    await reach(page, 'Pause');
    await keyboard.press('Enter');
    await expect.poll(stateOf).toBe('paused');
    await kept(page);
    await keyboard.press('Control+k');
    await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
    await keyboard.type('resume slow');
    await page.getByRole('button', { name: /Resume “A slow bell”/ }).waitFor();
    await keyboard.press('Enter');
    await expect.poll(stateOf).toBe('sending');
    await reach(page, 'A slow bell');
    await keyboard.press('Enter');
    await titled(page, 'A slow bell');
    await reach(page, 'Pause');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    // the button went away; the focus did not
    await kept(page);
    await reach(page, 'More for this campaign');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Cancel the rest…' }).waitFor();
    await reach(page, 'Cancel the rest…', 'ArrowDown');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: /^Cancel for/ }).waitFor();
    await expect.poll(() => focused(page)).toMatch(/^Cancel for/);
    await keyboard.press('Enter');
    await expect.poll(stateOf).toBe('cancelled');
    await kept(page);

    // a person: searched, opened, removed, and back with one key
    await keyboard.press('g');
    await keyboard.press('s');
    await titled(page, 'Subscribers');
    await page.getByRole('row').nth(3).waitFor();
    await keyboard.press('/');
    await keyboard.type('anna');
    await page.getByRole('row', { name: /anna@tolling/ }).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(page.url()).toContain('search=anna');
    await reach(page, /anna@tolling/);
    await keyboard.press('Enter');
    await titled(page, 'anna@tolling.example');
    await reach(page, 'More for this person');
    await keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Remove' }).waitFor();
    await reach(page, 'Remove', 'ArrowDown');
    await keyboard.press('Enter');
    await page.getByText('They get nothing any more.').waitFor();
    const person = async () => (await stage.server.api<Subscriber>('GET', `/subscribers/${anna?.id}`)).state;
    expect(await person()).toBe('unsubscribed');
    await kept(page);
    await keyboard.press('z');
    await expect.poll(person).toBe('active');
    await kept(page);

    // back leads to where one was: the same search, the same row
    await page.goBack();
    await titled(page, 'Subscribers');
    expect(page.url()).toContain('search=anna');
    await expect.poll(() => focused(page)).toMatch(/anna@tolling/);
    expect(await console.faults()).toEqual([]);
  });

  test('begins a rehearsal, follows it from another screen and over a reload, and removes it', async () => {
    await using stage = await startStage();
    await stage.createSite();
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    const keyboard = page.keyboard;
    const rehearsal = () => stage.server.api<Rehearsal>('GET', '/rehearsal');
    await keyboard.press('Control+k');
    await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
    await keyboard.type('begin a rehearsal');
    await page.getByRole('button', { name: /Begin a rehearsal/ }).waitFor();
    await keyboard.press('Enter');
    await titled(page, 'New site');

    // a number of one's own, large enough to be watched
    await reach(page, /^2.000$|^500$/);
    while ((await focused(page)) !== 'Other') await keyboard.press('ArrowRight');
    await page.getByLabel('People', { exact: true }).waitFor();
    await reach(page, 'People');
    await keyboard.press('Control+a');
    await keyboard.type('60000');
    await reach(page, 'Seed');
    await keyboard.type('7');
    expect(await console.axe()).toEqual([]);
    await reach(page, 'Start a rehearsal');
    await keyboard.press('Enter');
    await page.getByRole('progressbar', { name: 'Making people' }).waitFor();
    expect(await rehearsal()).toMatchObject({ state: 'making', people: 60_000, seed: 7 });
    await kept(page);

    // elsewhere, and after a reload, it is still there
    await keyboard.press('g');
    await keyboard.press('o');
    await titled(page, 'Overview');
    await page.reload();
    const underWay = page.getByRole('region', { name: 'Under way now' });
    await underWay.getByText('Making a practice site with 60\u202f000 people').waitFor();
    await keyboard.press('g');
    await keyboard.press('w');
    await titled(page, 'Under way');
    expect(await console.axe()).toEqual([]);
    await reach(page, 'Cancel');
    await keyboard.press('Enter');
    await expect.poll(async () => (await rehearsal()).state).toBe('none');
    await page.getByText('The practice site is gone. Nothing of it is left.').first().waitFor();
    await kept(page);

    // a small one, to its end
    await keyboard.press('Control+k');
    await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
    await keyboard.type('begin a rehearsal');
    await page.getByRole('button', { name: /Begin a rehearsal/ }).waitFor();
    await keyboard.press('Enter');
    await titled(page, 'New site');
    await reach(page, 'Start a rehearsal');
    await keyboard.press('Enter');
    await titled(page, 'Overview');
    await page.getByRole('complementary', { name: 'Practice' }).waitFor();
    await kept(page);
    await keyboard.press('g');
    await keyboard.press('r');
    await titled(page, 'Rehearsal');
    await reach(page, 'Remove the practice site…');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: /^Remove it with/ }).waitFor();
    await expect.poll(() => focused(page)).toMatch(/^Remove it with/);
    await keyboard.press('Enter');
    await expect.poll(async () => (await rehearsal()).state).toBe('none');
    await kept(page);
    expect(await console.faults()).toEqual([]);
  });

  test('back and forward restore how far a list was scrolled and which row had the focus', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 90);
    await using console = await openConsole(stage.server.console, { reducedMotion: 'reduce' });
    const { page } = console;
    await console.go(`/sites/${site.id}/subscribers`);
    await page.getByRole('row').nth(5).waitFor();
    const scrolled = () => page.evaluate(() => document.querySelector('[data-scroller]')?.scrollTop ?? 0);
    const row = () => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'));
    await page.keyboard.press('j');
    await expect.poll(row).toBe('2');
    await page.keyboard.press('End');
    await expect.poll(row).toBe('91');
    await page.keyboard.press('ArrowUp');
    await expect.poll(row).toBe('90');
    const before = await scrolled();
    expect(before).toBeGreaterThan(500);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    const address = page.url();
    await page.goBack();
    await expect.poll(row).toBe('90');
    expect(await scrolled()).toBe(before);
    await page.goForward();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    expect(page.url()).toBe(address);

    // where a link leads is a new visit: from the top
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('row').nth(5).waitFor();
    expect(await scrolled()).toBe(0);

    // every view has an address: opened anew, it shows the same
    await page.goto(`${new URL(page.url()).origin}/#/sites/${site.id}/subscribers?state=all&search=zzz`);
    await page.reload();
    await page.getByText('Nobody found').waitFor();
    expect(await page.getByRole('textbox', { name: /Search/ }).inputValue()).toBe('zzz');
    expect(await console.faults()).toEqual([]);
  });
});
