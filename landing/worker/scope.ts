/// <reference lib="webworker" />

/** The service worker that we run in; `belfryShared` is set by a site's own worker that imports ours. */
export type WorkerScope = Omit<ServiceWorkerGlobalScope, 'registration'> & {
  belfryShared?: boolean;
  readonly registration: ServiceWorkerRegistration & {
    readonly sync?: { register(tag: string): Promise<void> };
  };
};

/** @see https://developer.mozilla.org/docs/Web/API/ServiceWorkerGlobalScope/sync_event */
export interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/** @see https://developer.mozilla.org/docs/Web/API/ServiceWorkerGlobalScope/pushsubscriptionchange_event */
export interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}
