import { expect, test } from 'vitest';
import type { Site } from '../../main/contract/sites.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

describeWith(['chromium', 'openssl'], 'the console', () => {
  test('from nothing to the numbers of a first campaign', async () => {
    await using stage = await startStage();
    const { server, pushService } = stage;
    await using console = await openConsole(server.console);
    const { page } = console;

    // with no site, it leads there
    await page.getByText('Whose visitors would you like to reach?').waitFor();
    await page.getByRole('button', { name: 'Create the site' }).click();
    await page.getByText('Give it a name.').waitFor();
    await page.getByLabel('Name').fill('Tolling Hill');
    await page.getByLabel('Address of the website').fill('www.tolling.example/');
    await page.getByLabel('Contact').fill('owls@tolling.example');
    await page.getByRole('button', { name: 'Create the site' }).click();
    await page.getByRole('heading', { level: 1, name: 'Set up' }).waitFor();
    const [site] = (await server.api<{ items: Site[] }>('GET', '/sites')).items;
    if (!site) throw new Error('There is no site.');
    expect(site).toMatchObject({
      name: 'Tolling Hill',
      origins: ['https://www.tolling.example'],
      subject: 'mailto:owls@tolling.example',
    });
    expect(await page.getByLabel('In the head', { exact: true }).textContent()).toContain(
      `data-site="${site.key}"`,
    );

    // people appear by themselves
    await page.getByText('Waiting for the first person').waitFor();
    await page.getByRole('link', { name: /^Subscribers/ }).click();
    await page.getByRole('heading', { name: 'Nobody has subscribed yet' }).waitFor();
    await stage.people(site, 1, { externalId: 'anna@tolling.example' });
    await page.getByRole('row', { name: /anna@tolling\.example/ }).waitFor();
    const others = await stage.people(site, 29);
    expect(others).toHaveLength(29);
    await page.getByRole('link', { name: /^Subscribers\s*30$/ }).waitFor();
    const gone = pushService.subscribe(site.vapidPublicKey);
    await server.api('POST', '/subscribers', { site: site.id, subscription: gone.subscription });
    pushService.expire(gone.subscription.endpoint);

    // compose, and see it counted before it is sent
    await page.getByRole('link', { name: 'Compose' }).first().click();
    await page.getByLabel('Title').fill('First flight');
    await page.getByLabel('Text').fill('Number three has flown.');
    await page
      .getByText(/31 people/)
      .first()
      .waitFor();
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    const calm = pushService.disturb(() => (pushService.requests.length > 12 ? { until: held } : undefined));
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByRole('button', { name: 'Send to 31 people' }).click();

    // live: under way while the push service hesitates, finished when it answers
    await page.getByRole('heading', { level: 1, name: 'First flight' }).waitFor();
    await page.getByRole('region', { name: 'Progress' }).getByText(/of 31/).first().waitFor();
    await page.getByRole('region', { name: 'Under way now' }).waitFor();
    calm();
    release();
    await page.getByText('Accepted for 30 of 31 people.').first().waitFor();
    const progress = page.getByRole('region', { name: 'Progress' });
    await expect.poll(() => progress.textContent()).toMatch(/Accepted30Expired1Rejected0/);
    await page.getByRole('cell', { name: '410' }).waitFor();
    await page.getByRole('region', { name: 'Under way now' }).waitFor({ state: 'detached' });

    // the one who is gone went
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByRole('navigation', { name: 'State of the delivery' }).getByText('Expired').click();
    await page
      .getByRole('row', { name: /Expired/ })
      .getByRole('link')
      .click();
    await page.getByText('Expired').first().waitFor();
    await page.getByText(/Subscription had ended/).waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('the keyboard alone composes and sends', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 3);
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        return activeElement instanceof HTMLInputElement ? activeElement.labels?.[0]?.textContent : null;
      });
    await page.getByRole('link', { name: /^Subscribers\s*3$/ }).waitFor();
    await page.keyboard.press('c');
    await page.getByRole('heading', { level: 1, name: 'Compose' }).waitFor();
    for (let pressed = 0; (await focused()) !== 'Title' && pressed < 20; pressed++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('Title');
    await page.keyboard.type('Dusk at six');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Wrap up warm.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Send to 3 people' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Dusk at six' }).waitFor();
    await page.getByText('Sent to 3 people.').first().waitFor();
    // the focus is on the new screen's title, so that the next Tab goes into it
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Dusk at six');

    // the palette finds the campaign again, and a list is walked with j, k and Enter
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { level: 1, name: 'Subscribers' }).waitFor();
    await page.getByRole('row').nth(3).waitFor();
    await page.keyboard.press('j');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')))
      .toBe('2');
    await page.keyboard.press('j');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')))
      .toBe('3');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search people, campaigns and actions').waitFor();
    await page.keyboard.type('dusk');
    await page.getByRole('button', { name: /Dusk at six/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Dusk at six' }).waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('a person is removed, taken back and erased', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const [person] = await stage.people(site, 1, { externalId: 'bo' });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/subscribers/${person?.id}`);
    await page.getByRole('heading', { level: 1, name: 'bo' }).waitFor();
    await page.getByRole('button', { name: 'More for this person' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('They get nothing any more.').waitFor();
    const state = async () =>
      (await stage.server.api<{ state: string }>('GET', `/subscribers/${person?.id}`)).state;
    expect(await state()).toBe('unsubscribed');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('They are back.').waitFor();
    expect(await state()).toBe('active');
    await page.getByRole('button', { name: 'More for this person' }).click();
    await page.getByRole('menuitem', { name: 'Erase for good…' }).click();
    await page.getByRole('button', { name: 'Erase 1 person' }).click();
    await page.getByRole('heading', { name: 'Nobody has subscribed yet' }).waitFor();
    expect((await stage.server.request('GET', `/subscribers/${person?.id}`)).status).toBe(404);
    expect(await console.faults()).toEqual([]);
  });
});
