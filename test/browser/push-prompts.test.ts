import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultPrompt, type Prompt } from '../../main/contract/prompts.ts';
import type { Page } from '../helpers/browsers/browser.ts';
import { browserNames } from '../helpers/browsers/browsers.ts';
import { describeWith } from '../helpers/requirements.ts';
import { eventually, startWorld, type World } from '../helpers/world.ts';

// A prompt from its setting in Belfry to a tag of a subscriber and a notification on the desktop, with nothing replaced.

const prompt: Prompt = {
  ...defaultPrompt,
  kind: 'bell',
  when: { on: 'seconds', seconds: 0 },
  topics: [
    { tag: 'news', labels: { en: 'News' }, chosen: true },
    { tag: 'owls', labels: { en: 'The owls’ diary' }, chosen: false },
  ],
};

/** Presses something in the prompt once it is there, and waits for a view. */
async function press(page: Page, selector: string, view?: string) {
  await eventually(`${selector} in the prompt`, () =>
    page.evaluate((wanted) => {
      const root = document.querySelector('belfry-prompt')?.shadowRoot;
      const found = root?.querySelector<HTMLElement>(wanted);
      if (!found) return undefined;
      found.click();
      return true;
    }, selector),
  );
  if (view === undefined) return;
  await eventually(`the view “${view}”`, () =>
    page.evaluate((wanted) => {
      const card = document.querySelector('belfry-prompt')?.shadowRoot?.querySelector<HTMLElement>('.card');
      return card?.dataset['view'] === wanted || undefined;
    }, view),
  );
}

for (const name of browserNames)
  describeWith([name, 'dbus', 'openssl'], `a bell on a page with a strict policy, in ${name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await startWorld();
    });
    afterEach(() => world?.close());

    test('asks, keeps topics as tags, says welcome, and lets go', async () => {
      const welcome = {
        texts: { en: { title: 'Welcome up here', body: '' } },
        url: `${world.landing}&welcome`,
      };
      await world.server.api('PUT', `/sites/${world.site.id}/prompt`, { prompt: { ...prompt, welcome } });
      await using browser = await world.launch(name, 'granted');
      const page = await browser.open(world.landing);
      await press(page, '.bell', 'ask');
      // dressed, though the policy allows no style but that of the page’s own file
      expect(
        await page.evaluate(() => {
          const card = document.querySelector('belfry-prompt')?.shadowRoot?.querySelector('.card');
          return card ? getComputedStyle(card).position : null;
        }),
      ).toBe('fixed');
      expect(await world.subscribers()).toEqual([]);
      await press(page, '.yes', 'done');
      expect(await world.subscribers()).toMatchObject([{ state: 'active', tags: ['news'] }]);
      const hello = await world.notification('Welcome up here');

      await press(page, '.actions button');
      await press(page, '.bell', 'manage');
      await press(page, 'label:nth-of-type(1) input');
      await press(page, 'label:nth-of-type(2) input');
      await press(page, '.yes');
      await eventually('the other topic', async () => {
        const [person] = await world.subscribers();
        return person?.tags.join() === 'owls' || undefined;
      });
      world.daemon.click(hello);
      await eventually('the page that the welcome opens', async () => {
        const addresses = (await browser.pages()).map((one) => one.address());
        return addresses.some((address) => address.endsWith('&welcome')) || undefined;
      });
      // the welcome was no delivery, and a press on it is none
      await press(page, '.leave', 'left');
      await eventually('Belfry to know', async () => {
        const [person] = await world.subscribers('unsubscribed');
        return person;
      });
    });
  });
