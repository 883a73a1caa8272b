import { expect, test } from 'vitest';
import type { Site } from '../../main/contract/sites.ts';
import { wayIds } from '../../renderer/setup/snippets.ts';
import { startLiveSite } from '../helpers/live-site.ts';
import { startServer } from '../helpers/program.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole } from './console.helper.ts';

describeWith(['chromium'], 'setting up', () => {
  test('each way with its files, kept in the address; and a live site that is checked, mended, and checked again', async () => {
    await using server = await startServer();
    const live = await startLiveSite();
    const site = await server.api<Site>('POST', '/sites', {
      name: 'Tolling Hill',
      origins: [live.origin],
      subject: 'mailto:owls@tolling.example',
    });
    const address = new URL(server.public).origin;
    await using console = await openConsole(server.console, { reducedMotion: 'reduce' });
    const { page } = console;

    for (const way of wayIds) {
      await console.go(`/sites/${site.id}/setup?way=${way}`);
      const chosen = page
        .getByRole('navigation', { name: 'What the site is made with' })
        .locator('[aria-current]');
      await expect.poll(() => chosen.getAttribute('href')).toContain(`way=${way}`);
      await expect.poll(async () => (await page.getByRole('main').textContent()) ?? '').toContain(address);
      expect(await console.axe(), way).toEqual([]);
    }
    await page.reload();
    await page.getByText('A link to it').waitFor();
    await page.getByRole('link', { name: 'My site has a service worker' }).click();
    await page.getByText('With Workbox').waitFor();
    expect(page.url()).toContain('way=worker');

    live.pages.set('/', { body: `<script src="${address}/belfry.js" data-site="wrong"></script>` });
    await page.getByRole('button', { name: 'Check the site' }).click();
    await page.getByText('2 things to mend.').waitFor();
    const found = page.getByRole('region', { name: live.origin });
    expect(await found.getByRole('listitem').first().textContent()).toContain('Site key');
    expect(await found.getByLabel(/^Site key,/).textContent()).toContain(site.key);
    expect(await console.axe()).toEqual([]);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy what to do' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(live.origin);
    expect(copied).toContain(`importScripts("${address}/belfry-sw.js");`);

    live.pages.set('/shop', { body: `<script src="${address}/belfry.js" data-site="${site.key}"></script>` });
    live.pages.set('/belfry-sw.js', {
      type: 'text/javascript',
      body: `importScripts('${address}/belfry-sw.js');`,
    });
    await page.getByLabel('Page that has the script').fill('shop');
    await page.getByRole('button', { name: /^Check/ }).click();
    await page.getByText('Give the path of a page').waitFor();
    await page.getByLabel('Page that has the script').fill('/shop');
    await page.getByRole('button', { name: /^Check/ }).click();
    await page.getByText('Everything fits together.').waitFor();
    expect(await console.faults()).toEqual([]);
    await live.close();
  });
});
