import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../main/push/addresses.ts';
import { builtInHosts, Hosts } from '../../../main/push/hosts.ts';

const hosts = new Hosts([]);

describe('recognising an endpoint', () => {
  test.each([
    ['https://fcm.googleapis.com/fcm/send/abc:def', 'fcm'],
    ['https://FCM.GoogleAPIs.com:443/fcm/send/abc', 'fcm'],
    ['https://jmt17.google.com/fcm/send/abc', 'fcm'],
    ['https://updates.push.services.mozilla.com/wpush/v2/abc', 'mozilla'],
    ['https://wns2-par02p.notify.windows.com/w/?token=a%2fb%3d', 'wns'],
    ['https://web.push.apple.com/QAbc', 'apple'],
  ])('%s is of %s', (endpoint, pushService) => {
    expect(hosts.recognise(endpoint)).toEqual({ pushService });
  });

  test.each([
    'http://fcm.googleapis.com/fcm/send/abc',
    'ftp://fcm.googleapis.com/x',
    'javascript:alert(1)',
    '/fcm/send/abc',
    '',
    'https://',
    'https://fcm.googleapis.com:8443/x',
    'https://fcm.googleapis.com:80/x',
    'https://user@fcm.googleapis.com/x',
    'https://user:secret@fcm.googleapis.com/x',
    'https://@fcm.googleapis.com/x',
    'https://fcm.googleapis.com@evil.example/x',
    'https://fcm.googleapis.com.evil.example/x',
    'https://evil.example/fcm.googleapis.com',
    'https://evil.example/.notify.windows.com',
    'https://evil.example#.notify.windows.com',
    'https://evil.example\\.notify.windows.com/',
    'https://notify.windows.com/x',
    'https://evilnotify.windows.com/x',
    'https://push.apple.com/x',
    'https://fcm.googleapis.com./x',
    'https://fcm.google\tapis.com/x',
    'https://ｆcm.googleapis.com/x',
    'https://fcm.googleapis.com/\nx',
    ' https://fcm.googleapis.com/x',
    'https:\\\\fcm.googleapis.com\\x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://0177.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://localhost/x',
    'https://localhost./x',
    'https://169.254.169.254/latest/meta-data',
    'https://xn--fcm-googleapis.com/x',
    'https://fcm.googleapis.com/fcm/send/abc#1',
    'https://permanently-removed.invalid/fcm/send/abc',
    `https://fcm.googleapis.com/${'x'.repeat(3000)}`,
  ])('%j is refused with a sentence that does not repeat it', (endpoint) => {
    const recognised = hosts.recognise(endpoint);
    const refused = 'refused' in recognised ? recognised.refused : '';
    expect(refused).toMatch(/^(The|This) .+\.$/);
    expect(refused).not.toMatch(/secret|evil|https:\/\//);
  });

  test('takes nothing but https at an allowed host on port 443, whatever it is given', () => {
    const authority = fc.oneof(
      fc.webAuthority({ withUserInfo: true, withPort: true, withIPv4: true, withIPv6: true }),
      fc.constantFrom('fcm.googleapis.com', 'a.notify.windows.com', '@web.push.apple.com', 'localhost'),
    );
    const piece = fc.constantFrom(
      '/',
      '\\',
      '#',
      '?',
      '.',
      '@',
      ':',
      '.notify.windows.com',
      'fcm.googleapis.com',
      '%2f',
    );
    const endpoint = fc
      .tuple(
        fc.constantFrom('https://', 'https:', 'http://', 'HTTPS://'),
        fc.array(fc.oneof(authority, piece)),
      )
      .map(([scheme, rest]) => scheme + rest.join(''));
    fc.assert(
      fc.property(fc.oneof(endpoint, fc.webUrl({ withFragments: true }), fc.string()), (text) => {
        if ('refused' in hosts.recognise(text)) return;
        const url = new URL(text);
        expect(url.protocol + url.port + url.username + url.password).toBe('https:');
        const allowed = builtInHosts.some((host) =>
          host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host,
        );
        expect(allowed).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('takes what the operator named, with the port that they named, and not what they took back', () => {
    const own = new Hosts([
      'Push.Example.org',
      '127.0.0.1:4430',
      '[::1]:4431',
      'fcm.googleapis.com:8443',
      '://x',
    ]);
    expect(own.recognise('https://push.example.org/x')).toEqual({ pushService: 'push.example.org' });
    expect(own.recognise('https://127.0.0.1:4430/x')).toEqual({ pushService: '127.0.0.1:4430' });
    expect(own.recognise('https://0x7f000001:4430/x')).toEqual({ pushService: '127.0.0.1:4430' });
    expect(own.recognise('https://[0:0::1]:4431/x')).toEqual({ pushService: '[::1]:4431' });
    expect(own.recognise('https://fcm.googleapis.com:8443/x')).toEqual({ pushService: 'fcm' });
    for (const endpoint of [
      'https://push.example.org:444/x',
      'https://127.0.0.1/x',
      'https://127.0.0.1:4431/x',
      'http://127.0.0.1:4430/x',
      'https://user@127.0.0.1:4430/x',
      'https://sub.push.example.org/x',
    ])
      expect(own.recognise(endpoint)).toHaveProperty('refused');
    own.allow([]);
    expect(own.recognise('https://push.example.org/x')).toHaveProperty('refused');
  });
});

describe('an address', () => {
  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001:81b::200a',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '100.127.255.255',
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
    ],
    ...[
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '192.0.2.1',
    ],
    ...[
      '::',
      '::1',
      '0:0:0:0:0:0:0:1',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12:3456::1',
      'ff02::1',
      'fec0::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:10.0.0.1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b::10.0.0.1',
    ],
    ...[
      '2002:7f00:1::',
      '2002:c0a8:101::1',
      '2001:0:1::1',
      '2001:db8::1',
      '64:ff9b:1::1',
      '',
      'localhost',
      '0x7f.1',
    ],
  ])('%j is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

test('what is remembered of an origin changes no answer', () => {
  const part = fc.constantFrom(
    ...[
      'https://',
      'http://',
      'fcm.googleapis.com',
      'a.notify.windows.com',
      'push.example:8443',
      'evil.example',
    ],
    ...['/', '/x', '#', '?', '@', '\\', ':443', ':80', '%', '[::1]', 'xn--', '..', '\t'],
  );
  const long = new Hosts(['push.example:8443']);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      for (const endpoint of [parts.join(''), `https://fcm.googleapis.com${parts.join('')}`])
        expect(long.recognise(endpoint)).toEqual(new Hosts(['push.example:8443']).recognise(endpoint));
    }),
  );
  expect(long.recognise('https://push.example:8443/x')).toEqual({ pushService: 'push.example:8443' });
  long.allow([]);
  expect(long.recognise('https://push.example:8443/x')).toHaveProperty('refused');
});
