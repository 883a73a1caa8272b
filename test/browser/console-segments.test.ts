import { expect, test } from 'vitest';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Segment } from '../../main/contract/segments.ts';
import type { Site } from '../../main/contract/sites.ts';
import { describeWith } from '../helpers/requirements.ts';
import { openConsole, startStage } from './console.helper.ts';

type Stage = Awaited<ReturnType<typeof startStage>>;

/** Four people: two who read German, one of them with a tag, and two who do not. */
async function furnish(stage: Stage): Promise<Site> {
  const site = await stage.createSite();
  await stage.people(site, 1, {
    externalId: 'anna',
    language: 'de',
    tags: ['news'],
    attributes: { visits: 9 },
  });
  await stage.people(site, 1, { externalId: 'bruno', language: 'de-AT', attributes: { visits: 2 } });
  await stage.people(site, 2, { language: 'en', attributes: { visits: 4 } });
  return site;
}
const segmentsOf = async ({ server }: Stage, site: Site) =>
  (await server.api<{ items: Segment[] }>('GET', `/segments?site=${site.id}`)).items;

describeWith(['chromium', 'openssl'], 'segments in the console', () => {
  test('one is made by keyboard alone, counted while it is said, kept, and written to', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    const key = page.keyboard;
    await page.getByRole('link', { name: /^Subscribers\s*4$/ }).waitFor();

    await key.press('g');
    await key.press('e');
    await page.getByText('No segments yet').waitFor();
    await page.getByRole('link', { name: 'New segment' }).first().focus();
    await key.press('Enter');
    await page.getByText('4 people', { exact: true }).waitFor();
    await page.getByText('Everyone.', { exact: true }).waitFor();
    await page.getByLabel('Name').focus();
    await key.type('German readers');

    // a condition: the focus is where it is said
    await page.getByRole('button', { name: 'Condition' }).focus();
    await key.press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('What it is about');
    await page.getByText('A condition still lacks something').first().waitFor();
    await key.press('Control+a');
    await key.type('Language');
    await page.getByRole('option', { name: 'Language', exact: true }).waitFor();
    await key.press('ArrowDown');
    await key.press('Enter');
    await key.press('Tab');
    await key.press('Tab');
    await key.type('de');
    // what occurs is suggested, with how many have it
    await page.getByRole('option', { name: /German \(de\).*1 person/ }).waitFor();
    await key.press('Enter');
    await page.getByText('2 people', { exact: true }).waitFor();
    await page.getByText('People who read German.').waitFor();

    await key.press('Control+s');
    await page.getByText('The segment is saved.').waitFor();
    expect(await segmentsOf(stage, site)).toMatchObject([
      { name: 'German readers', expression: { all: [{ field: 'language', is: ['de'] }] } },
    ]);

    await page.getByRole('link', { name: 'Send to them' }).focus();
    await key.press('Enter');
    await page.getByLabel('Title', { exact: true }).fill('Guten Morgen');
    await page.getByText('2 people', { exact: true }).waitFor();
    await key.press('Control+Enter');
    await page.getByRole('button', { name: 'Send to 2 people' }).waitFor();
    await key.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Guten Morgen' }).waitFor();
    await expect
      .poll(async () => {
        const list = await stage.server.api<{ items: CampaignDetail[] }>('GET', `/campaigns?site=${site.id}`);
        return list.items[0]?.counts;
      })
      .toMatchObject({ total: 2, pending: 0 });
    expect(await console.faults()).toEqual([]);
  });

  test('conditions of every kind, groups and opposites are read back as they were said', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    const inner = await stage.server.api<Segment>('POST', '/segments', {
      site: site.id,
      name: 'Inner',
      expression: { tag: 'news' },
    });
    const expression = {
      any: [
        { all: [{ field: 'browser', contains: 'Chr' }, { none: [{ field: 'country', known: true }] }] },
        { none: [{ tag: 'news' }, { segment: inner.id }] },
        { attribute: 'visits', atLeast: 3 },
        { attribute: 'visits', is: [2, 9] },
        { time: 'lastSeen', within: { days: 30 } },
        { none: [{ did: 'clicked', campaigns: { last: 5 } }] },
        { did: 'accepted', campaigns: { within: { days: 7 } } },
        { sample: 12.5, seed: 'spring' },
      ],
    };
    const { id } = await stage.server.api<Segment>('POST', '/segments', {
      site: site.id,
      name: 'All kinds',
      expression,
    });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/segments/${id}`);
    await page.getByText('4 people', { exact: true }).waitFor();
    await page.getByLabel('Name').fill('Every kind');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Every kind' }).waitFor();
    expect(await stage.server.api('GET', `/segments/${id}`)).toMatchObject({
      name: 'Every kind',
      expression,
    });

    // a condition that is removed is gone, and the focus stays near
    await page.getByRole('button', { name: 'Remove the condition about Last seen' }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Condition');
    await page.getByRole('button', { name: 'Remove this group' }).first().click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(async () => (await stage.server.api<Segment>('GET', `/segments/${id}`)).expression)
      .toEqual({ any: expression.any.filter((_, i) => i !== 0 && i !== 4) });
    // one that is used is not deleted, and it says by whom
    await console.go(`/sites/${site.id}/segments/${inner.id}`);
    await page.getByRole('link', { name: 'Every kind' }).waitFor();
    await page.getByRole('button', { name: 'More for this segment' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByText('is used by the segment “Every kind”').waitFor();
    expect(await segmentsOf(stage, site)).toHaveLength(2);
    // another is, and can be taken back
    await console.go(`/sites/${site.id}/segments/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Every kind' }).waitFor();
    await page.getByRole('button', { name: 'More for this segment' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete the segment' }).click();
    await page.getByText('“Every kind” is deleted.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /Every kind/ }).waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('the list of subscribers is narrowed to a segment and to an expression in the address', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    await stage.server.api('POST', '/segments', {
      site: site.id,
      name: 'Readers',
      expression: { field: 'language', is: ['de'] },
    });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    const rows = page.getByRole('grid', { name: 'Subscribers' }).getByRole('row');
    await console.go(`/sites/${site.id}/subscribers`);
    await expect.poll(() => rows.count()).toBe(5);
    await page.getByRole('combobox', { name: 'Segment' }).click();
    await page.getByRole('option', { name: 'Readers' }).click();
    await expect.poll(() => rows.count()).toBe(3);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(3);

    const matching = encodeURIComponent(JSON.stringify({ attribute: 'visits', above: 5 }));
    await console.go(`/sites/${site.id}/subscribers?matching=${matching}`);
    await page.getByText('People who have visits above 5.').waitFor();
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByRole('link', { name: 'Make it a segment' }).click();
    await page.getByText('1 person', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Give it a name.').waitFor();
    await console.go(`/sites/${site.id}/subscribers?matching={nonsense`);
    await page.getByText('no expression').first().waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('a draft for a segment that leaves another one out keeps both', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    for (const [name, expression] of [
      ['Readers', { field: 'language', is: ['de'] }],
      ['News', { tag: 'news' }],
    ])
      await stage.server.api('POST', '/segments', { site: site.id, name, expression });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/compose`);
    await page.getByText('Segment', { exact: true }).click();
    await page.getByRole('combobox', { name: 'The segment it goes to' }).click();
    await page.getByRole('option', { name: 'Readers' }).click();
    await page.getByRole('combobox', { name: 'But not' }).click();
    await page.getByRole('option', { name: 'News' }).click();
    await page.getByLabel('Title', { exact: true }).fill('For the others');
    await page.getByText('1 person', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('The draft is saved.').waitFor();
    const [news, readers] = await segmentsOf(stage, site);
    const list = await stage.server.api<{ items: CampaignDetail[] }>('GET', `/campaigns?site=${site.id}`);
    expect(list.items[0]?.audience).toEqual({ segment: readers?.id, less: { segment: news?.id } });
    await console.go(`/sites/${site.id}/campaigns/${list.items[0]?.id}?tab=message`);
    await page.getByText('Readers, but not people who are in the segment “News”').first().waitFor();
    expect(await console.faults()).toEqual([]);
  });

  test('people are chosen in a message itself, counted, and what was said is kept as a segment', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await console.go(`/sites/${site.id}/compose`);
    await page.getByLabel('Title', { exact: true }).fill('For the regulars');
    await page.getByText('Some people', { exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Send to people of whom' });
    await dialog.getByRole('combobox', { name: 'What it is about' }).click();
    await page.getByRole('option', { name: 'Tag', exact: true }).click();
    await dialog.getByRole('combobox', { name: 'Tag', exact: true }).fill('news');
    await page.keyboard.press('Tab');
    await dialog.getByText('1 person', { exact: true }).first().waitFor();
    expect(await console.axe()).toEqual([]);
    await dialog.getByRole('button', { name: 'Choose them' }).click();
    await page.getByText('People who have the tag “news”.').waitFor();
    await page.getByRole('button', { name: 'Save as a segment…' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('News readers');
    await page.keyboard.press('Enter');
    await page.getByText('“News readers” is a segment now.').waitFor();
    const chosen = page.getByRole('combobox', { name: 'The segment it goes to' });
    await expect.poll(() => chosen.inputValue()).toBe('News readers');
    expect(await segmentsOf(stage, site)).toMatchObject([
      { name: 'News readers', expression: { all: [{ tag: 'news' }] } },
    ]);
    expect(await page.getByLabel('Title', { exact: true }).inputValue()).toBe('For the regulars');
    expect(await console.faults()).toEqual([]);
  });

  test('an attribute is renamed, the segment that asks for it follows, and all of it is undone', async () => {
    await using stage = await startStage();
    const site = await furnish(stage);
    await stage.server.api('POST', '/segments', {
      site: site.id,
      name: 'Regulars',
      expression: { attribute: 'visits', atLeast: 4 },
    });
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await page.getByRole('link', { name: /^Segments/ }).click();
    await page.getByRole('link', { name: 'Attributes' }).click();
    await page.getByRole('button', { name: 'Change visits' }).click();
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await page.getByLabel('New name').fill('calls');
    await page.getByText('4 people have it.').waitFor();
    await page.getByText('What uses it uses the new one instead: “Regulars”.').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('“visits” became “calls”').waitFor();
    await page.getByRole('button', { name: 'Change calls' }).waitFor();
    const expressions = async () => (await segmentsOf(stage, site)).map(({ expression }) => expression);
    await expect.poll(expressions).toEqual([{ attribute: 'calls', atLeast: 4 }]);
    await page.getByRole('main').getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    await page.getByRole('button', { name: 'Change visits' }).waitFor();
    expect(await expressions()).toEqual([{ attribute: 'visits', atLeast: 4 }]);
  });
});
