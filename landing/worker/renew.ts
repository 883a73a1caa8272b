import { Refused, siteApi } from '../shared/requests.ts';
import type { Store } from '../shared/store.ts';
import { describeSubscription, ensureSubscription } from '../shared/subscription.ts';
import type { SubscriptionChange, WorkerScope } from './scope.ts';

/**
 * Subscribes again after the browser changed or dropped the subscription (Push API, 11.3), and tells the server.
 * What fails here, the client does on the next page load.
 */
export async function renew(
  scope: WorkerScope,
  store: Store,
  event: Pick<SubscriptionChange, 'oldSubscription'>,
): Promise<void> {
  const query = new URL(scope.location.href).searchParams;
  const current = await store.update('current', (value) => value);
  const site = query.get('site') ?? current?.site;
  const server = query.get('server') ?? current?.server;
  if (!site || !server) return;
  const key = `site:${site}` as const;
  const memory = await store.update(key, (value) => value);
  if (memory?.choice === 'out') return;

  const api = siteApi(server, site);
  const { vapidPublicKey } = await api.config();
  const { subscription, replaced, applicationServerKey } = await ensureSubscription(
    scope.registration,
    vapidPublicKey,
    async (given) => {
      const gone = event.oldSubscription?.endpoint ?? given ?? memory?.endpoint;
      if (!gone) return;
      const keep = (lost?: string) =>
        store.update(key, (value) => ({ server, ...value, choice: 'in', endpoint: gone, lost }));
      await api.remove(gone, true).then(
        () => keep(),
        () => keep(gone),
      );
    },
  );
  const { endpoint } = subscription;
  const old = event.oldSubscription?.endpoint ?? replaced ?? memory?.endpoint;
  try {
    await api.subscribe({
      ...describeSubscription(subscription),
      applicationServerKey,
      intent: memory?.unsent ? 'subscribe' : 'sync',
      oldEndpoint: old === endpoint ? undefined : old,
    });
    await store.update(key, (value) => ({
      server,
      ...value,
      endpoint,
      choice: 'in',
      unsent: false,
      lost: undefined,
    }));
  } catch (error) {
    if (!(error instanceof Refused && error.status === 410)) throw error;
    await subscription.unsubscribe();
    await store.update(key, (value) => ({
      server,
      ...value,
      endpoint: undefined,
      choice: 'out',
      unsent: false,
    }));
  }
}
