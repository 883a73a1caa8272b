import { useNavigate, useSearch } from '@tanstack/react-router';
import type { PeopleSort } from '../../main/contract/subscribers.ts';
import type { Sorting } from '../parts/data-list.tsx';

const from = '/sites/$site/subscribers';
const usual = (by: PeopleSort) => (by === 'externalId' ? 'asc' : 'desc');

/**
 * How the list is sorted: by what its address says. What is narrowed has the newest first, and no other order.
 */
export function useSorting(narrowed: boolean) {
  const navigate = useNavigate({ from });
  const asked = useSearch({ from });
  const wanted = asked.sort ?? 'added';
  const sort = narrowed ? 'added' : wanted;
  const order = narrowed ? 'desc' : (asked.order ?? usual(wanted));
  const sortingOf = (by: PeopleSort): Sorting | undefined => {
    if (narrowed) return undefined;
    const other = order === 'asc' ? 'desc' : 'asc';
    const next = by === sort ? other : usual(by);
    return {
      now: by !== sort ? null : order === 'asc' ? 'ascending' : 'descending',
      onSort: () =>
        void navigate({
          search: (before) => ({
            ...before,
            sort: by === 'added' ? undefined : by,
            order: next === usual(by) ? undefined : next,
          }),
          replace: true,
        }),
    };
  };
  return { sort, order, sortingOf } as const;
}
