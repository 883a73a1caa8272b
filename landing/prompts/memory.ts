/** What a browser remembers of being asked. */
export interface Memory {
  pages: number;
  visits: number;
  /** When a page was last opened, in milliseconds. */
  seen: number;
  /** How often a prompt was shown by itself and not answered. */
  ignored?: number;
  /** Until when it is not to be asked by itself, in milliseconds; null: never again. */
  quiet?: number | null;
}

const day = 24 * 60 * 60 * 1000;
/** A page after so long a pause belongs to another visit. */
const pause = 30 * 60 * 1000;

/** Counts a page. @param now milliseconds since the epoch */
export const counted = ({ pages, visits, seen, ...rest }: Memory, now: number): Memory => ({
  ...rest,
  pages: pages + 1,
  visits: visits + (now - seen > pause || now < seen || visits === 0 ? 1 : 0),
  seen: now,
});

/** After a no. @param days how long it holds; null: for ever */
export const snoozed = (memory: Memory, now: number, days: number | null): Memory => ({
  ...memory,
  ignored: 0,
  quiet: days === null ? null : now + days * day,
});

/** A prompt that was passed over so often is taken for a no. */
const patience = 3;

/** After a prompt has shown itself once more. */
export function shownAgain(memory: Memory, now: number, days: number | null): Memory {
  const ignored = (memory.ignored ?? 0) + 1;
  return ignored < patience ? { ...memory, ignored } : snoozed(memory, now, days);
}

/** @param days the longest that a no holds now: a shorter time that was set since counts for those of before, too */
export const isQuiet = ({ quiet }: Memory, now: number, days: number | null): boolean =>
  quiet === null || (quiet !== undefined && now < quiet && (days === null || quiet - now <= days * day));

/** Keeps the memory of a site in localStorage; null where the browser keeps nothing. */
export function openMemory(site: string) {
  const place = `belfry:${site}`;
  const count = (value: unknown) => (typeof value === 'number' && value >= 0 ? value : 0);
  function read(): Memory {
    let kept: Partial<Memory> | null = null;
    try {
      kept = JSON.parse(localStorage.getItem(place) ?? 'null');
    } catch {
      // another's, or damaged: begun anew
    }
    const { pages, visits, seen, ignored, quiet } = kept ?? {};
    return {
      pages: count(pages),
      visits: count(visits),
      seen: count(seen),
      ignored: count(ignored),
      ...((quiet === null || typeof quiet === 'number') && { quiet }),
    };
  }
  const write = (memory: Memory) => localStorage.setItem(place, JSON.stringify(memory));
  try {
    write(read());
  } catch {
    return null;
  }
  return {
    read,
    change(change: (memory: Memory) => Memory): Memory {
      const changed = change(read());
      try {
        write(changed);
      } catch {
        // full since: it holds for this page
      }
      return changed;
    },
    /** Calls back when another tab changed it. */
    watch(changed: () => void) {
      window.addEventListener('storage', ({ key }) => {
        if (key === place) changed();
      });
    },
  };
}
