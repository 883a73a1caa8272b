import type { ClientConfig } from '../../main/contract/public.ts';
import { Refused, siteApi, Unreachable } from '../shared/requests.ts';
import type { SiteMemory, Store } from '../shared/store.ts';
import { describeSubscription, ensureSubscription } from '../shared/subscription.ts';
import type { Board } from './board.ts';
import { askPermission, environment } from './checks.ts';
import { Failed, kept, subscribeFailed, withdrawn } from './failures.ts';
import { locked } from './locked.ts';
import type { Options } from './options.ts';
import { findWorker, installWorker, workerRunning, workerUrl } from './worker.ts';

/** One visitor's relation to one site. Every method throws Failed, Refused or Unreachable. */
export interface Membership {
  /** Finds out where one stands and tells the server what changed. Never asks for permission. */
  sync(): Promise<void>;
  /** Walks every check, asking for permission where it is open. Call it while a click is being handled. */
  join(): Promise<void>;
  leave(): Promise<void>;
  /** Whether this site's way to ask needs the prompts. @throws Refused, Unreachable */
  prompts(): Promise<boolean>;
  /** Tells the server who left, or was lost, while it could not be reached. @throws Unreachable */
  sendRemovals(): Promise<void>;
}

export function createMembership(
  board: Board,
  store: Store,
  { site, server, workerPath, ...person }: Options & { server: string },
): Membership {
  const api = siteApi(server, site);
  const remember = (change: (memory: SiteMemory) => Partial<SiteMemory>) =>
    store.update(`site:${site}`, (memory = { server }) => ({ ...memory, server, ...change(memory) }));
  const recall = async () => (await remember(() => ({}))) ?? { server };

  let fetched: Promise<ClientConfig> | undefined;
  async function config(): Promise<ClientConfig> {
    try {
      fetched ??= api.config();
      const config = await fetched;
      await remember(() => ({ config }));
      return config;
    } catch (error) {
      fetched = undefined;
      const { config } = await recall();
      if (error instanceof Unreachable && config) return config;
      throw error;
    }
  }

  function checkEnvironment() {
    for (const [name, check] of environment) {
      check();
      board.mark(name, 'done');
    }
  }

  const workerAddress = async () => workerUrl(workerPath ?? (await config()).workerPath, site, server);

  async function subscribeAndSend(registration: ServiceWorkerRegistration, asked: boolean) {
    const { vapidPublicKey } = await config();
    let lost: string | undefined;
    const { subscription, fresh, replaced, applicationServerKey } = await board.step('subscribe', () =>
      ensureSubscription(registration, vapidPublicKey, (given) =>
        remember(({ choice = 'in', endpoint }) => {
          lost = given ?? endpoint;
          return lost ? { choice, endpoint: lost, lost } : {};
        }),
      ).catch((error: unknown) => {
        throw subscribeFailed(error, !!lost && !asked);
      }),
    );
    const { endpoint } = subscription;
    const before = await recall();
    const removals = before.removals?.filter((removal) => removal !== endpoint);
    if (asked) await remember(() => ({ choice: 'in', unsent: true, removals }));
    const intent = asked || before.unsent ? 'subscribe' : 'sync';
    const oldEndpoint = replaced ?? (before.endpoint === endpoint ? undefined : before.endpoint);
    const { origin, pathname } = location;

    await board.step('send', async () => {
      try {
        await api.subscribe({
          ...describeSubscription(subscription),
          ...person,
          topics: before.topics,
          applicationServerKey,
          intent,
          oldEndpoint,
          // without the query, which may hold what is none of our business
          page: `${origin}${pathname}`.slice(0, 2048),
        });
        await remember(() => ({ choice: 'in', endpoint, unsent: false, lost: undefined }));
      } catch (error) {
        if (error instanceof Unreachable) {
          if (intent === 'sync' && before.endpoint === endpoint) return;
          await remember(() => ({ choice: 'in', endpoint: oldEndpoint ?? before.endpoint }));
          throw kept();
        }
        const gone = error instanceof Refused && error.status === 410;
        // a subscription that the server does not want is of no use to anyone
        if (gone || fresh) await subscription.unsubscribe().catch(() => false);
        await remember(() =>
          gone
            ? { choice: 'out', endpoint: undefined, unsent: false }
            : { choice: before.choice, unsent: false },
        );
        throw error;
      }
    });
    board.settle('subscribed');
  }

  async function walk(asked: boolean) {
    const registration = await board.step('installed', async () => installWorker(await workerAddress()));
    await board.step('running', () => workerRunning(registration));
    await board.step('permission', () => (asked ? askPermission() : undefined));
    await locked(`belfry:${site}`, () => subscribeAndSend(registration, asked));
  }

  function settleUnsubscribed() {
    board.mark('subscribe', 'waiting');
    board.mark('send', 'waiting');
    board.settle('unsubscribed');
  }

  return {
    async sync() {
      checkEnvironment();
      const { choice } = await recall();
      const { permission } = Notification;
      if (permission !== 'granted') {
        board.mark('permission', 'waiting');
        if (choice === 'in') throw withdrawn(permission === 'denied');
        if (permission === 'denied') throw new Failed('permission_denied');
        settleUnsubscribed();
        // ready for the click, and a wrong key shows before someone is asked for nothing
        await config().catch((error: unknown) => {
          if (error instanceof Refused) throw error;
        });
        return;
      }
      board.mark('permission', 'done');
      const registration = await findWorker(await workerAddress());
      const subscription = await registration?.pushManager.getSubscription();
      if (choice === 'out') await subscription?.unsubscribe().catch(() => false);
      if (choice === 'in' || (subscription && choice !== 'out')) {
        try {
          await walk(false);
          return;
        } catch (error) {
          if (!(error instanceof Refused && error.status === 410)) throw error;
        }
      }
      settleUnsubscribed();
    },

    async join() {
      board.begin('subscribing');
      checkEnvironment();
      await walk(true);
    },

    async leave() {
      board.settle('leaving');
      await locked(`belfry:${site}`, async () => {
        const url = await workerAddress().catch(() => undefined);
        const registration = url && (await findWorker(url));
        const subscription = await registration?.pushManager.getSubscription();
        await remember(({ endpoint, removals = [] }) => ({
          choice: 'out',
          endpoint: undefined,
          unsent: false,
          lost: undefined,
          removals: [...new Set([...removals, subscription?.endpoint ?? '', endpoint ?? ''])].filter(Boolean),
        }));
        // should it fail, the next sync does it
        await subscription?.unsubscribe().catch(() => false);
      });
      settleUnsubscribed();
    },

    async prompts() {
      const { kind, welcome } = (await config()).prompt;
      return !!welcome || kind !== 'page';
    },

    async sendRemovals() {
      const { removals = [], lost } = await recall();
      for (const endpoint of [lost, ...removals]) {
        if (!endpoint) continue;
        await api.remove(endpoint, endpoint === lost || undefined).catch((error: unknown) => {
          if (error instanceof Unreachable) throw error;
        });
        await remember((memory) => ({
          removals: memory.removals?.filter((other) => other !== endpoint),
          lost: undefined,
        }));
      }
    },
  };
}
