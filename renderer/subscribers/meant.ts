import type { People } from '../../main/contract/changes.ts';
import type { Expression } from '../../main/contract/expressions.ts';
import type { Selection } from '../parts/selection.ts';
import type { views } from './address.ts';

/** What the list is narrowed to. */
export interface Narrowed {
  state: (typeof views)[number];
  search?: string | undefined;
  segment?: string | undefined;
  /** An expression, as JSON. */
  matching?: string | undefined;
}

/** Who is chosen, as a change takes it. */
export function meantBy({ chosen: { all, ids } }: Selection, { matching, ...list }: Narrowed): People {
  if (!all) return { subscribers: [...ids] };
  return {
    state: list.state,
    ...(list.search && { search: list.search }),
    ...(list.segment && { segment: list.segment }),
    ...(matching && { matching: JSON.parse(matching) as Expression }),
    ...(ids.size > 0 && { except: [...ids] }),
  };
}
