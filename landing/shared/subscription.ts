const toBase64Url = (bytes: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

const fromBase64Url = (text: string) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));

/**
 * The registration's push subscription with this VAPID key: the present one, or a new one. One that was made
 * with another key is given up first; `replaced` is its endpoint. `key` is what the subscription was made with, as far as
 * one knows.
 * @param vapidPublicKey P-256 point in base64url
 * @param refused called when the browser makes no new one, with the endpoint of the one that was given up before
 * @throws DOMException as PushManager.subscribe does
 */
export async function ensureSubscription(
  registration: ServiceWorkerRegistration,
  vapidPublicKey: string,
  refused: (endpoint: string | undefined) => Promise<unknown>,
) {
  const present = await registration.pushManager.getSubscription();
  const key = present?.options?.applicationServerKey;
  if (present && (!key || toBase64Url(key) === vapidPublicKey.replace(/=+$/, ''))) {
    return {
      subscription: present,
      fresh: false,
      replaced: undefined,
      // some browsers hide it
      applicationServerKey: key ? vapidPublicKey : null,
    };
  }
  await present?.unsubscribe();
  const replaced = present?.endpoint;
  try {
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: fromBase64Url(vapidPublicKey),
    });
    return { subscription, fresh: true, replaced, applicationServerKey: vapidPublicKey };
  } catch (error) {
    await refused(replaced);
    throw error;
  }
}

/** The subscription as the server takes it, with what every browser tells of itself. */
export const describeSubscription = (subscription: PushSubscription) => {
  const { endpoint, expirationTime, keys } = subscription.toJSON();
  return {
    subscription: {
      endpoint: endpoint ?? subscription.endpoint,
      expirationTime: expirationTime ?? null,
      keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' },
    },
    language: navigator.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
};
