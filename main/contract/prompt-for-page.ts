import { type PromptWords, promptLanguages } from './prompt-words.ts';
import type { Prompt } from './prompts.ts';
import type { PromptForPage } from './public.ts';

/** A language and its ever more general forms: `pt-br`, `pt`. */
function widening(language: string): string[] {
  const parts = language.toLowerCase().split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/** What there is in a language or a more general form of it, by keys in any case. */
function found<T>(byLanguage: Record<string, T>, languages: string[]): T | undefined {
  const entries = Object.entries(byLanguage);
  for (const language of languages) {
    const entry = entries.find(([key]) => key.toLowerCase() === language);
    if (entry) return entry[1];
  }
  return undefined;
}

const rightToLeft = ['ar', 'fa', 'he', 'ur', 'ps', 'ckb', 'yi'];

/**
 * A site's prompt as one page gets it: in the visitor's language where the site or Belfry speaks it, else in the
 * site's own. One prompt is in one language, save for what is written in no other.
 * @param wanted a BCP 47 language tag, or whatever a browser sent
 */
export function promptForPage(prompt: Prompt, wanted: string): PromptForPage {
  const { kind, when, snoozeDays, look } = prompt;
  const own = widening(prompt.language);
  const asked = widening(wanted);
  const spoken = asked.find(
    (language) => found(prompt.words, [language]) ?? found(promptLanguages, [language]),
  );
  const languages = spoken === undefined ? own : widening(spoken);
  const language = languages[0] ?? 'en';
  const brought = found(promptLanguages, languages) ?? found(promptLanguages, own);
  // from the general to the special, each without what was left empty
  const given: Partial<PromptWords> = Object.fromEntries(
    languages
      .toReversed()
      .flatMap((one) => Object.entries(found(prompt.words, [one]) ?? {}))
      .filter(([, word]) => word),
  );
  const text = (byLanguage: Record<string, string>, other: string) =>
    found(byLanguage, languages) ||
    found(byLanguage, own) ||
    Object.values(byLanguage).find(Boolean) ||
    other;
  const welcome =
    prompt.welcome &&
    (found(prompt.welcome.texts, languages) ??
      found(prompt.welcome.texts, own) ??
      Object.values(prompt.welcome.texts)[0]);
  return {
    kind,
    when,
    snoozeDays,
    look,
    language,
    direction: rightToLeft.includes(language.split('-')[0] ?? '') ? 'rtl' : 'ltr',
    words: { ...(promptLanguages['en'] as PromptWords), ...brought, ...given },
    topics: prompt.topics.map(({ tag, labels, chosen }) => ({ tag, label: text(labels, tag), chosen })),
    welcome: welcome
      ? {
          title: welcome.title,
          body: welcome.body,
          ...(prompt.welcome?.url && { url: prompt.welcome.url }),
          ...(prompt.welcome?.icon && { icon: prompt.welcome.icon }),
        }
      : null,
  };
}
