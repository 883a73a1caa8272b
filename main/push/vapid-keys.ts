import webpush from 'web-push';
import type { VapidKey } from '../core/ports/push.ts';

/** A new VAPID key pair, made by web-push. */
export function generateVapidKeys(): Pick<VapidKey, 'publicKey' | 'privateKey'> {
  const { publicKey, privateKey } = webpush.generateVAPIDKeys();
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  return { publicKey: bytes(publicKey), privateKey: bytes(privateKey) };
}
