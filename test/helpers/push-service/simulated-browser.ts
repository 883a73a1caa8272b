import { decrypt, makeSubscription } from '../decrypt.ts';
import type { PushMessage, Subscriptions } from './subscriptions.ts';

export interface SimulatedBrowser {
  /** What PushSubscription.toJSON() gives. */
  subscription: { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } };
  /** Every message that the service passed on, decrypted. */
  received: string[];
}

/** A subscription with keys of its own that decrypts what it gets, without a browser. */
export function createSimulatedBrowser(
  subscriptions: Subscriptions,
  endpointBase: string,
  applicationServerKey: string | null,
): SimulatedBrowser {
  const keys = makeSubscription();
  const received: string[] = [];
  const { token } = subscriptions.add(applicationServerKey, (message: PushMessage) => {
    try {
      received.push(message.body.length === 0 ? '' : decrypt(keys, message.body).toString());
      subscriptions.acknowledgements.push({ id: message.id, outcome: 'shown' });
    } catch {
      subscriptions.acknowledgements.push({ id: message.id, outcome: 'undecryptable' });
    }
  });
  return {
    subscription: {
      endpoint: `${endpointBase}/${token}`,
      expirationTime: null,
      keys: { p256dh: keys.p256dh.toString('base64url'), auth: keys.auth.toString('base64url') },
    },
    received,
  };
}
