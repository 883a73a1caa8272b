import type { PromptForPage } from '../../main/contract/public.ts';
import { button, type Child, h } from './dom.ts';
import { add, open, share } from './pictures.ts';

/** What a card may show. */
export const viewNames = [
  'ask',
  'busy',
  'asking',
  'done',
  'kept',
  'homeScreen',
  'blocked',
  'dismissed',
  'unable',
  'failed',
  'manage',
  'left',
] as const;
export type ViewName = (typeof viewNames)[number];

/** What a person did in a card. */
export interface Acts {
  /** Yes, or once more after it did not work. */
  join(topics: string[]): void;
  /** No, or enough of it. */
  close(): void;
  save(topics: string[]): void;
  leave(): void;
}

export interface View {
  name: ViewName;
  /** Of the tags of topics, those that are ticked; as the site has it when left out. */
  chosen?: readonly string[] | undefined;
  /** Words that fit the case better than the usual ones. */
  title?: string | undefined;
  body?: string | undefined;
}

/** The content of a card. The title comes first; it names the card and takes the focus. */
export function contentOf(view: View, prompt: PromptForPage, acts: Acts): Child[] {
  const { words, topics } = prompt;
  const boxes = topics.map(({ tag, label, chosen }) => {
    const input = h('input', { type: 'checkbox' });
    input.checked = view.chosen ? view.chosen.includes(tag) : chosen;
    return { tag, input, label: h('label', {}, input, label) };
  });
  const ticked = () => boxes.filter(({ input }) => input.checked).map(({ tag }) => tag);
  const choice =
    boxes.length > 0 &&
    h(
      'fieldset',
      {},
      h('legend', {}, words.topics),
      h('div', { class: 'topics' }, ...boxes.map(({ label }) => label)),
    );
  const head = (title: string, body?: string) =>
    h(
      'div',
      { class: 'words' },
      h('h2', { id: 'title', tabindex: '-1' }, view.title ?? title),
      (view.body ?? body) !== '' && h('p', { id: 'body' }, view.body ?? body),
    );
  const actions = (...all: Child[]) => h('div', { class: 'actions' }, ...all);
  const close = (name = '') => button(name, words.close, acts.close);
  const join = (text: string) => button('yes', text, () => acts.join(ticked()));
  const again = (title: string, body: string) => [head(title, body), actions(join(words.retry), close())];

  switch (view.name) {
    case 'ask':
      return [
        head(words.title, words.body),
        choice,
        actions(join(words.yes), button('no', words.no, acts.close)),
      ];
    case 'busy':
      return [head(words.working, '')];
    case 'asking':
      return [head(words.asking, '')];
    case 'done':
      return [head(words.done, words.doneBody), actions(close())];
    case 'kept':
      return [head(words.kept, words.doneBody), actions(close())];
    case 'homeScreen': {
      const step = (picture: SVGElement, text: string) => h('li', {}, picture, text);
      return [
        head(words.homeScreen, words.homeScreenBody),
        h(
          'ol',
          { class: 'steps', role: 'list' },
          step(share(), words.share),
          step(add(), words.add),
          step(open(), words.open),
        ),
        actions(close()),
      ];
    }
    case 'blocked':
      return [head(words.blocked, words.blockedBody), actions(close())];
    case 'dismissed':
      return again(words.dismissed, words.dismissedBody);
    case 'unable':
      return [head(words.unable, words.unableBody), actions(close())];
    case 'failed':
      return again(words.failed, words.failedBody);
    case 'manage':
      return [
        head(words.manage, words.manageBody),
        choice,
        actions(
          choice && button('yes', words.save, () => acts.save(ticked())),
          button('leave', words.leave, acts.leave),
          close(),
        ),
      ];
    case 'left':
      return [head(words.left, ''), actions(close())];
  }
}
