import type { BrowserContext } from 'playwright-core';

/** What the stubbed browser does when a page subscribes: an exception's name, or null to subscribe. */
export type PushOutcome = 'AbortError' | 'NotAllowedError' | 'InvalidAccessError' | null;

/**
 * Replaces what needs a push service (PushManager's subscribe and getSubscription, PushSubscription's
 * unsubscribe) in every page of a context. The subscription is kept in localStorage, so that tabs share it and a
 * reload finds it, as in a browser. Real subscriptions are tested against real push services elsewhere.
 *
 * In the page: `localStorage['test-push']` is a PushOutcome by name, `localStorage['test-subscription']` the
 * subscription. With `localStorage['test-hide-key']` the browser does not say which key that was made with.
 */
export async function stubPushManager(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    if (!('PushManager' in globalThis)) return;
    const place = 'test-subscription';
    const toText = (bytes: ArrayBuffer) =>
      btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '');
    const toBytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)).buffer;

    const present = () => {
      const kept = localStorage.getItem(place);
      if (kept === null) return null;
      const { endpoint, key } = JSON.parse(kept) as { endpoint: string; key: string };
      return {
        endpoint,
        options: {
          userVisibleOnly: true,
          applicationServerKey: localStorage.getItem('test-hide-key') ? null : toBytes(key),
        },
        toJSON: () => ({
          endpoint,
          expirationTime: null,
          keys: { p256dh: 'p256dh-of-test', auth: 'auth-of-test' },
        }),
        unsubscribe: async () => {
          localStorage.removeItem(place);
          return true;
        },
      };
    };
    Object.assign(PushManager.prototype, {
      getSubscription: async () => present(),
      subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
        const failure = localStorage.getItem('test-push');
        if (failure) throw new DOMException('Registration failed', failure);
        const key = toText(applicationServerKey.buffer);
        const made = Number(localStorage.getItem('test-made') ?? 0) + 1;
        localStorage.setItem('test-made', String(made));
        localStorage.setItem(place, JSON.stringify({ endpoint: `https://push.example/${made}`, key }));
        return present();
      },
    });
  });
}
