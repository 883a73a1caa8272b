import { takeToken } from '../shared/token.ts';
import type { WorkerScope } from './scope.ts';

/**
 * Brings a page to the front: a tab that shows it already, or else a new one. A tab that shows another page of
 * the site is left alone, since someone may be in the middle of something there.
 */
export async function openPage(scope: WorkerScope, address: string): Promise<void> {
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = pages.find(({ url }) => takeToken(url, url).address === address);
  // a browser that does not let us focus may still let us open
  const focused = await open?.focus().catch(() => null);
  if (!focused) await scope.clients.openWindow(address).catch(() => null);
}
