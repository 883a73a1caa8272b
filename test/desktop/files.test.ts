import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../helpers/requirements.ts';
import { plainFile } from '../helpers/subscriber-files.ts';
import { createSite, startFromSource } from './desktop.ts';
import { temporaryFolder } from './fixtures.ts';

describeWith(['electron', 'display'], 'files in the window', () => {
  test('a file is imported over the window’s port, and an export is saved', async () => {
    await using folder = await temporaryFolder();
    const desktop = await startFromSource({ data: folder.path });
    try {
      const { page, app } = desktop;
      const site = await createSite(page, 'The Lantern');
      const [file, saved] = [join(folder.path, 'people.csv'), join(folder.path, 'saved.csv')];
      await writeFile(file, plainFile(Array.from({ length: 1500 }, (_, i) => `window${i}`)));
      await page.evaluate((to) => {
        location.hash = to;
      }, `/sites/${site}/import`);
      await page.getByRole('button', { name: 'Choose a file…' }).waitFor();
      await page.setInputFiles('input[type=file]', file);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('people added').waitFor();
      await page.getByRole('link', { name: 'See who was imported' }).click();

      // where the system would ask for a place, the test names one
      await app.evaluate(({ session }, path) => {
        session.defaultSession.on('will-download', (_event, item) => item.setSavePath(path));
      }, saved);
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: 'CSV', exact: true }).click();
      const text = () => readFile(saved, 'utf8').catch(() => '');
      await expect.poll(async () => (await text()).trim().split('\n').length).toBe(1501);
      expect(desktop.complaints).toEqual([]);
    } finally {
      await desktop.end();
    }
  });
});
