import { contrast, leastContrast } from '../../main/contract/contrast.ts';
import { type PromptWords, promptLanguages } from '../../main/contract/prompt-words.ts';
import type { Prompt, PromptColours } from '../../main/contract/prompts.ts';

const isColour = (text: string) => /^#[0-9a-f]{6}$/.test(text);

/** Why a colour cannot stay as it is; undefined when it can be read. */
export function colourProblem(colours: PromptColours, name: keyof PromptColours): string | undefined {
  if (!isColour(colours[name])) return 'Give # and six hexadecimal digits.';
  if (name === 'ground' || !isColour(colours.ground)) return undefined;
  const ratio = contrast(colours[name], colours.ground);
  const least = leastContrast[name];
  if (ratio >= least) return undefined;
  // never rounded up to what it lacks
  return `${(Math.floor(ratio * 10) / 10).toFixed(1)}:1 on its ground is too faint; it needs ${least}:1.`;
}

/** The first thing that keeps a draft from being saved; undefined when there is none. */
export function problemOf({ look, topics, welcome }: Prompt): string | undefined {
  for (const scheme of ['light', 'dark'] as const) {
    for (const name of ['ground', 'ink', 'accent'] as const) {
      if (colourProblem(look[scheme], name)) return 'Mend the colours first.';
    }
  }
  if (topics.some(({ tag }) => tag.trim() === '')) return 'Give every topic a tag.';
  if (new Set(topics.map(({ tag }) => tag.trim())).size < topics.length)
    return 'Two topics have the same tag.';
  if (welcome && !Object.values(welcome.texts).some(({ title }) => title.trim() !== '')) {
    return 'Give the welcome a title.';
  }
  return undefined;
}

/** A draft as it is sent: without what was left empty. */
export function cleaned(prompt: Prompt): Prompt {
  const filled = (texts: Record<string, string | undefined>) =>
    Object.fromEntries(
      Object.entries(texts).flatMap(([key, text]) => (text?.trim() ? [[key, text.trim()] as const] : [])),
    );
  return {
    ...prompt,
    words: Object.fromEntries(
      Object.entries(prompt.words)
        .map(([language, words]) => [language, filled(words)] as const)
        // a language that Belfry does not speak is kept: it was chosen
        .filter(([language, words]) => Object.keys(words).length > 0 || !(language in promptLanguages)),
    ),
    topics: prompt.topics.map(({ tag, labels, chosen }) => ({
      tag: tag.trim(),
      labels: filled(labels),
      chosen,
    })),
    welcome: prompt.welcome && {
      ...prompt.welcome,
      texts: Object.fromEntries(
        Object.entries(prompt.welcome.texts)
          .map(
            ([language, { title, body }]) => [language, { title: title.trim(), body: body.trim() }] as const,
          )
          .filter(([, { title }]) => title !== ''),
      ),
    },
  };
}

const place = (site: string) => `belfry:prompts:${site}`;
const hasAllOf = (value: unknown, like: object): value is object =>
  typeof value === 'object' && value !== null && Object.keys(like).every((field) => field in value);

/**
 * What was being set for a site when this screen was left without saving; nothing of it is lost by looking elsewhere.
 * @param stored what pages have now: what lacks a part of it was kept by an older Belfry, and is left
 */
export function recallDraft(site: string, stored: Prompt): Prompt | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(site)) ?? 'null');
    const whole = hasAllOf(kept, stored) && 'look' in kept && hasAllOf(kept.look, stored.look);
    return whole ? (kept as Prompt) : null;
  } catch {
    return null;
  }
}
export function keepDraft(site: string, draft: Prompt | null) {
  if (draft) localStorage.setItem(place(site), JSON.stringify(draft));
  else localStorage.removeItem(place(site));
}

const names = new Intl.DisplayNames(['en'], { type: 'language' });
/** A language's name in English; its tag where there is none. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Every language that a visitor may get: those that Belfry brings and those that the site wrote. */
export const languagesOf = (prompt: Prompt): string[] => [
  ...new Set([prompt.language, ...Object.keys(promptLanguages), ...Object.keys(prompt.words)]),
];

/** The words that are shown first, and all others under “More words”; each with what it is called here. */
export const mainWords: [keyof PromptWords, string][] = [
  ['title', 'Question'],
  ['body', 'What they get, in a sentence or two'],
  ['yes', 'Yes'],
  ['no', 'No'],
];
export const moreWords: [keyof PromptWords, string][] = [
  ['topics', 'Above the topics'],
  ['bell', 'Name of the bell'],
  ['working', 'While it is being done'],
  ['asking', 'While the browser asks'],
  ['done', 'After a yes'],
  ['doneBody', 'After a yes, below'],
  ['kept', 'After a yes, while Belfry cannot be reached'],
  ['manage', 'Above what a subscriber can change'],
  ['manageBody', 'Below that'],
  ['save', 'Button that saves topics'],
  ['saved', 'After they were saved'],
  ['leave', 'Button that leaves'],
  ['left', 'After leaving'],
  ['close', 'Button that closes'],
  ['retry', 'Button that tries again'],
  ['dismissed', 'When the browser’s question was closed'],
  ['dismissedBody', 'What to do then'],
  ['blocked', 'When notifications are blocked'],
  ['blockedBody', 'How to allow them'],
  ['homeScreen', 'Above the iPhone’s steps'],
  ['homeScreenBody', 'Why they are needed'],
  ['share', 'First step'],
  ['add', 'Second step'],
  ['open', 'Third step'],
  ['unable', 'When a browser cannot'],
  ['unableBody', 'Which ones can'],
  ['failed', 'When it did not work'],
  ['failedBody', 'What to do then'],
];
