import type { Context, Prompts } from '../prompts/prompts.ts';
import { sendKeptReports, sendReport } from '../shared/reports.ts';
import { Refused, Unreachable } from '../shared/requests.ts';
import { openStore } from '../shared/store.ts';
import { takeToken } from '../shared/token.ts';
import { createBoard } from './board.ts';
import { Failed } from './failures.ts';
import { createMembership, type Membership } from './membership.ts';
import type { Options } from './options.ts';
import type { State } from './state.ts';

/** What a page can ask. Every promise resolves to where one stands then, and none rejects. */
export interface Belfry {
  /** Begins, and again with other options after a login. Asks for nothing. */
  init(options: Options): Promise<State>;
  /** Subscribes this browser. Call it from a click: the browser may ask for permission. */
  subscribe(): Promise<State>;
  /** Leaves: in the browser at once, and on the server as soon as it answers. */
  unsubscribe(): Promise<State>;
  /**
   * Shows the site's prompt, in another form if `kind` names one; to a subscriber what they can change. Resolves once
   * it was put away, or at once when it cannot be loaded.
   */
  ask(kind?: 'bell' | 'banner' | 'panel'): Promise<State>;
  state(): State;
  /** Calls `listener` after every change. @returns what ends it */
  on(event: 'state', listener: (state: State) => void): () => void;
}

/** Waits between attempts to reach the server, in milliseconds: doubled each time, up to the longest. */
const firstWait = 5000;
const longestWait = 300_000;

/** @param defaultServer origin of Belfry's public address, for when `init` names none */
export function createBelfry(defaultServer: string): Belfry {
  const board = createBoard();
  const store = openStore();
  let member: Membership | null = null;
  let channel: BroadcastChannel | null = null;
  let running: { kind: string; promise: Promise<State> } | null = null;
  let attempts = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let context: Context | undefined;
  let prompts: Promise<Prompts> | undefined;

  const conclude = (error: unknown) => {
    if (error instanceof Failed) board.fail(error);
    else if (error instanceof Unreachable) board.fail(new Failed('server_unreachable'));
    else if (error instanceof Refused) {
      board.fail(new Failed('server_refused', error.message ? { message: error.message } : {}));
    } else {
      const step = board.state().steps.find(({ state }) => state === 'running')?.name;
      board.fail(new Failed('unexpected', step ? { step } : {}));
    }
  };

  const later = () => {
    clearTimeout(retry);
    const wait = Math.min(longestWait, firstWait * 2 ** attempts++) * (0.5 + Math.random() / 2);
    retry = setTimeout(sync, wait);
  };

  /** One thing at a time; the same thing twice at a time is one thing. */
  const enqueue = (kind: string, work: (member: Membership) => Promise<void>): Promise<State> => {
    if (running?.kind === kind) return running.promise;
    const before: Promise<unknown> = running?.promise ?? Promise.resolve();
    const promise = before.then(async () => {
      clearTimeout(retry);
      retry = undefined;
      try {
        if (!member) throw new Failed('not_set_up');
        await work(member);
      } catch (error) {
        conclude(error);
      }
      if (kind === 'join' || kind === 'leave') channel?.postMessage(board.state());
      try {
        await member?.sendRemovals();
        if (board.state().status === 'kept') later();
        else attempts = 0;
      } catch {
        later();
      }
      if (running?.promise === promise) running = null;
      return board.state();
    });
    running = { kind, promise };
    return promise;
  };
  const sync = () => enqueue('sync', (current) => current.sync());

  /** Where a browser shows declarative messages itself, only the page that opens can tell of the click. */
  const reportClick = (server: string) => {
    const { address, token } = takeToken(location.href, location.href);
    if (token === null || address === null) return;
    history.replaceState(history.state, '', address);
    if (token === '') return;
    void sendReport(store, `${server}/v1/events`, { token, type: 'clicked', at: Date.now() });
  };

  const watch = () => {
    window.addEventListener('online', () => {
      if (retry !== undefined) void sync();
    });
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) void sync();
    });
    navigator.permissions
      ?.query({ name: 'notifications' })
      .then((permission) => {
        permission.onchange = () => {
          if (!running) void sync();
        };
      })
      .catch(() => {});
  };

  const listenToTabs = (site: string) => {
    channel?.close();
    try {
      channel = new BroadcastChannel(`belfry:${site}`);
      channel.onmessage = ({ data }: MessageEvent<State>) => {
        if (!running) board.adopt(data);
      };
    } catch {
      channel = null;
    }
  };

  /** Fetches the prompts, once; by `import`, which a strict policy lets a script do that it trusts. */
  const load = () => {
    prompts ??= import(/* @vite-ignore */ `${context?.server}/belfry-prompts.js`)
      .then(({ start }) => start(context))
      .catch((error) => {
        prompts = undefined;
        throw error;
      });
    return prompts as Promise<Prompts>;
  };

  const client: Belfry = {
    init(options) {
      const server = (options.server ?? defaultServer).replace(/\/$/, '');
      if (!member) watch();
      member = createMembership(board, store, { ...options, server });
      listenToTabs(options.site);
      reportClick(server);
      context = { client, ...options, server, store, sync };
      void store.update('current', () => ({ site: options.site, server })).then(() => sendKeptReports(store));
      const begun = enqueue(`init ${JSON.stringify(options)}`, (current) => current.sync());
      void begun
        .then(() => member?.prompts())
        .then((wanted) => (wanted ? load() : undefined))
        .catch(() => {});
      return begun;
    },
    subscribe: () => enqueue('join', (current) => current.join()),
    unsubscribe: () => enqueue('leave', (current) => current.leave()),
    ask: (kind) =>
      load()
        .then((loaded) => loaded.ask(kind))
        .catch(() => running?.promise ?? board.state()),
    state: board.state,
    on: (_event, listener) => board.on(listener),
  };
  return client;
}
