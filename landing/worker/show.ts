import { sendReport } from '../shared/reports.ts';
import type { Store } from '../shared/store.ts';
import { later, reportsTag } from './later.ts';
import type { OurData, Shown } from './payload.ts';
import type { WorkerScope } from './scope.ts';

/** Shows a message, at once and whatever it takes, and only then reports it. */
export async function show(
  scope: WorkerScope,
  store: Store,
  { title, options, badge }: Shown,
): Promise<void> {
  const { data, body, tag } = options;
  await scope.registration
    .showNotification(title, options)
    // options that contradict each other are refused as a whole: the words are what matters
    .catch(() => scope.registration.showNotification(title, { data, tag, ...(body && { body }) }));
  if (badge !== null) {
    const { navigator } = scope;
    if ('setAppBadge' in navigator) await navigator.setAppBadge(badge).catch(() => {});
  }
  await report(scope, store, data.belfry, 'shown');
}

/**
 * Reports what became of a notification, when it is one of a delivery. What cannot be sent now is sent when the browser
 * is online again, where it tells (Background Sync), and else with the next event. Never rejects.
 */
export async function report(
  scope: WorkerScope,
  store: Store,
  { token, events }: OurData,
  type: 'shown' | 'clicked' | 'closed',
  action = '',
): Promise<void> {
  if (!token || !events) return;
  const sent = await sendReport(store, events, { token, type, ...(action && { action }), at: Date.now() });
  if (!sent) await later(scope, reportsTag);
}
