import type { RouterHistory } from '@tanstack/react-router';

/** Where one was on a screen: how far it was scrolled, and which link had the focus. */
interface Place {
  scrolled: number[];
  href: string | null;
}

const STORED = 'belfry:places';
const KEPT = 50;
/** Milliseconds for which a screen that comes back may fill itself. */
const PATIENCE = 2000;

const scrollers = () => [...document.querySelectorAll<HTMLElement>('[data-scroller]')];

function here(): Place {
  const active = document.activeElement;
  const link = active?.closest('main')
    ? active.matches('a')
      ? active
      : active.querySelector(':scope a')
    : null;
  return {
    scrolled: scrollers().map(({ scrollTop }) => scrollTop),
    // of a row, its link; the focus in a field or on a button says nothing
    href: active?.matches('a, [role=row]') ? (link?.getAttribute('href') ?? null) : null,
  };
}

function read(): Map<string, Place> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as [string, Place][]);
  } catch {
    return new Map();
  }
}

/**
 * Back and forward lead to where one was: scrolled as far, with the focus on the link that was followed. A reload too.
 * @returns a function that ends it
 */
export function keepPlaces(router: { history: RouterHistory }): () => void {
  const places = read();
  // an address that was typed has no key of its own, and gets another one from the router each time
  const keyHere = () => {
    const state: unknown = window.history.state;
    const key = typeof state === 'object' && state !== null && '__TSR_key' in state ? state.__TSR_key : null;
    return typeof key === 'string' ? key : router.history.location.href;
  };
  let key = keyHere();
  let frame = 0;

  const remember = () => {
    places.delete(key);
    places.set(key, here());
    for (const old of [...places.keys()].slice(0, -KEPT)) places.delete(old);
  };
  const stop = () => cancelAnimationFrame(frame);
  const restore = ({ scrolled, href }: Place) => {
    const until = performance.now() + PATIENCE;
    const attempt = () => {
      const found = scrollers();
      let there = found.length > 0 || scrolled.length === 0;
      for (const [index, node] of found.entries()) {
        const wanted = scrolled[index] ?? 0;
        if (node.scrollTop !== wanted) node.scrollTop = wanted;
        if (Math.abs(node.scrollTop - wanted) > 1) there = false;
      }
      const link =
        href === null ? null : document.querySelector<HTMLElement>(`main a[href="${CSS.escape(href)}"]`);
      if (there && (href === null || link)) {
        (link?.closest<HTMLElement>('[role=row]') ?? link)?.focus({ preventScroll: true });
        return;
      }
      if (performance.now() < until) frame = requestAnimationFrame(attempt);
    };
    stop();
    // after the screen that comes has taken the focus itself
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(attempt);
    });
  };

  const unsubscribe = router.history.subscribe(({ location, action }) => {
    remember();
    stop();
    const comesBack = action.type === 'BACK' || action.type === 'FORWARD' || action.type === 'GO';
    key = comesBack ? keyHere() : (location.state.__TSR_key ?? location.href);
    const place = places.get(key);
    if (place && (action.type === 'BACK' || action.type === 'FORWARD' || action.type === 'GO'))
      restore(place);
  });
  const store = () => {
    remember();
    sessionStorage.setItem(STORED, JSON.stringify([...places]));
  };
  const first = places.get(key);
  if (first) restore(first);
  window.addEventListener('pagehide', store);
  // whoever goes on is not to be pulled back
  for (const type of ['keydown', 'pointerdown', 'wheel'])
    window.addEventListener(type, stop, { passive: true });
  return () => {
    stop();
    unsubscribe();
    window.removeEventListener('pagehide', store);
    for (const type of ['keydown', 'pointerdown', 'wheel']) window.removeEventListener(type, stop);
  };
}
