import type { PromptWhen } from '../../main/contract/prompts.ts';
import type { Memory } from './memory.ts';

/**
 * Calls `now` once, when the time has come and somebody looks at the page.
 * @param counts pages and visits so far, this one included
 * @param another counts one more page: one that a script shows without loading it
 */
export function whenItIsTime(when: PromptWhen, counts: Memory, another: () => Memory, now: () => void): void {
  let done = false;
  const come = () => {
    if (done) return;
    if (document.visibilityState === 'hidden') {
      document.addEventListener('visibilitychange', come, { once: true });
      return;
    }
    done = true;
    now();
  };
  switch (when.on) {
    case 'seconds':
      setTimeout(come, when.seconds * 1000);
      break;
    case 'pages': {
      if (counts.pages >= when.pages) {
        come();
        break;
      }
      const { navigation } = globalThis as { navigation?: EventTarget };
      const here = () => location.pathname + location.search;
      let last = here();
      navigation?.addEventListener('navigatesuccess', () => {
        // a jump within a page is none to another
        if (done || here() === last) return;
        last = here();
        if (another().pages >= when.pages) come();
      });
      break;
    }
    case 'scroll': {
      const look = () => {
        const { scrollHeight, clientHeight } = document.scrollingElement ?? document.documentElement;
        if (scrollY + clientHeight < (scrollHeight * when.percent) / 100) return;
        removeEventListener('scroll', look);
        come();
      };
      addEventListener('scroll', look, { passive: true });
      break;
    }
    case 'visit':
      if (counts.visits >= when.visits) come();
      break;
    case 'call':
      break;
  }
}
