import { ORPCError } from '@orpc/client';
import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useState,
} from 'react';
import type { LiveEvent } from '../../main/contract/system.ts';
import { useApi, useClient } from './api.tsx';
import { createCachePatcher } from './live-cache.ts';

/** `live`: events arrive. `lost`: the core does not answer; tried again by itself. `signed-out`: it wants the token. */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'signed-out';

type Listener = (event: LiveEvent) => void;
interface Connection {
  state: ConnectionState;
  retryNow(): void;
  listen(listener: Listener): () => void;
}
const ConnectionContext = createContext<Connection | null>(null);

const shortest = 400;
const longest = 8000;

/** Resolves after the time or when woken, whichever comes first. */
const pause = (milliseconds: number, signal: AbortSignal, wakers: Set<() => void>) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      wakers.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    wakers.add(done);
    signal.addEventListener('abort', done);
  });

/** Follows the core's live events, patches the caches with them, and comes back by itself when the core was away. */
export function ConnectionProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const api = useApi();
  const queries = useQueryClient();
  const [state, setState] = useState<ConnectionState>('connecting');
  const [listeners] = useState(() => new Set<Listener>());
  const [wakers] = useState(() => new Set<() => void>());

  useEffect(() => {
    const stop = new AbortController();
    const patcher = createCachePatcher(queries, api);
    let wait = shortest;
    let wasAway = false;
    const receive = (event: LiveEvent) => {
      if (event.type === 'hello') {
        wait = shortest;
        setState('live');
        if (wasAway) void queries.invalidateQueries({}, { cancelRefetch: false });
        wasAway = false;
      }
      patcher.apply(event);
      for (const listener of listeners) listener(event);
    };
    const follow = async () => {
      while (!stop.signal.aborted) {
        try {
          const events = await client.system.watch(undefined, { signal: stop.signal });
          for await (const event of events) receive(event);
          setState('lost');
        } catch (error) {
          const refused = error instanceof ORPCError && (error.status === 401 || error.status === 403);
          setState(refused ? 'signed-out' : 'lost');
        }
        wasAway = true;
        await pause(wait, stop.signal, wakers);
        wait = Math.min(wait * 2, longest);
      }
    };
    void follow();
    const wake = () => {
      if (document.visibilityState === 'visible') for (const waker of wakers) waker();
    };
    window.addEventListener('focus', wake);
    return () => {
      stop.abort();
      patcher.stop();
      window.removeEventListener('focus', wake);
    };
  }, [client, api, queries, listeners, wakers]);

  const connection = useMemo<Connection>(
    () => ({
      state,
      retryNow() {
        for (const waker of wakers) waker();
      },
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    [state, listeners, wakers],
  );
  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}

/** Whether the core can be reached, and a way to try at once. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('There is no ConnectionProvider above this component.');
  return connection;
}

/** Calls `listener` with every live event while the component is on screen. */
export function useLive(listener: Listener) {
  const { listen } = useConnection();
  const latest = useEffectEvent(listener);
  useEffect(() => listen((event) => latest(event)), [listen]);
}
