import {
  keepPreviousData,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type { Page } from '../../main/contract/common.ts';

interface Options<T> {
  queryKey: readonly unknown[];
  /** Fetches the page after `cursor`, or the first one; given up when something else is asked for meanwhile. */
  fetch: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
}

/**
 * A keyset list that grows as it is scrolled. `changed()` tells it that the data moved: it asks again at once when
 * nothing that is being looked at would jump, and otherwise waits until `refresh` or until it is safe.
 */
export function usePages<T>({ queryKey, fetch }: Options<T>) {
  const queries = useQueryClient();
  const query: UseInfiniteQueryResult<{ pages: Page<T>[] }> = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }: { pageParam: string | undefined; signal: AbortSignal }) =>
      fetch(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<T>) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const safe = useRef(true);
  const [waiting, setWaiting] = useState(false);
  const { refetch, fetchNextPage, isFetchingNextPage } = query;
  const few = (query.data?.pages.length ?? 0) <= 2;
  const refresh = useCallback(() => {
    setWaiting(false);
    void refetch();
  }, [refetch]);
  const look = useEffectEvent(() => {
    if ((safe.current && few) || rows.length === 0) refresh();
    else setWaiting(true);
  });
  const pause = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (pause.current !== null) clearTimeout(pause.current);
    },
    [],
  );
  /** However often it is called: looked at soon, and not again for a while. */
  const changed = () => {
    pause.current ??= setTimeout(() => {
      pause.current = null;
      look();
    }, 700);
  };
  return {
    rows,
    waiting,
    changed,
    /** From the top, with what is new. */
    startOver: () => {
      setWaiting(false);
      void queries.resetQueries({ queryKey, exact: true });
    },
    list: {
      rows,
      pending: query.isPending,
      stale: query.isPlaceholderData,
      error: query.error,
      onRetry: refresh,
      hasMore: query.hasNextPage,
      onMore: () => {
        if (!isFetchingNextPage) void fetchNextPage();
      },
      onSettled: (atTop: boolean) => {
        safe.current = atTop;
        if (atTop && waiting && few) refresh();
      },
    },
  };
}
