import webpush from 'web-push';
import { createEncryptor } from '../../main/push/encryption.ts';
import { Vapid } from '../../main/push/vapid.ts';
import type { Result } from './helpers/report.ts';
import { compare, interleave } from './helpers/rounds.ts';
import { makeSubscriptions, payload, vapidDetails, vapidKey } from './helpers/subject.ts';

const count = 500;
const rounds = 9;

/** What it costs to encrypt and sign one message, against web-push, on one thread. */
export default async function bench(): Promise<Result[]> {
  const origin = 'https://fcm.googleapis.com';
  const subscriptions = makeSubscriptions(count, [origin]);
  const encrypt = createEncryptor();
  const vapid = new Vapid();
  vapid.setKey(vapidKey);
  const costs = await interleave(rounds, {
    ours: () => {
      for (const { p256dh, auth } of subscriptions) {
        vapid.authorization(vapidKey.id, origin);
        encrypt(p256dh, auth, payload);
      }
    },
    theirs: () => {
      for (const { theirs } of subscriptions)
        webpush.generateRequestDetails(theirs, payload, { vapidDetails });
    },
  });
  const cpu = (which: keyof typeof costs) => costs[which].map((cost) => cost.cpu * 1000);
  return [compare('encrypt and sign', 'µs CPU/message', cpu('ours'), cpu('theirs'), count, 3)];
}
