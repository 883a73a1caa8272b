import { sendKeptReports } from '../shared/reports.ts';
import { openStore } from '../shared/store.ts';
import { later, renewTag, reportsTag } from './later.ts';
import { openPage } from './open.ts';
import { type OurData, readPayload, unreadable } from './payload.ts';
import { renew } from './renew.ts';
import type { SubscriptionChange, SyncEvent, WorkerScope } from './scope.ts';
import { report, show } from './show.ts';

/*
 * Belfry's service worker: alone, or imported into a site's own worker:
 *
 *   self.belfryShared = true;
 *   importScripts('https://push.example.com/belfry-sw.js');
 *
 * Then it keeps to Belfry's messages and leaves the worker's life to the site.
 */
declare const self: WorkerScope;

const shared = self.belfryShared === true;
const store = openStore();
/** Tokens of notifications that were clicked: Firefox then fires notificationclose, too, and nobody dismissed them. */
const clicked = new Set<string>();

/** What one of our notifications carries; null for another's. */
const ours = ({ data }: Notification): OurData | null => data?.belfry ?? null;

self.addEventListener('push', (event) => {
  const { scope } = self.registration;
  const message = readPayload(event.data?.text() ?? '', scope);
  if (shared && !message?.options.data.belfry.token) return;
  event.waitUntil(show(self, store, message ?? unreadable(scope)));
});

self.addEventListener('notificationclick', (event) => {
  const data = ours(event.notification);
  if (!data) return;
  const { action } = event;
  if (data.token) clicked.add(data.token);
  event.notification.close();
  event.waitUntil(
    Promise.all([
      openPage(self, data.actions[action] ?? data.navigate),
      report(self, store, data, 'clicked', action),
    ]),
  );
});

self.addEventListener('notificationclose', (event) => {
  const data = ours(event.notification);
  if (data && !clicked.delete(data.token ?? '')) event.waitUntil(report(self, store, data, 'closed'));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  const change = event as SubscriptionChange;
  change.waitUntil(
    renew(self, store, change).catch(async (error: unknown) => {
      await later(self, renewTag);
      throw error;
    }),
  );
});

// the browser tries again by itself, ever more rarely, while these reject
self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag === reportsTag) {
    sync.waitUntil(
      sendKeptReports(store).then((done) => {
        if (!done) throw new Error('Belfry cannot be reached yet');
      }),
    );
  }
  if (sync.tag === renewTag) sync.waitUntil(renew(self, store, {}));
});

if (!shared) {
  // no page depends on which version of us runs: we answer no requests
  self.addEventListener('install', () => void self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}
self.addEventListener('activate', (event) => event.waitUntil(sendKeptReports(store)));
