import { useNavigate, useSearch } from '@tanstack/react-router';
import type { PeopleSort } from '../../main/contract/subscribers.ts';
import type { Sorting } from '../parts/data-list.tsx';

const from = '/sites/$site/subscribers';
const usual = (by: PeopleSort) => (by === 'externalId' ? 'asc' : 'desc');

/**
 * How the list is sorted: by what its address says, where that is offered. What a search finds has the newest first;
 * what is filtered, the newest or the oldest.
 */
export function useSorting({ searched, filtered }: { searched: boolean; filtered: boolean }) {
  const navigate = useNavigate({ from });
  const asked = useSearch({ from });
  const isOffered = (by: PeopleSort) => !searched && (by === 'added' || !filtered);
  const wanted = asked.sort ?? 'added';
  const sort = isOffered(wanted) ? wanted : 'added';
  const order = isOffered(wanted) ? (asked.order ?? usual(wanted)) : 'desc';
  const sortingOf = (by: PeopleSort): Sorting | undefined => {
    if (!isOffered(by)) return undefined;
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
