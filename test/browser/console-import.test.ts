import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import webpush from 'web-push';
import type { SiteKey } from '../../main/contract/sites.ts';
import { describeWith } from '../helpers/requirements.ts';
import { aSubscription, csv } from '../helpers/subscriber-files.ts';
import { openConsole, startStage } from './console.helper.ts';

const wide = { width: 1280, height: 800 };

/** Moves the focus on until it is at something with this name. */
async function tabTo(page: Page, name: string) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
    );
    if (at?.trim() === name) return;
  }
  throw new Error(`The keyboard does not come to “${name}”.`);
}

describeWith(['chromium', 'openssl'], 'files in the console', () => {
  test('a file is dropped, understood, tried and imported by keyboard; what was refused is saved; it is taken back', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const folder = await mkdtemp(join(tmpdir(), 'belfry-files-'));
    const names = ['ada', 'ben', 'eve'];
    const content = csv([
      ['subscription link', 'p256dh', 'auth', 'plan', 'joined'],
      ...names.map((name) => {
        const { endpoint, keys } = aSubscription(name);
        return [endpoint, keys.p256dh, keys.auth, 'gold', '2023-05-01'];
      }),
      ['https://elsewhere.example/x', 'a', 'b', '=1+1', ''],
    ]);
    await using operator = await openConsole(stage.server.console);
    const { page } = operator;
    try {
      await operator.go(`/sites/${site.id}/subscribers`);
      await page.getByRole('link', { name: 'Import', exact: true }).click();
      await page.getByRole('button', { name: 'Choose a file…' }).waitFor();
      expect(await operator.axe()).toEqual([]);
      // dropped, as from the system's file manager
      await page.evaluate((text) => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'people.csv', { type: 'text/csv' }));
        const target = document.querySelector('input[type=file]')?.parentElement;
        for (const type of ['dragover', 'drop'])
          target?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
      }, content);
      await page.getByRole('heading', { name: 'What the columns are' }).waitFor();
      expect(await page.getByLabel('What subscription link is').inputValue()).toBe('endpoint');
      expect(await page.getByLabel('What plan is').inputValue()).toBe('ignore');
      await page.getByLabel('What plan is').selectOption('attribute');
      await page.getByLabel('What joined is').selectOption('firstSeen');
      expect(await operator.axe()).toEqual([]);

      await page.getByLabel('Encoding').focus();
      await tabTo(page, 'Try it');
      await page.keyboard.press('Enter');
      await page.getByText('4 rows: 3 people would be added, 1 refused.').waitFor();
      // what was said of the columns is still there
      expect(await page.getByLabel('What plan is').inputValue()).toBe('attribute');
      expect(await operator.axe()).toEqual([]);
      await tabTo(page, 'Import');
      await page.keyboard.press('Enter');
      await page.getByText('4 rows: 3 people added, 1 refused.').waitFor();
      expect(await operator.axe()).toEqual([]);

      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save the refused rows…' }).click(),
      ]);
      expect(saved.suggestedFilename()).toBe('refused rows of people.csv');
      expect(await readFile(await saved.path(), 'utf8')).toContain(
        "5,host-not-allowed,The endpoint’s host is not a push service known here.,https://elsewhere.example/x,a,b,'=1+1",
      );
      await page.getByRole('link', { name: 'See who was imported' }).click();
      await expect.poll(() => page.getByRole('row').count()).toBeGreaterThanOrEqual(3);

      await page.goBack();
      await page.getByRole('button', { name: 'Take it back…' }).click();
      await page.getByRole('button', { name: 'Take 3 people back' }).click();
      await page.getByText('It was taken back').waitFor();

      // a file that is none says so, and narrow windows hold it all
      await page.setViewportSize({ width: 400, height: 700 });
      await operator.go(`/sites/${site.id}/import`);
      const bad = join(folder, 'bad.csv');
      await writeFile(bad, 'PK\x03\x04 and so on');
      await page.setInputFiles('input[type=file]', bad);
      await page.getByText('This is a ZIP archive').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      expect(await operator.axe()).toEqual([]);
      expect(await operator.faults()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('lists are exported, with secrets only after a question; one person’s data too', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    const [person] = await stage.people(site, 1, { externalId: 'anna' });
    await using operator = await openConsole(stage.server.console, { viewport: wide });
    const { page } = operator;
    const save = async (act: () => Promise<void>) => {
      const [saved] = await Promise.all([page.waitForEvent('download'), act()]);
      return { name: saved.suggestedFilename(), text: await readFile(await saved.path(), 'utf8') };
    };
    await operator.go(`/sites/${site.id}/subscribers`);
    await page.getByRole('button', { name: 'Export' }).click();
    const plain = await save(() => page.getByRole('menuitem', { name: 'CSV', exact: true }).click());
    expect(plain.name).toMatch(/^Tolling Hill subscribers \d{4}-\d\d-\d\d\.csv$/);
    expect(plain.text).toContain('anna');
    expect(plain.text).not.toContain('https://');

    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'JSON Lines with secrets…' }).click();
    await page.getByText('can send to all 1 person').waitFor();
    expect(await operator.axe()).toEqual([]);
    const whole = await save(() => page.getByRole('button', { name: 'Export with secrets' }).click());
    expect(JSON.parse(whole.text)).toMatchObject({
      external_id: 'anna',
      vapid_public_key: site.vapidPublicKey,
    });

    await operator.go(`/sites/${site.id}/subscribers/${person?.id}`);
    await page.getByRole('button', { name: 'More for this person' }).click();
    const known = await save(() => page.getByRole('menuitem', { name: 'Export what is known' }).click());
    expect(JSON.parse(known.text)).toMatchObject({ person: { externalId: 'anna' } });
    expect(await operator.faults()).toEqual([]);
  });

  test('a former service’s key is brought in, and shows who is left on it', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 2);
    await using operator = await openConsole(stage.server.console, { viewport: wide });
    const { page } = operator;
    await operator.go(`/sites/${site.id}/settings`);
    await page.getByText('Browsers subscribe with this one: 2 people.').waitFor();
    await page.getByRole('button', { name: 'Bring a key in…' }).click();
    const { publicKey, privateKey } = webpush.generateVAPIDKeys();
    await page.getByLabel('The key pair').fill(publicKey);
    await page.getByRole('button', { name: 'Bring it in' }).click();
    await page.getByText('This is the public half only.').waitFor();
    expect(await operator.axe()).toEqual([]);
    await page.getByLabel('The key pair').fill(JSON.stringify({ publicKey, privateKey }));
    await page.getByLabel('Let browsers subscribe with it').check();
    await page.getByRole('button', { name: 'Bring it in' }).click();
    await page.getByText('Former key: 2 people.').waitFor();
    const { items } = await stage.server.api<{ items: SiteKey[] }>('GET', `/sites/${site.id}/keys`);
    expect(items[0]).toMatchObject({ publicKey, current: true, active: 0 });
    expect(await operator.axe()).toEqual([]);
    expect(await operator.faults()).toEqual([]);
  });
});
