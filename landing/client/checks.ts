import { Failed } from './failures.ts';
import type { StepName } from './state.ts';

/** iOS and iPadOS; the latter calls itself a Mac, but no Mac has a touch screen. */
const isIos = () =>
  /iP(hone|ad|od)/.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

const onHomeScreen = () =>
  ('standalone' in navigator && navigator.standalone === true) ||
  matchMedia('(display-mode: standalone)').matches;

/** What the browser must have, each with why not. They neither ask nor install anything. */
export const environment: [StepName, () => void][] = [
  [
    'secure',
    () => {
      if (!isSecureContext) throw new Failed('insecure_origin');
    },
  ],
  [
    'workers',
    () => {
      if (!('serviceWorker' in navigator)) {
        throw isIos() && !onHomeScreen()
          ? new Failed('ios_home_screen', { step: 'workers' })
          : new Failed('workers_unsupported');
      }
    },
  ],
  [
    'push',
    () => {
      if (!('PushManager' in globalThis && 'Notification' in globalThis)) {
        throw new Failed(isIos() && !onHomeScreen() ? 'ios_home_screen' : 'push_unsupported');
      }
    },
  ],
];

/**
 * Asks the browser for permission unless it has been answered. Call it while a click is being handled.
 * @throws Failed permission_denied, permission_dismissed
 */
export async function askPermission(): Promise<void> {
  if (Notification.permission === 'default') await Notification.requestPermission();
  // read, not taken from the answer: old Safari answers through a callback only
  if (Notification.permission === 'denied') throw new Failed('permission_denied');
  if (Notification.permission !== 'granted') throw new Failed('permission_dismissed');
}
