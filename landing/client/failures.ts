import type { Failure, FailureCode, Status, StepName } from './state.ts';

const otherBrowser = 'an up-to-date Chrome, Edge, Firefox or Safari';
const siteFault = 'Please try again later. If it stays like this, tell the people who run this site.';
const again = 'Subscribe again if you still want them.';
const unblock =
  'Click the icon to the left of the address, set notifications to “Allow”, and come back to this page.';

/** Every way to fail: the check it belongs to, what happened, and what the visitor can do. */
const texts: Record<FailureCode, [StepName, string, string]> = {
  not_set_up: ['send', 'This site is not set up for notifications yet.', 'Please come back a little later.'],
  insecure_origin: [
    'secure',
    'This page was not opened over a secure connection.',
    'Put https:// in front of its address and open it again.',
  ],
  workers_unsupported: [
    'workers',
    'This browser cannot receive notifications here.',
    `If this is a private window, use a normal one. Otherwise open the page in ${otherBrowser}.`,
  ],
  push_unsupported: [
    'push',
    'This browser does not receive notifications from websites.',
    `Open the page in ${otherBrowser}, not inside another app.`,
  ],
  ios_home_screen: [
    'push',
    'On an iPhone or iPad, only sites on the Home Screen may send notifications.',
    'Tap Share, choose “Add to Home Screen”, and open this site from there.',
  ],
  storage_blocked: [
    'installed',
    'Your browser does not let this site keep anything, so it cannot remember that you subscribed.',
    'Allow cookies and site data for this site in your browser’s settings, then reload the page.',
  ],
  worker_not_installed: [
    'installed',
    'The part that receives notifications could not be installed.',
    siteFault,
  ],
  worker_not_running: [
    'running',
    'The part that receives notifications did not start.',
    'Reload the page and try again.',
  ],
  permission_denied: ['permission', 'Notifications from this site are blocked in your browser.', unblock],
  permission_dismissed: [
    'permission',
    'Your browser asked, and the question was closed without an answer.',
    'Press the button once more and choose “Allow”.',
  ],
  permission_withdrawn: [
    'permission',
    'You were subscribed, but this browser no longer allows our notifications.',
    again,
  ],
  private_window: [
    'subscribe',
    'Your browser does not deliver notifications to private windows.',
    'Open this page in a normal window and subscribe there.',
  ],
  push_service_refused: [
    'subscribe',
    'Your browser’s push service, which carries the notifications, did not accept the subscription.',
    'Check that you are online and try again. A firewall or VPN can be in the way, too.',
  ],
  subscription_lost: [
    'subscribe',
    'You were subscribed to our notifications, but this browser did not renew it.',
    again,
  ],
  server_refused: ['send', 'This site did not accept the subscription.', siteFault],
  server_unreachable: [
    'send',
    'This site’s server cannot be reached right now.',
    'Check that you are online and try again in a moment.',
  ],
  unexpected: ['send', 'Something unexpected went wrong.', 'Reload the page and try again.'],
};

/** What no second attempt changes before the visitor has done something about it. */
const final: FailureCode[] = [
  'not_set_up',
  'insecure_origin',
  'workers_unsupported',
  'push_unsupported',
  'ios_home_screen',
  'storage_blocked',
  'permission_denied',
  'private_window',
];

/** What makes the walk through the checks stop. */
export class Failed extends Error {
  declare readonly failure: Failure;
  /** What one is then. */
  declare readonly status: Status;
  /** @param other texts, step and status that fit the case better than the usual ones */
  constructor(code: FailureCode, { status, ...other }: Partial<Failure> & { status?: Status } = {}) {
    super(code);
    const [step, message, advice] = texts[code];
    this.failure = { step, code, message, advice, ...other };
    this.status = status ?? (final.includes(code) ? 'unavailable' : 'failed');
  }
}

/** The permission is gone from someone who was subscribed: blocked, or only forgotten by the browser. */
export const withdrawn = (blocked: boolean) =>
  new Failed(
    'permission_withdrawn',
    blocked ? { status: 'unavailable', advice: unblock } : { status: 'unsubscribed' },
  );

/** The browser is subscribed and the server does not know yet. */
export const kept = () =>
  new Failed('server_unreachable', {
    status: 'kept',
    message: 'This browser is ready, but this site’s server cannot be reached right now.',
    advice:
      'There is nothing more to do: it will be told as soon as it answers, at the latest on your next visit.',
  });

/**
 * @param error what PushManager.subscribe threw (Push API, 3.4)
 * @param lost whether one was subscribed before, and nobody asked for a change
 */
export function subscribeFailed(error: unknown, lost: boolean): Failed {
  const { name, message } = error instanceof DOMException ? error : { name: '', message: '' };
  // in a private window Chromium grants the permission and then refuses all the same, with an AbortError
  if (name === 'NotAllowedError' || message.includes('permission denied')) {
    return new Failed(Notification.permission === 'granted' ? 'private_window' : 'permission_denied');
  }
  if (name === 'InvalidAccessError' || name === 'InvalidCharacterError') {
    return new Failed('not_set_up', { step: 'subscribe' });
  }
  if (lost) return new Failed('subscription_lost', { status: 'unsubscribed' });
  // Brave carries no push messages until its owner allows Google's service
  const brave = 'brave' in navigator && {
    message: 'Brave has push messages switched off.',
    advice:
      'Open brave://settings/privacy, switch on “Use Google services for push messaging”, restart Brave and try again.',
  };
  return new Failed('push_service_refused', brave || {});
}
