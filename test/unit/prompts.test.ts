import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counted, isQuiet, type Memory, shownAgain, snoozed } from '../../landing/prompts/memory.ts';
import { contrast, leastContrast, mendContrast, readableOn } from '../../main/contract/contrast.ts';
import { promptForPage } from '../../main/contract/prompt-for-page.ts';
import { promptLanguages, promptWordNames } from '../../main/contract/prompt-words.ts';
import { defaultPrompt, Prompt } from '../../main/contract/prompts.ts';

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, '0')}`);
const day = 24 * 60 * 60 * 1000;

describe('colours', () => {
  test('black or white reads on every colour', () => {
    fc.assert(fc.property(colour, (ground) => contrast(readableOn(ground), ground) >= 4.5));
  });

  test('what is mended has enough contrast, and what had enough stays', () => {
    fc.assert(
      fc.property(colour, colour, (ink, ground) => {
        const mended = mendContrast(ink, ground, leastContrast.ink);
        expect(mended).toMatch(/^#[0-9a-f]{6}$/);
        expect(contrast(mended, ground)).toBeGreaterThanOrEqual(leastContrast.ink);
        if (contrast(ink, ground) >= leastContrast.ink) expect(mended).toBe(ink);
      }),
    );
  });

  test('those that Belfry brings can be read, and faint ones are refused', () => {
    expect(Prompt.safeParse(defaultPrompt).success).toBe(true);
    for (const [name, value] of [
      ['ink', '#999999'],
      ['accent', '#dddddd'],
      ['ground', '#1a706b'],
      ['ink', 'red'],
      ['ink', '#fff'],
      ['ink', '#000000;x'],
    ] as const) {
      const light = { ...defaultPrompt.look.light, [name]: value };
      const parsed = Prompt.safeParse({ ...defaultPrompt, look: { ...defaultPrompt.look, light } });
      expect(parsed.success, `${name} ${value}`).toBe(false);
    }
  });
});

describe('limits', () => {
  const topic = (tag: string) => ({ tag, labels: {}, chosen: false });
  test.each([
    ['thirteen topics', { topics: Array.from({ length: 13 }, (_, n) => topic(`t${n}`)) }],
    ['a tag twice', { topics: [topic('news'), topic('news')] }],
    ['a tag without a name', { topics: [topic(' ')] }],
    ['a word of 301 characters', { words: { en: { title: 'a'.repeat(301) } } }],
    ['a word that there is not', { words: { en: { headline: 'a' } } }],
    ['a language that is none', { words: { 'not a language': {} } }],
    [
      'thirty-one languages',
      { words: Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`en-x${n}aa`, {}])) },
    ],
    [
      'more than 64 KB',
      {
        words: Object.fromEntries(
          Array.from({ length: 12 }, (_, n) => [
            `en-x${n}aa`,
            Object.fromEntries(promptWordNames.map((name) => [name, 'a'.repeat(300)])),
          ]),
        ),
      },
    ],
    ['a welcome without words', { welcome: { texts: {} } }],
    [
      'a welcome that opens a script',
      { welcome: { texts: { en: { title: 'Hi', body: '' } }, url: 'javascript:alert(1)' } },
    ],
    ['an hour', { when: { on: 'seconds', seconds: 3600 } }],
    ['half a page', { when: { on: 'pages', pages: 0.5 } }],
    ['a condition of two kinds', { when: { on: 'pages', pages: 2, seconds: 3 } }],
    ['a snooze of no time', { snoozeDays: 0 }],
    ['another version', { version: 2 }],
    ['something more', { colour: 'red' }],
  ])('%s is refused', (_name, some) => {
    expect(Prompt.safeParse({ ...defaultPrompt, ...some }).success).toBe(false);
  });
});

describe('the language of a prompt', () => {
  const prompt: Prompt = {
    ...defaultPrompt,
    language: 'de',
    words: { sv: { title: 'Ska vi höra av oss?' }, 'pt-BR': { yes: 'Quero' }, de: { no: 'Nö' } },
    topics: [{ tag: 'owls', labels: { de: 'Eulen', fr: 'Chouettes' }, chosen: true }],
    welcome: { texts: { de: { title: 'Willkommen', body: '' } } },
  };
  const words = (language: string) => promptForPage(prompt, language).words;

  test.each([
    ['fr-CA', 'fr', 'Oui, volontiers'],
    ['FR', 'fr', 'Oui, volontiers'],
    ['pt-br', 'pt-br', 'Quero'],
    ['pt-PT', 'pt', 'Sim, por favor'],
    ['sv-SE', 'sv', 'Ja, gern'], // the site's own language stands in for what it did not write
    ['ja', 'de', 'Ja, gern'],
    ['', 'de', 'Ja, gern'],
    ['__proto__', 'de', 'Ja, gern'],
    ['constructor-toString', 'de', 'Ja, gern'],
  ])('%s is answered in %s', (wanted, language, yes) => {
    expect(promptForPage(prompt, wanted)).toMatchObject({ language, words: { yes } });
  });

  test('a region takes what it lacks from its language, topics and welcome from the site’s own', () => {
    expect(words('pt-BR').no).toBe('Agora não');
    expect(words('sv').title).toBe('Ska vi höra av oss?');
    expect(words('de-AT').no).toBe('Nö');
    expect(promptForPage(prompt, 'fr').topics).toEqual([{ tag: 'owls', label: 'Chouettes', chosen: true }]);
    expect(promptForPage(prompt, 'it')).toMatchObject({
      topics: [{ label: 'Eulen' }],
      welcome: { title: 'Willkommen' },
    });
    expect(promptForPage(prompt, 'ar-EG').direction).toBe('rtl');
    expect(promptForPage(prompt, 'de').direction).toBe('ltr');
  });

  test('every language that Belfry brings has every word, and whatever is asked for is answered in full', () => {
    for (const [language, all] of Object.entries(promptLanguages)) {
      for (const name of promptWordNames) expect(all[name].trim(), `${language} ${name}`).not.toBe('');
    }
    fc.assert(
      fc.property(fc.string(), (language) => {
        const { words: all } = promptForPage(prompt, language);
        return promptWordNames.every((name) => all[name].length > 0);
      }),
    );
  });
});

describe('what a browser remembers of being asked', () => {
  const none: Memory = { pages: 0, visits: 0, seen: 0 };
  const time = fc.integer({ min: 1, max: 4_000_000_000_000 });

  test('pages are counted, and visits half an hour apart', () => {
    const at = 1_800_000_000_000;
    const first = counted(none, at);
    expect(first).toMatchObject({ pages: 1, visits: 1 });
    const second = counted(first, at + 29 * 60_000);
    expect(second).toMatchObject({ pages: 2, visits: 1 });
    expect(counted(second, at + 60 * 60_000)).toMatchObject({ pages: 3, visits: 2 });
    // a clock that was set back begins a visit and breaks nothing
    expect(counted(second, at - day)).toMatchObject({ visits: 2, seen: at - day });
  });

  test('a no holds for its time and not a day longer', () => {
    fc.assert(
      fc.property(
        time,
        fc.integer({ min: 1, max: 365 }),
        fc.integer({ min: 0, max: 400 * day }),
        (at, days, later) => {
          const memory = snoozed(none, at, days);
          expect(isQuiet(memory, at + later, days)).toBe(later < days * day);
        },
      ),
    );
    expect(isQuiet(snoozed(none, 1, null), 4_000_000_000_000, null)).toBe(true);
  });

  test('a shorter time that was set since counts, too, and so does a clock that went back', () => {
    const memory = snoozed(none, 0, 365);
    expect(isQuiet(memory, 300 * day, 30)).toBe(false);
    expect(isQuiet(memory, 340 * day, 30)).toBe(true);
    expect(isQuiet(snoozed(none, 1000 * day, 30), 0, 30)).toBe(false);
  });

  test('passed over three times is a no', () => {
    let memory = none;
    for (const _ of [1, 2]) {
      memory = shownAgain(memory, 0, 30);
      expect(isQuiet(memory, 1, 30)).toBe(false);
    }
    memory = shownAgain(memory, 0, 30);
    expect(isQuiet(memory, 1, 30)).toBe(true);
    expect(isQuiet(memory, 30 * day, 30)).toBe(false);
  });
});
