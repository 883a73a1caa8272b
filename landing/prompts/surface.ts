import type { PromptForPage } from '../../main/contract/public.ts';
import { h } from './dom.ts';
import { bell as bellIcon } from './pictures.ts';
import { dress, properties } from './style.ts';
import { type Acts, contentOf, type View } from './views.ts';

export type SurfaceKind = 'bell' | 'banner' | 'panel';

export interface SurfaceOptions {
  /** As a phone shows it; looked up from the window unless given. */
  narrow?: boolean;
  /** In dark colours; looked up from the system and the look unless given. */
  dark?: boolean;
  /** Without motion, and without a word to screen readers: for a preview. */
  still?: boolean;
  /** For a style element, where style sheets cannot be constructed. */
  nonce?: string;
}

/** Where a prompt is drawn: in a shadow root of its own, over the page, moving nothing in it. */
export interface Surface {
  /** Changes what is drawn from now on. */
  dressAs(kind: SurfaceKind): void;
  /** Hangs the bell, which calls `onBell` when it is pressed. Once. */
  bell(onBell: () => void): void;
  /** @param focus whether a person asked for it: then the focus goes there, and comes back after. */
  show(view: View, focus: boolean): void;
  /** Puts the card away and gives the focus back. */
  hide(): void;
  shown(): View | null;
  /** Says something to a screen reader. */
  say(text: string): void;
  status(status: string): void;
  /** Whether the pointer or the focus is in the card. */
  inUse(): boolean;
  remove(): void;
}

/**
 * @param mount the element that it is put at the end of
 * @param prompt what it says and how it looks
 */
export function createSurface(
  mount: HTMLElement,
  prompt: PromptForPage,
  acts: Acts,
  { nonce = '', ...options }: SurfaceOptions = {},
): Surface {
  const { look, words, language, direction } = prompt;
  const host = h('belfry-prompt' as 'div');
  const shadow = host.attachShadow({ mode: 'open' });
  dress(shadow, nonce);
  const card = h('section', { class: 'card', role: 'dialog', 'aria-labelledby': 'title', hidden: true });
  const heard = h('p', { class: 'heard', role: 'status' });
  const root = h(
    'div',
    {
      class: 'root',
      lang: language,
      dir: direction,
      'data-side': look.side,
      'data-edge': look.edge,
      'data-corners': look.corners,
      'data-still': !!options.still,
    },
    heard,
    card,
  );
  shadow.append(root);

  const queries = [matchMedia('(max-width: 560px)'), matchMedia('(prefers-color-scheme: dark)')] as const;
  const adapt = () => {
    const dark = options.dark ?? (look.scheme === 'auto' ? queries[1].matches : look.scheme === 'dark');
    root.toggleAttribute('data-narrow', options.narrow ?? queries[0].matches);
    for (const [name, value] of Object.entries(properties(look, dark))) root.style.setProperty(name, value);
  };
  adapt();
  for (const query of queries) query.addEventListener('change', adapt);
  mount.append(host);

  let bell: HTMLButtonElement | null = null;
  let shown: View | null = null;
  let before: Element | null = null;
  const focused = () => card.contains(shadow.activeElement);

  card.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    acts.close();
  });

  return {
    dressAs(kind) {
      root.dataset['kind'] = kind;
    },
    bell(onBell) {
      bell = h(
        'button',
        {
          type: 'button',
          class: 'bell',
          'aria-label': words.bell,
          title: words.bell,
          'aria-haspopup': 'dialog',
          'aria-expanded': String(shown !== null),
        },
        bellIcon(),
      );
      bell.addEventListener('click', onBell);
      heard.after(bell);
    },
    show(view, focus) {
      const take = focus || focused();
      if (shown === null) before = shadow.activeElement ?? document.activeElement;
      shown = view;
      card.dataset['view'] = view.name;
      card.replaceChildren(
        ...contentOf(view, prompt, acts).filter((child): child is Node | string => !!child),
      );
      const body = card.querySelector('#body');
      if (body) card.setAttribute('aria-describedby', 'body');
      else card.removeAttribute('aria-describedby');
      card.hidden = false;
      bell?.setAttribute('aria-expanded', 'true');
      // a view that changes under the focus keeps it; one that comes by itself takes it from nobody
      const title = card.querySelector<HTMLElement>('#title');
      if (take) title?.focus({ preventScroll: true });
      else this.say(title?.textContent ?? '');
    },
    hide() {
      if (shown === null) return;
      const had = focused();
      shown = null;
      card.hidden = true;
      heard.textContent = '';
      bell?.setAttribute('aria-expanded', 'false');
      if (had && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      before = null;
    },
    shown: () => shown,
    say(text) {
      if (!options.still) heard.textContent = text;
    },
    status(status) {
      root.dataset['status'] = status;
    },
    inUse: () => focused() || card.matches(':hover'),
    remove() {
      for (const query of queries) query.removeEventListener('change', adapt);
      host.remove();
    },
  };
}
