/** How many frames were drawn in so many milliseconds, and the longest time between two. */
export interface Frames {
  count: number;
  ms: number;
  longest: number;
}

/** What `pageScript` puts into a page. Times are milliseconds of the page's own clock. */
export interface Timing {
  /** When the page was usable. */
  usable?: number;
  beginTyping(text: string): void;
  /** For each letter the time until it was drawn; the time from the last one until all that is listed fits. */
  typed(searching: boolean): Promise<{ letters: number[]; found: number | null }>;
  frames(ms: number): Promise<Frames>;
}

/** Notes when something is first drawn that fits the selector. Runs in the page. */
export function noteUsable(selector: string): void {
  const timing = globalThis as unknown as Timing;
  const look = () => {
    if (document.querySelector(selector)) timing.usable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Runs in the page, before anything of it. */
export function pageScript(): void {
  const timing = globalThis as unknown as Timing;
  /** After the next picture was made: a task that follows the frame's own work. */
  const drawn = () =>
    new Promise<number>((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      });
    });
  let letters: Promise<number>[] = [];
  let last = 0;
  let wanted = '';
  addEventListener(
    'keydown',
    ({ timeStamp }) => {
      last = timeStamp;
      letters.push(drawn().then((at) => at - timeStamp));
    },
    true,
  );
  timing.beginTyping = (text) => {
    letters = [];
    wanted = text;
  };
  timing.typed = async (searching) => {
    const each = await Promise.all(letters);
    if (!searching) return { letters: each, found: null };
    for (;;) {
      const rows = [...document.querySelectorAll('[role=row][data-index]')];
      const all = rows.length > 0 && rows.every((row) => row.textContent?.startsWith(wanted));
      if (all && !document.querySelector('[role=grid][aria-busy]')) break;
      await drawn();
    }
    return { letters: each, found: (await drawn()) - last };
  };
  timing.frames = (ms) =>
    new Promise((resolve) => {
      const began = performance.now();
      let [count, longest, before] = [0, 0, began];
      const frame = () => {
        const now = performance.now();
        longest = Math.max(longest, now - before);
        before = now;
        count++;
        if (now - began < ms) requestAnimationFrame(frame);
        else resolve({ count, ms: now - began, longest });
      };
      requestAnimationFrame(frame);
    });
}
