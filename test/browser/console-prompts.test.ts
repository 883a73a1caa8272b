import { expect, test } from 'vitest';
import type { Prompt } from '../../main/contract/prompts.ts';
import type { PromptForPage } from '../../main/contract/public.ts';
import { describeWith } from '../helpers/requirements.ts';
import { type Console, openConsole, startStage } from './console.helper.ts';

/** What the preview shows: the text of the prompt's own shadow root. */
const preview = ({ page }: Console) =>
  page.evaluate(() => {
    const root = document.querySelector('belfry-prompt')?.shadowRoot;
    const card = root?.querySelector<HTMLElement>('.card:not([hidden])');
    return {
      kind: root?.querySelector<HTMLElement>('.root')?.dataset['kind'],
      text: card?.innerText ?? '',
      direction: root?.querySelector<HTMLElement>('.root')?.dir,
      narrow: root?.querySelector('.root')?.hasAttribute('data-narrow'),
      ground: card ? getComputedStyle(card).backgroundColor : '',
      pictures: card?.querySelectorAll('svg').length ?? 0,
    };
  });

describeWith(['chromium', 'openssl'], 'the screen “Ways to ask”', () => {
  test('sets the way, words, topics, colours and a welcome, shows them as they will be, and pages get them', async () => {
    await using stage = await startStage();
    const site = await stage.createSite();
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await page.getByText('People you reach').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { level: 1, name: 'Ways to ask' }).waitFor();
    const save = page.getByRole('button', { name: 'Save', exact: true });
    expect(await save.count()).toBe(0);

    await page.getByRole('radio', { name: 'A banner' }).check();
    await page.getByRole('combobox', { name: 'It comes' }).click();
    await page.getByRole('option', { name: 'On a page of that number' }).click();
    await page.getByLabel('pages, this one included').fill('3');
    await page.getByLabel('days until it comes back').fill('14');
    await expect.poll(() => preview(console)).toMatchObject({ kind: 'banner', narrow: false });

    await page.getByRole('combobox', { name: 'Language of these fields' }).click();
    await page.getByRole('option', { name: 'Arabic' }).click();
    await page.getByLabel('Question', { exact: true }).fill('هل ندق الجرس لك؟');
    await expect.poll(() => preview(console)).toMatchObject({ direction: 'rtl' });
    expect((await preview(console)).text).toContain('هل ندق الجرس لك؟');

    await page.getByRole('button', { name: 'Add a topic' }).click();
    await page.getByLabel('Topic 1, in Arabic').fill('البوم');
    await expect.poll(async () => (await preview(console)).text).toContain('البوم');
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel('Tag of topic 1').fill('owls');
    expect(await save.isDisabled()).toBe(false);

    const ink = page.getByLabel('Text, Light colours', { exact: true });
    await ink.fill('#999999');
    await page.getByText('2.8:1 on its ground is too faint').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Mend it' }).click();
    expect(await ink.inputValue()).toMatch(/^#7[0-9a-f]{5}$/);
    await page.getByLabel('Ground, Light colours', { exact: true }).fill('#fff8e7');
    await page.getByRole('button', { name: 'Mend it' }).click();

    await page.getByLabel('Say welcome').check();
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel('Title, in Arabic').fill('مرحبا');
    await page.getByText('Phone', { exact: true }).click();
    await expect.poll(() => preview(console)).toMatchObject({ narrow: true, ground: 'rgb(255, 248, 231)' });
    await page.getByRole('combobox', { name: 'What is shown' }).click();
    await page.getByRole('option', { name: 'On an iPhone, after a yes' }).click();
    await expect.poll(() => preview(console)).toMatchObject({ pictures: 3 });

    await save.click();
    await page.getByText('Saved. Pages that are opened').waitFor();
    expect(await save.count()).toBe(0);
    const stored = await stage.server.api<Prompt>('GET', `/sites/${site.id}/prompt`);
    expect(stored).toMatchObject({
      kind: 'banner',
      when: { on: 'pages', pages: 3 },
      snoozeDays: 14,
      words: { ar: { title: 'هل ندق الجرس لك؟' } },
      topics: [{ tag: 'owls', labels: { ar: 'البوم' }, chosen: false }],
      welcome: { texts: { ar: { title: 'مرحبا', body: '' } } },
    });
    const answer = await fetch(`${stage.server.public}/v1/sites/${site.key}/prompt?language=ar-EG`);
    const prompt: PromptForPage = await answer.json();
    expect(prompt).toMatchObject({ kind: 'banner', direction: 'rtl', words: { title: 'هل ندق الجرس لك؟' } });
    expect(await console.axe()).toEqual([]);
    expect(await console.faults()).toEqual([]);
  });

  test('loses nothing that was typed when saving fails, and gives it back when it is not wanted', async () => {
    await using stage = await startStage();
    await stage.createSite();
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    await page.getByRole('link', { name: 'Ways to ask' }).click();
    await page.getByLabel('Question', { exact: true }).fill('Shall we?');
    await page.route('**/prompts/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('It may be starting again').first().waitFor();
    expect(await page.getByLabel('Question', { exact: true }).inputValue()).toBe('Shall we?');
    await page.getByRole('button', { name: 'Leave it as it was' }).click();
    expect(await page.getByLabel('Question', { exact: true }).inputValue()).toBe('');
    expect(await page.getByLabel('Question', { exact: true }).getAttribute('placeholder')).toContain(
      'Shall we tell you',
    );
  });

  test('what was changed and not saved is still there after a look elsewhere, until it is saved or given up', async () => {
    await using stage = await startStage();
    await stage.createSite();
    await using console = await openConsole(stage.server.console);
    const { page } = console;
    const question = page.getByLabel('Question', { exact: true });
    const away = async () => {
      await page.getByRole('link', { name: 'Campaigns' }).click();
      await page.getByRole('heading', { level: 1, name: 'Campaigns' }).waitFor();
      await page.getByRole('link', { name: 'Ways to ask' }).click();
    };
    await page.getByRole('link', { name: 'Ways to ask' }).click();
    await question.fill('Shall we ring?');
    await page.getByRole('button', { name: 'Add a topic' }).click();
    await away();
    expect(await question.inputValue()).toBe('Shall we ring?');
    await page.reload();
    expect(await question.inputValue()).toBe('Shall we ring?');
    expect(await page.getByLabel('Tag of topic 1').inputValue()).toBe('');
    expect((await preview(console)).text).toContain('Shall we ring?');
    await page.getByLabel('Tag of topic 1').fill('owls');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved. Pages that are opened').first().waitFor();
    await away();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
    await question.fill('Or not?');
    await page.getByRole('button', { name: 'Leave it as it was' }).click();
    await away();
    expect(await question.inputValue()).toBe('Shall we ring?');
  });
});
