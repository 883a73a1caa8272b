import { rejected, type ServicePolicy } from './policy.ts';

/** Google's: Chrome, Edge on Android, Brave, Opera and others. Unbranded Chromium hands out jmt17.google.com. */
export const fcm: ServicePolicy = {
  name: 'fcm',
  hosts: ['fcm.googleapis.com', 'jmt17.google.com'],
  ttl: { min: 0, max: 2_419_200 },
  judge: ({ status, body }) =>
    // “… do not correspond to the credentials used to create the subscriptions”
    [400, 401, 403].includes(status) && /\b(do|does) not correspond\b/i.test(body)
      ? rejected('key-mismatch')
      : null,
  advice: {
    'too-many-requests':
      'Google asked to slow down. It limits sites that it finds disruptive, to as few as 1000 messages a minute. ' +
      'Belfry waits as long as it was told and goes on with the other push services. Sending to fewer people who ' +
      'never react helps in the long run.',
    'key-mismatch':
      'Google says that this subscription was made with another VAPID key than the one it was sent with, which ' +
      'happens when a site’s key was changed. The subscriber is kept. They are back when they open your site again ' +
      'and the page subscribes them with the present key.',
  },
};
