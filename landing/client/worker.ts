import { Failed } from './failures.ts';

const startTime = 20_000;

const scriptOf = (registration: ServiceWorkerRegistration) =>
  new URL(
    (registration.active ?? registration.waiting ?? registration.installing)?.scriptURL ?? '/',
    location.href,
  );

/** The worker's address, which tells it whose it is. */
export function workerUrl(path: string, site: string, server: string): URL {
  const url = new URL(path, location.href);
  url.searchParams.set('site', site);
  url.searchParams.set('server', server);
  return url;
}

/**
 * The registration at the worker's scope when it runs this very file, be it ours or a site's own that imports
 * ours; undefined when there is none or another vendor's.
 */
export async function findWorker(url: URL): Promise<ServiceWorkerRegistration | undefined> {
  const registration = await navigator.serviceWorker
    .getRegistration(new URL('.', url))
    .catch(() => undefined);
  return registration && scriptOf(registration).pathname === url.pathname ? registration : undefined;
}

function storageBlocked() {
  try {
    return localStorage === null;
  } catch {
    return true;
  }
}

/**
 * Registers the worker, unless the site itself registered that file.
 * @throws Failed worker_not_installed, storage_blocked, server_unreachable
 */
export async function installWorker(url: URL): Promise<ServiceWorkerRegistration> {
  const present = await findWorker(url);
  // registering the site's own file under our query would make the two replace each other on every load
  if (present && !scriptOf(present).searchParams.has('site')) return present;
  try {
    return await navigator.serviceWorker.register(url);
  } catch {
    if (!navigator.onLine) throw new Failed('server_unreachable', { step: 'installed' });
    throw new Failed(storageBlocked() ? 'storage_blocked' : 'worker_not_installed');
  }
}

/**
 * Resolves once the registration has an active worker.
 * @throws Failed worker_not_running when it gives up or takes longer than 20 s
 */
export async function workerRunning(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise<void>((done, fail) => {
    const timer = setTimeout(() => fail(new Failed('worker_not_running')), startTime);
    const look = () => {
      if (worker.state !== 'activated' && worker.state !== 'redundant') return;
      clearTimeout(timer);
      worker.removeEventListener('statechange', look);
      if (worker.state === 'activated') done();
      else fail(new Failed('worker_not_running'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
}
