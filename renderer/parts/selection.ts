import { useMemo, useState } from 'react';

/** Which rows of a list are chosen: these, or all that the list has (loaded or not) less these. */
export interface Chosen {
  all: boolean;
  ids: ReadonlySet<string>;
}
const nothing: Chosen = { all: false, ids: new Set() };

/** @returns the same with some rows chosen, or not */
function withRows({ all, ids }: Chosen, rows: string[], chosen: boolean): Chosen {
  const next = new Set(ids);
  for (const id of rows)
    if (chosen !== all) next.add(id);
    else next.delete(id);
  return { all, ids: next };
}

export interface Selection {
  chosen: Chosen;
  isEmpty: boolean;
  has: (id: string) => boolean;
  /** How many, of so many in all; undefined while that is not known. */
  count: (total: number | undefined) => number | undefined;
  /** @param from what it is a change of; what is chosen now, unless given */
  set: (rows: string[], chosen: boolean, from?: Chosen) => void;
  everything: () => void;
  clear: () => void;
}

/** @param of what the list shows: of another list nothing is chosen */
export function useSelection(of: string): Selection {
  const [state, setState] = useState({ of, chosen: nothing });
  const chosen = state.of === of ? state.chosen : nothing;
  return useMemo(() => {
    const { all, ids } = chosen;
    const become = (next: Chosen) => setState({ of, chosen: next });
    return {
      chosen,
      isEmpty: !all && ids.size === 0,
      has: (id) => ids.has(id) !== all,
      count: (total) => (!all ? ids.size : total === undefined ? undefined : Math.max(0, total - ids.size)),
      set: (rows, is, from = chosen) => become(withRows(from, rows, is)),
      everything: () => become({ all: true, ids: new Set() }),
      clear: () => become(nothing),
    };
  }, [chosen, of]);
}
