import { expect, test } from 'vitest';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Segment } from '../../main/contract/segments.ts';
import { describeWith } from '../helpers/requirements.ts';
import { screens } from '../screens/list.ts';
import { openConsole, startStage } from './console.helper.ts';

const longWord = 'Donaudampfschifffahrtsgesellschaftskapitän '.repeat(4).trim();
const arabic = 'وصلت الشموع الجديدة إلى متجرنا';

/** A site with something on every screen. */
async function furnish(stage: Awaited<ReturnType<typeof startStage>>) {
  const { server, pushService } = stage;
  const site = await stage.createSite();
  const [person] = await stage.people(site, 1, {
    externalId: longWord,
    tags: ['news', arabic],
    attributes: { plan: 'gold', likes: ['owls', 'bells'] },
    language: 'ar',
    timeZone: 'Africa/Cairo',
  });
  await stage.people(site, 25, { language: 'de-DE', timeZone: 'Europe/Berlin' });
  const gone = pushService.subscribe(site.vapidPublicKey);
  await server.api('POST', '/subscribers', { site: site.id, subscription: gone.subscription });
  pushService.expire(gone.subscription.endpoint);
  const make = (title: string, more: object = {}) =>
    server.api<Campaign>('POST', '/campaigns', {
      site: site.id,
      message: { title, body: longWord, actions: [{ action: 'go', title: 'Go there' }] },
      audience: { everyone: true },
      ...more,
    });
  const sent = await make(arabic);
  await expect
    .poll(async () => (await server.api<Campaign>('GET', `/campaigns/${sent.id}`)).state)
    .toBe('finished');
  const draft = await make(longWord, { draft: true });
  const later = await make('Later', { at: new Date(Date.now() + 86_400_000).toISOString() });
  await server
    .api('POST', '/api-keys', { site: site.id, name: 'Shop server', scopes: ['send'] })
    .catch(() => null);
  const segment = await server.api<Segment>('POST', '/segments', {
    site: site.id,
    name: 'German-speaking',
    expression: {
      any: [
        { field: 'language', is: ['de'] },
        { none: [{ tag: arabic }, { did: 'clicked', campaigns: { id: sent.id } }] },
        { attribute: 'plan', is: ['gold', longWord] },
        { time: 'firstSeen', before: '2026-05-01T00:00:00Z' },
        { sample: 5, seed: 'x' },
      ],
    },
  });
  return { site, person, sent, draft, later, segment };
}

describeWith(['chromium', 'openssl'], 'every screen of the console', () => {
  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 400],
  ] as const)(
    '%s at %i pixels: axe finds nothing, the policy holds, nothing is cut off',
    async (colorScheme, width) => {
      await using stage = await startStage();
      await using console = await openConsole(stage.server.console, {
        colorScheme,
        // what is still fading in has another contrast
        reducedMotion: 'reduce',
        viewport: { width, height: 640 },
      });
      const { page } = console;
      const violations: Record<string, string[]> = {};
      const look = async (name: string) => {
        const found = await console.axe();
        if (found.length > 0) violations[name] = found;
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflow > 0) violations[`${name}, wider than the window`] = [`${overflow} pixels`];
      };

      await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
      await look('welcome');
      const { site, person, sent, draft, later, segment } = await furnish(stage);
      const at = `/sites/${site.id}`;
      const ids = {
        site: site.id,
        person: person?.id ?? '',
        campaign: sent.id,
        draft: draft.id,
        scheduled: later.id,
        segment: segment.id,
      };
      const listed = screens
        .filter(({ name }) => name !== 'rehearsal') // only a practice site has it
        .map((screen): [string, string | RegExp] => [screen.at(ids), screen.ready]);
      const others: [address: string, ready: string | RegExp][] = [
        [`${at}/subscribers?state=all`, 'Expired'],
        [`${at}/subscribers?search=nobody-at-all`, 'Nobody found'],
        [`${at}/subscribers/nobody`, 'Try again'],
        [`${at}/compose?to=${person?.id}`, 'How it looks'],
        [`${at}/subscribers?segment=${segment.id}`, 'Last seen'],
        [`${at}/subscribers?matching={"tag":"news"}`, 'Make it a segment'],
        [`${at}/segments/none`, 'Try again'],
        [`${at}/compose?segment=${segment.id}`, 'But not'],
        [`${at}/campaigns?state=halted`, 'Choose another state'],
        [`${at}/campaigns/${draft.id}`, 'Not sent'],
        ['/sites/none', 'This site is not here'],
        ['/nowhere', 'People you reach'],
      ];
      for (const [address, ready] of [...listed, ...others]) {
        await console.go(address);
        await page.getByText(ready).locator('visible=true').first().waitFor();
        await look(address.replace(site.id, '…'));
      }

      // what floats above the screens
      await page.keyboard.press('Control+k');
      await page
        .getByRole('button', { name: /New site/ })
        .last()
        .waitFor();
      await look('palette');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('?');
      await page.getByText('While composing').waitFor();
      await look('shortcuts');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await console.go(`${at}/campaigns/${draft.id}`);
      await page.getByRole('button', { name: 'Send now' }).click();
      await page.getByRole('button', { name: /^Send to/ }).waitFor();
      await look('confirmation');
      expect(violations).toEqual({});
      expect(await console.faults()).toEqual([]);
    },
    300_000,
  );

  test('a core that goes away is said, and is taken up again when it is back', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await stage.people(site, 1, { externalId: 'anna' });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/subscribers`);
    await page.getByRole('row', { name: /anna/ }).waitFor();
    // the code of the screens comes while nothing else is to be done; here it must be there
    const loaded = () =>
      page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /\/jobs-/.test(name)));
    await expect.poll(loaded).toBe(true);
    await stage.server.stop();
    await page.getByText('Belfry’s core cannot be reached').waitFor();
    // what was there stays readable
    expect(await page.getByRole('row', { name: /anna/ }).isVisible()).toBe(true);
    await console.go(`/sites/${site.id}/campaigns`);
    await page.getByText('Belfry’s core did not answer').waitFor();
    await stage.server.restart();
    await page.getByText('Belfry’s core cannot be reached').waitFor({ state: 'detached' });
    await page.getByText('Nothing was sent yet').waitFor();
    await stage.people(site, 1, { externalId: 'bo' });
    await page.getByRole('link', { name: /^Subscribers\s*2$/ }).waitFor();
    expect(await console.faults()).toEqual([]);
  });
});
