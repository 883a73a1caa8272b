import { sendKeptReports } from '../shared/reports.ts';
import { openStore } from '../shared/store.ts';
import { openPage } from './open.ts';
import { type OurData, readPayload, unreadable } from './payload.ts';
import { renew } from './renew.ts';
import type { SubscriptionChange, WorkerScope } from './scope.ts';
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
      report(store, data, 'clicked', action),
    ]),
  );
});

self.addEventListener('notificationclose', (event) => {
  const data = ours(event.notification);
  if (data && !clicked.delete(data.token ?? '')) event.waitUntil(report(store, data, 'closed'));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  (event as SubscriptionChange).waitUntil(renew(self, store, event as SubscriptionChange));
});

if (!shared) {
  // no page depends on which version of us runs: we answer no requests
  self.addEventListener('install', () => void self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}
self.addEventListener('activate', (event) => event.waitUntil(sendKeptReports(store)));
