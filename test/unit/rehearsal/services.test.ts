import { describe, expect, test } from 'vitest';
import type { ServiceBehaviour } from '../../../main/contract/rehearsal.ts';
import { practiceOrigin } from '../../../main/core/ports/rehearsal.ts';
import { createEncryptor } from '../../../main/push/encryption.ts';
import { Hosts } from '../../../main/push/hosts.ts';
import { Practice } from '../../../main/push/practice.ts';
import { Vapid } from '../../../main/push/vapid.ts';
import { generateVapidKeys } from '../../../main/push/vapid-keys.ts';
import { decide, usualBehaviour } from '../../../main/rehearsal/behaviour.ts';
import { Dice } from '../../../main/rehearsal/chance.ts';
import { createDecryptor } from '../../../main/rehearsal/decryption.ts';
import { personOf } from '../../../main/rehearsal/people.ts';
import { reactionOf } from '../../../main/rehearsal/reactions.ts';
import { Received } from '../../../main/rehearsal/received.ts';
import { TokenCheck } from '../../../main/rehearsal/tokens.ts';

const bytes = (text: string) => Buffer.from(text, 'base64url');

describe('decryption', () => {
  const secrets = {
    privateKey: bytes('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  };

  test('reads the body of RFC 8291, appendix A', () => {
    const body = bytes(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK' +
        '6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    );
    expect(createDecryptor()(body, secrets)).toBe('When I grow up, I want to be a watermelon');
  });

  test('refuses what was encrypted for someone else, changed or cut short', () => {
    const decrypt = createDecryptor();
    const point = bytes(
      'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    );
    const body = createEncryptor()(point, secrets.auth, 'for one person');
    expect(decrypt(body, secrets)).toBe('for one person');
    expect(() => decrypt(body, { ...secrets, auth: Buffer.alloc(16) })).toThrow();
    expect(() => decrypt(body, { ...secrets, privateKey: Buffer.alloc(32, 7) })).toThrow();
    for (const at of [0, 30, 90, body.length - 1]) {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => decrypt(changed, secrets)).toThrow();
    }
    for (const length of [0, 20, 86, body.length - 1])
      expect(() => decrypt(body.subarray(0, length), secrets)).toThrow();
  });
});

describe('the check of tokens', () => {
  const now = Date.UTC(2026, 0, 1);
  const keys = generateVapidKeys();
  const vapid = (subject: string) => {
    const signer = new Vapid(() => now);
    signer.setKey({ id: 1, ...keys, subject });
    return signer.authorization(1, 'https://fcm.rehearsal.invalid') ?? '';
  };
  const good = vapid('mailto:a@example.org');
  const check = () => new TokenCheck(keys.publicKey);
  const audience = 'https://fcm.rehearsal.invalid';

  test('takes a good one until it ends', () => {
    const tokens = check();
    expect(tokens.fault(good, audience, now)).toBeNull();
    expect(tokens.fault(good, audience, now + 13 * 3600 * 1000)).toBe('expired');
    expect(new TokenCheck(null).fault(good, audience, now)).toBeNull();
  });

  test.each([
    ['missing', undefined],
    ['malformed', 'vapid t=a.b.c, k=d'],
    ['malformed', ''],
    ['signature', good.replace(/(t=[^,]+?)(.{4}),/, '$1AAAA,')],
    ['subject', vapid('nobody')],
  ] as const)('finds it %s', (fault, authorization) => {
    expect(check().fault(authorization, audience, now)).toBe(fault);
  });

  test('finds the wrong audience, the wrong time and the wrong key', () => {
    expect(check().fault(good, 'https://wns.rehearsal.invalid', now)).toBe('audience');
    expect(check().fault(good, audience, now - 13 * 3600 * 1000)).toBe('expired');
    expect(new TokenCheck(generateVapidKeys().publicKey).fault(good, audience, now)).toBe('key');
  });
});

describe('how a service answers', () => {
  const behaviour: ServiceBehaviour = {
    ...usualBehaviour.fcm,
    gone: 0.1,
    missing: 0.05,
    tooLarge: 0.1,
    limited: 0.1,
    failing: 0.1,
    garbled: 0.05,
    silent: 0.05,
  };
  const kinds = (seed: number, request: number) =>
    Array.from({ length: 10_000 }, (_, i) => decide(behaviour, seed, i, request).kind);

  test('is in the proportions asked for, the same for the same seed', () => {
    const answers = kinds(3, 1);
    const share = (kind: string) => answers.filter((one) => one === kind).length / answers.length;
    expect(share('gone')).toBeCloseTo(0.1, 1);
    expect(share('missing')).toBeCloseTo(0.05, 1);
    expect(share('accepted')).toBeGreaterThan(0.47);
    expect(share('accepted')).toBeLessThan(0.55);
    for (const kind of ['tooLarge', 'limited', 'failing']) expect(share(kind)).toBeGreaterThan(0.06);
    for (const kind of ['garbled', 'silent']) expect(share(kind)).toBeGreaterThan(0.02);
    expect(kinds(3, 1)).toEqual(answers);
    expect(kinds(4, 1)).not.toEqual(answers);
  });

  test('changes from one try to the next, but gone stays gone', () => {
    const [first, second] = [kinds(3, 1), kinds(3, 2)];
    expect(second).not.toEqual(first);
    const gone = (answers: string[]) => answers.flatMap((kind, i) => (kind === 'gone' ? [i] : []));
    expect(gone(second)).toEqual(gone(first));
  });
});

describe('the log of what was received', () => {
  test('tells a repetition from another message, also one of the same words', () => {
    const log = new Received(5);
    expect(log.note(2, 'token-a', 'Hello', 'content')).toMatchObject({ again: false });
    expect(log.note(2, 'token-a', 'Hello', 'content')).toMatchObject({ again: true });
    expect(log.note(3, 'token-b', 'Hello', 'content')).toMatchObject({ again: false });
    expect(log.note(2, 'token-c', 'Hello', 'content')).toMatchObject({ again: false });
    expect(log.note(2, 'token-d', 'Other', 'other')).toMatchObject({ again: false });
    expect(log.counts()).toEqual([
      { title: 'Hello', people: 2, deliveries: 3 },
      { title: 'Hello', people: 1, deliveries: 1 },
      { title: 'Other', people: 1, deliveries: 1 },
    ]);
    expect([...log.timesOf('Hello')]).toEqual([0, 0, 3, 1, 0]);
  });
});

test('people react the same way in the same rehearsal', () => {
  const reactions = (seed: number) =>
    Array.from({ length: 500 }, (_, i) =>
      reactionOf(personOf(seed, i, 'https://www.rehearsal.invalid'), ['a'], 1, new Dice(seed, i), 0, 1e9),
    );
  expect(reactions(1)).toEqual(reactions(1));
  expect(reactions(1)).not.toEqual(reactions(2));
  const clicks = reactions(1).flatMap(({ clicked }) => clicked ?? []);
  expect(clicks.some(({ action }) => action === 'a')).toBe(true);
  expect(clicks.some(({ action }) => action === '')).toBe(true);
  for (const { shown, closed, left } of reactions(1)) {
    if (shown !== null && closed !== null) expect(closed).toBeGreaterThan(shown);
    if (shown !== null && left !== null) expect(left).toBeGreaterThan(shown);
  }
});

describe('the way to a rehearsal', () => {
  const endpoint = `${practiceOrigin('fcm')}/fcm/send/abc`;

  test('is closed to every subscription, whatever hosts the operator allows', () => {
    for (const hosts of [[], ['fcm.rehearsal.invalid', 'rehearsal.invalid', 'fcm.rehearsal.invalid:8080']])
      for (const address of [
        endpoint,
        'https://rehearsal.invalid/x',
        'https://FCM.Rehearsal.Invalid/x',
        'https://fcm.rehearsal.invalid:8080/x',
      ])
        expect(new Hosts(hosts).recognise(address)).toHaveProperty('refused');
  });

  test('leads to where the rehearsal listens, and nowhere else', () => {
    const practice = new Practice();
    expect(practice.wayOf(endpoint)).toMatchObject({ refused: { outcome: 'retry' } });
    practice.routes = { [practiceOrigin('fcm')]: 'http://127.0.0.1:4711' };
    expect(practice.wayOf(`${endpoint}?a=b`)).toEqual({
      url: new URL('http://127.0.0.1:4711/fcm/send/abc?a=b'),
    });
    expect(practice.wayOf(`${practiceOrigin('wns')}/w`)).toMatchObject({ refused: { outcome: 'retry' } });
    for (const real of ['https://fcm.googleapis.com/fcm/send/abc', 'http://127.0.0.1:4711/x', 'nonsense'])
      expect(practice.wayOf(real)).toMatchObject({
        refused: { outcome: 'rejected', reason: 'practice-only' },
      });
    expect(practice.wayOf('https://fcm.rehearsal.invalid.example.org/x')).toMatchObject({
      refused: { outcome: 'rejected' },
    });
  });
});
