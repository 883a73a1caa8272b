import { policyOf } from './registry.ts';

const common: Readonly<Record<string, string>> = {
  gone: 'The push service says that this subscription has ended: the person withdrew the permission, or removed the browser or its data. Nothing is to be done.',
  'bad-request':
    'The push service found the request wrong. Check the contact and the key of the site, and update Belfry if there is a newer version. Then resume.',
  unauthorized:
    'The push service did not accept the site’s signature. Check that the clock of this computer is right and that the site’s contact is a real mailto: or https: address. Then resume.',
  forbidden:
    'The push service forbids sending with this key. Check that the site’s VAPID key is the one that its pages subscribe with, and the contact. Then resume.',
  'bad-token':
    'The push service did not accept the site’s signature. Check that the clock of this computer is right and that the site’s contact is a real mailto: or https: address. Then resume.',
  'clock-off':
    'The push service does not believe the site’s signature because of that. Let this computer set its clock by the network, or correct the time and the time zone by hand. Then resume; nobody was lost.',
  'key-mismatch':
    'This subscription was made with another VAPID key than the one it was sent with. The subscriber is kept. They are back when they open your site again and the page subscribes them with the present key.',
  'unknown-key':
    'The VAPID key that this subscription was made with is not there. Restore it, or wait until the person opens your site again.',
  'too-large':
    'The message is larger than the push service takes. Shorten the text or leave out an address; 4 KB is the limit everywhere, and 2.5 KB is safe.',
  'bad-subscription':
    'The keys of this subscription are not valid, so no message can be encrypted for it. It is back when the person opens your site again.',
  'bad-topic':
    'The push service did not accept the message’s topic. It may have at most 32 characters: letters, digits, “-” and “_”.',
  'host-not-allowed':
    'The push service of this subscription is not on the list of allowed hosts. If it is one of yours, allow its host in the settings.',
  'private-address':
    'The name of the push service leads to an address inside a private network, so nothing was sent. Check this computer’s DNS. If sending has to go through a proxy, start Belfry with HTTPS_PROXY.',
  'practice-only':
    'This is a practice site: it sends to simulated subscribers only, so nothing was sent. Remove this subscriber.',
  capped:
    'Other campaigns had reached them as often as the site’s settings allow in a day or a week, so that this one left them alone.',
  'rehearsal-not-running':
    'The simulated push services are not running at the moment. Belfry starts them again by itself and tries again.',
  refused:
    'The push service refused this one message, without a reason that Belfry knows. It is not sent again.',
  redirected:
    'The push service answered with another address, which Belfry does not follow. A proxy or a sign-in page of the network may be in between. It is tried again.',
  'too-many-requests':
    'The push service asked to slow down. Belfry waits as long as it was told and goes on with the others.',
  'held-back':
    'Not sent yet, because the push service had just refused or slowed down others. It is tried again.',
  'back-off': 'The push service is overloaded and asked to wait. Belfry tries again by itself.',
  'try-again': 'The push service had a passing fault. Belfry tries again by itself.',
  'service-error': 'The push service has a fault of its own. Belfry tries again by itself.',
  'service-unavailable': 'The push service is not available at the moment. Belfry tries again by itself.',
  'timed-out':
    'The push service did not answer in time. It is tried again. If nothing goes through, check the connection of this computer.',
  'host-not-found':
    'The push service’s name could not be looked up. Check that this computer is online. It is tried again.',
  'connection-refused':
    'The push service’s computer refused the connection. A firewall may be in between. It is tried again.',
  'connection-lost': 'The connection broke before there was an answer. It is tried again.',
  'network-unreachable':
    'There is no way to the push service. Check that this computer is online. It is tried again.',
  'connection-failed': 'The connection to the push service failed. It is tried again.',
  'certificate-not-trusted':
    'The push service’s certificate is not trusted here. Check the clock of this computer. If your network inspects traffic, name its certificate in NODE_EXTRA_CA_CERTS and start Belfry again.',
  'garbled-answer':
    'What came back was no HTTP. A proxy or a sign-in page of the network may be in between. It is tried again.',
  'proxy-authentication':
    'The proxy wants a name and a password. Put them into HTTPS_PROXY, start Belfry again and resume.',
  'proxy-refused':
    'The proxy did not connect to the push service. Check HTTPS_PROXY, and what the proxy allows. It is tried again.',
  'sender-restarted':
    'The part of Belfry that sends had to be started again. It is tried again; someone may see the message twice.',
};

/** What a reason means and what to do, for an operator; null when there is nothing to say. */
export function adviceOn(reason: string, pushService: string): string | null {
  for (const texts of [policyOf(pushService).advice, common])
    if (Object.hasOwn(texts, reason)) return texts[reason] ?? null;
  return null;
}
