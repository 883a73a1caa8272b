import { createECDH, randomBytes } from 'node:crypto';
import type { Chance } from './chance.ts';

/** What the site under attack is known by. */
export interface Target {
  siteKey: string;
  origin: string;
  /** Somebody listens here on this machine, and must never be dialled. */
  witnessPort: number;
}

// making keys is dear: a hundred are enough to be told apart
const points = Array.from({ length: 100 }, () => createECDH('prime256v1').generateKeys('base64url'));
const secrets = points.map(() => randomBytes(16).toString('base64url'));

/** What the client script posts. */
export function subscribing(chance: Chance): Record<string, unknown> {
  const one = chance.int(points.length);
  return {
    subscription: {
      endpoint: `https://fcm.googleapis.com/fcm/send/${chance.bytes(12).toString('base64url')}`,
      expirationTime: null,
      keys: { p256dh: points[one], auth: secrets[one] },
    },
    intent: chance.pick(['subscribe', 'sync']),
    ...(chance.percent(30) && { tags: ['news'] }),
    ...(chance.percent(30) && { attributes: { plan: 'gold' } }),
    ...(chance.percent(50) && { language: 'de-DE', timeZone: 'Europe/Berlin' }),
    ...(chance.percent(20) && { page: 'https://bells.example/shop?secret=1' }),
    ...(chance.percent(10) && { consent: { version: '2' } }),
  };
}

const oddTexts = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u2066abc',
  'ﷺ'.repeat(50),
  'e\u0301'.repeat(30),
  '😀'.repeat(40),
  "'; DROP TABLE subscriber; --",
  '{{7*7}}<%= 7*7 %>',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '-0',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(2049),
  '\r\nX-Forged: 1',
  '\uFEFF',
];
const oddNumbers = [
  0,
  -0,
  -1,
  1.5,
  1e21,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  Number.MIN_VALUE,
  2 ** 53,
  -(2 ** 63),
];

export const oddText = (chance: Chance): string =>
  chance.percent(70) ? chance.pick(oddTexts) : chance.bytes(chance.int(40)).toString('latin1');

/** Anything that JSON can say. */
export function oddValue(chance: Chance, depth = 0): unknown {
  switch (chance.int(depth > 3 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return chance.percent(50);
    case 2:
      return chance.pick(oddNumbers);
    case 3:
    case 4:
      return oddText(chance);
    case 5:
      return Array.from({ length: chance.int(5) }, () => oddValue(chance, depth + 1));
    case 6:
      return Object.fromEntries(
        Array.from({ length: chance.int(4) }, () => [oddText(chance), oddValue(chance, depth + 1)]),
      );
    default:
      return Array.from({ length: chance.pick([101, 300]) }, () => 'x');
  }
}

const oddEndpoints = (witness: number) => [
  `https://127.0.0.1:${witness}/x`,
  `http://127.0.0.1:${witness}/x`,
  `https://localhost:${witness}/x`,
  `https://[::1]:${witness}/x`,
  `https://[::ffff:127.0.0.1]:${witness}/x`,
  `https://2130706433:${witness}/x`,
  `https://user@127.0.0.1:${witness}/x`,
  `https://fcm.googleapis.com@127.0.0.1:${witness}/x`,
  `https://fcm.googleapis.com\\@127.0.0.1:${witness}/x`,
  `https://fcm.googleapis.com:${witness}/x`,
  'https://fcm.googleapis.com/fcm/send/a#b',
  'https://fcm.googleapis.com/fcm/send/\u00e9',
  'https://fcm.googleapis.com.evil.example/x',
  'https://169.254.169.254/latest/meta-data',
  'https://web.push.apple.com/',
  'https://updates.push.services.mozilla.com/wpush/v2/x',
  'file:///etc/passwd',
  'javascript:alert(1)',
];

/** Changes one thing in what would be valid; in place. */
export function spoil(value: Record<string, unknown>, chance: Chance, { witnessPort }: Target): void {
  const fields = ['subscription', 'intent', 'oldEndpoint', 'externalId', 'externalIdSignature', 'attributes'];
  const more = ['tags', 'language', 'timeZone', 'page', 'consent', 'endpoint', 'events', 'extra'];
  switch (chance.int(8)) {
    case 0:
      delete value[chance.pick(Object.keys(value))];
      return;
    case 1: {
      const { subscription } = value;
      if (typeof subscription === 'object' && subscription !== null)
        Object.assign(subscription, { endpoint: chance.pick(oddEndpoints(witnessPort)) });
      else value['endpoint'] = chance.pick(oddEndpoints(witnessPort));
      return;
    }
    case 2: {
      const { subscription } = value;
      if (typeof subscription !== 'object' || subscription === null) return;
      const keys = {
        p256dh: chance.bytes(65).toString('base64url'),
        auth: chance.bytes(chance.pick([0, 15, 16, 17])).toString('base64url'),
      };
      Object.assign(subscription, { keys: chance.percent(50) ? keys : oddValue(chance) });
      return;
    }
    case 3:
      value['oldEndpoint'] = chance.pick(oddEndpoints(witnessPort));
      return;
    default:
      value[chance.pick([...fields, ...more])] = oddValue(chance);
  }
}

/** JSON that says more than an object can: names twice, names that reach for prototypes, depth, odd spellings. */
export function spoilText(json: string, chance: Chance): string | Buffer {
  const inside = json.slice(1);
  switch (chance.int(14)) {
    case 0:
      return `{"__proto__":{"intent":"subscribe","admin":true},${inside}`;
    case 1:
      return `{"constructor":{"prototype":{"polluted":1}},${inside}`;
    case 2:
      return `{"\\u005f_proto__":{"polluted":1},${inside}`;
    case 3:
      return `{"intent":"subscribe","intent":7,${inside}`;
    case 4:
      return `{"deep":${'['.repeat(chance.pick([31, 33, 500, 4000]))},${inside}`;
    case 5:
      return `{"number":${'9'.repeat(chance.pick([20, 400, 3000]))}e${'9'.repeat(5)},${inside}`;
    case 6:
      return json.slice(0, chance.int(json.length));
    case 7:
      return Buffer.concat([Buffer.from('\uFEFF'), Buffer.from(json)]);
    case 8:
      return Buffer.from(json, 'utf16le');
    case 9: {
      const bytes = Buffer.from(json);
      for (let flips = chance.int(5) + 1; flips > 0; flips -= 1)
        bytes[chance.int(bytes.length)] = chance.int(256);
      return bytes;
    }
    case 10:
      return json + chance.pick([' ', '\0', ',', '}', json]);
    case 11:
      return chance.pick(['', 'null', '[]', '"x"', '7', 'true', '{', '{}', "{'a':1}", 'NaN', '-', '[[[[']);
    case 12:
      return `${json.slice(0, -1)},"filler":"${'x'.repeat(chance.pick([4000, 16_000, 20_000, 70_000]))}"}`;
    default:
      return `{${Array.from({ length: chance.pick([50, 2000]) }, (_, index) => `"k${index}":1`).join(',')},${inside}`;
  }
}
