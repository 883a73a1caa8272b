const tabbable =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex="0"]';
/** Frames that dialogs and menus get to give the focus back themselves. */
const patience = 150;

/**
 * Keeps the focus from falling out of the page when what has it goes away or is switched off: it goes to the first
 * thing that can be done in the nearest place that is left, or to the screen's title.
 * @returns a function that ends it
 */
export function keepFocus(): () => void {
  let last: HTMLElement | null = null;
  let around: HTMLElement[] = [];
  let wasOff = false;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    last = target;
    wasOff = false;
    around = [];
    for (let one = target.parentElement; one && one !== document.body; one = one.parentElement)
      around.push(one);
  };
  // who clicks beside everything wants it nowhere
  const onPointer = () => {
    last = null;
  };
  const lost = () => document.activeElement === null || document.activeElement === document.body;
  const restore = () => {
    timer = null;
    if (last === null || !lost()) return;
    if (last.isConnected) {
      if (last.matches(':disabled')) wasOff = true;
      else if (wasOff) last.focus();
      return;
    }
    const place = around.find((one) => one.isConnected);
    // as wide as the screen: its title is where one begins
    const wide = place === undefined || place.tagName === 'MAIN' || place.querySelector('main') !== null;
    const next = wide
      ? undefined
      : [...place.querySelectorAll<HTMLElement>(tabbable)].find((one) => one.getClientRects().length > 0);
    (next ?? document.querySelector<HTMLElement>('main h1'))?.focus({ preventScroll: true });
  };
  const look = () => {
    if (last === null || timer !== null || (last.isConnected && !last.matches(':disabled') && !wasOff))
      return;
    timer = setTimeout(restore, patience);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
  document.addEventListener('focusin', onFocus);
  document.addEventListener('pointerdown', onPointer);
  return () => {
    observer.disconnect();
    if (timer !== null) clearTimeout(timer);
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('pointerdown', onPointer);
  };
}
