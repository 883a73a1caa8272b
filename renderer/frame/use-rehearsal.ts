import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useApi, useClient } from './api.tsx';
import { useConnection } from './connection.tsx';

/** How the rehearsal stands, as last heard; `useRehearsalFeed` in the frame keeps it fresh. */
export function useRehearsal() {
  const api = useApi();
  return useQuery(api.rehearsal.get.queryOptions());
}

/**
 * Follows the rehearsal while it is worth it: while people are made or removed, and as long as a practice site is on
 * screen. What it hears goes into the cache that `useRehearsal` reads.
 */
export function useRehearsalFeed(onScreen: boolean) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const { state: connection } = useConnection();
  const { data } = useRehearsal();
  const working = data?.state === 'making' || data?.state === 'removing';
  const follow = connection === 'live' && (working || onScreen);

  useEffect(() => {
    if (!follow) return;
    const stop = new AbortController();
    const listen = async () => {
      const told = await client.rehearsal.watch(undefined, { signal: stop.signal });
      for await (const rehearsal of told) {
        if (stop.signal.aborted) return;
        queries.setQueryData(api.rehearsal.get.queryKey(), rehearsal);
      }
    };
    // a core that is away is said by the connection, which begins this again when it is back
    listen().catch(() => {});
    return () => stop.abort();
  }, [follow, client, queries, api]);
}
