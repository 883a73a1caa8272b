import { ORPCError } from '@orpc/client';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import type { Client } from '../door.ts';

const utils = (client: Client) => createTanstackQueryUtils(client);
/** Query and mutation options for every procedure of the contract. */
export type Api = ReturnType<typeof utils>;

interface Core {
  client: Client;
  api: Api;
}
const CoreContext = createContext<Core | null>(null);

/** Hands the core to every screen below. */
export function CoreProvider({ client, api, children }: Core & { children: ReactNode }) {
  return <CoreContext value={{ client, api }}>{children}</CoreContext>;
}

function useCore(): Core {
  const core = useContext(CoreContext);
  if (!core) throw new Error('There is no CoreProvider above this component.');
  return core;
}
/** The contract as query and mutation options. */
export const useApi = (): Api => useCore().api;
/** The contract as plain asynchronous calls, for what is not a query. */
export const useClient = (): Client => useCore().client;

export const createApi = utils;

/**
 * The cache of what the core answered. Live events keep it fresh, so nothing is asked again just because time went by
 * or a window came to the front. The core is on this machine or answers over a cookie: the browser's idea of being
 * online says nothing about it.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 60_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (failures, error) => !(error instanceof ORPCError) && failures < 1,
        retryDelay: 300,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
