import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
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
  const keys = createECDH('prime256v1');
  const publicKey = keys.generateKeys();
  const auth = randomBytes(16);
  const received: string[] = [];
  const { token } = subscriptions.add(applicationServerKey, (message: PushMessage) => {
    try {
      received.push(decrypt(message.body, { secretWith: (key) => keys.computeSecret(key), publicKey, auth }));
      subscriptions.acknowledgements.push({ id: message.id, outcome: 'shown' });
    } catch {
      subscriptions.acknowledgements.push({ id: message.id, outcome: 'undecryptable' });
    }
  });
  return {
    subscription: {
      endpoint: `${endpointBase}/${token}`,
      expirationTime: null,
      keys: { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') },
    },
    received,
  };
}

/**
 * RFC 8291 from the browser's side: one aes128gcm record (RFC 8188) with the sender's key in its header.
 * @throws when it was not encrypted for these keys
 */
export function decrypt(
  body: Buffer,
  browser: { secretWith: (senderKey: Buffer) => Buffer; publicKey: Buffer; auth: Buffer },
): string {
  if (body.length === 0) return '';
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const senderKey = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), browser.publicKey, senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', browser.secretWith(senderKey), browser.auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${label}\0`, length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // the last record's content ends with 2 and any number of zeros (RFC 8188, 2)
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error('The record does not end with its delimiter.');
  return padded.subarray(0, end).toString();
}
