import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least worker that shows what it gets, and notes what became of it where a page can read it. */
const worker = `
// one after the other: a click and the closing that comes with it would each write over the other's note
let noted = Promise.resolve();
const note = (line) => (noted = noted.then(async () => {
  const cache = await caches.open('notes');
  const notes = await cache.match('notes').then((found) => found?.json() ?? []);
  await cache.put('notes', new Response(JSON.stringify([...notes, line])));
}));
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('push', (event) => {
  const text = event.data?.text() ?? '';
  event.waitUntil(Promise.all([note('push ' + text), registration.showNotification(text || 'empty', { actions: [{ action: 'more', title: 'More' }] })]));
});
addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(Promise.all([note('click ' + (event.action || 'default')), clients.openWindow('/?clicked')]));
});
addEventListener('notificationclose', (event) => event.waitUntil(note('close')));
`;

export interface PlainSite {
  /** `http://127.0.0.1:PORT/`, which browsers treat as secure. */
  address: string;
  close(): Promise<void>;
}

/**
 * A website with one empty page and a service worker at /worker.js, to try browsers and push services without Belfry.
 * Every path but those of `scripts`, which may be filled later, is the page with `html` in it.
 */
export async function startPlainSite(
  html: () => string = () => '',
  scripts: Map<string, string> = new Map([['/worker.js', worker]]),
): Promise<PlainSite> {
  const server = createServer((request, response) => {
    const script = scripts.get(new URL(request.url ?? '', 'http://localhost').pathname);
    if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>Plain</title><p>Plain${html()}`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
