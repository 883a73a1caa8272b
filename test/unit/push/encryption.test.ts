import { createECDH } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import webpush from 'web-push';
import { createEncryptor, maxPlaintext } from '../../../main/push/encryption.ts';
import { decrypt, makeSubscription } from '../../helpers/decrypt.ts';

const bytes = (text: string) => Buffer.from(text, 'base64url');
const encrypt = createEncryptor();

describe('encryption', () => {
  test('gives the body of RFC 8291, section 5 and appendix A', () => {
    const body = encrypt(
      bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
      bytes('BTBZMqHH6r4Tts7J_aSIgg'),
      'When I grow up, I want to be a watermelon',
      {
        privateKey: bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
        salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
      },
    );
    expect(body.toString('base64url')).toBe(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK' +
        '6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    );
  });

  test('decrypts to what was sent, at every size that fits', () => {
    const subscription = makeSubscription();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: maxPlaintext }), (size) => {
        const text = 'x'.repeat(size);
        const body = encrypt(subscription.p256dh, subscription.auth, text);
        expect(body.length).toBe(size + 103);
        expect(decrypt(subscription, body).toString()).toBe(text);
      }),
      { examples: [[0], [1], [maxPlaintext]] },
    );
    expect(encrypt(subscription.p256dh, subscription.auth, 'x'.repeat(maxPlaintext)).length).toBe(4096);
  });

  test('decrypts to what was sent, whatever the script and whoever the subscriber', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (text) => {
        const subscription = makeSubscription();
        const body = encrypt(subscription.p256dh, subscription.auth, text);
        expect(decrypt(subscription, body).toString()).toBe(text);
      }),
    );
  });

  test('is read by the same decryptors as what web-push makes, and the other way round', () => {
    const require = createRequire(createRequire(import.meta.url).resolve('web-push'));
    const ece = require('http_ece') as {
      decrypt(body: Buffer, how: { version: string; privateKey: object; authSecret: Buffer }): Buffer;
    };
    const subscription = makeSubscription();
    const keys = {
      p256dh: subscription.p256dh.toString('base64url'),
      auth: subscription.auth.toString('base64url'),
    };
    const theirs = webpush.encrypt(keys.p256dh, keys.auth, 'ours and theirs', 'aes128gcm').cipherText;
    const ours = encrypt(subscription.p256dh, subscription.auth, 'ours and theirs');
    expect(ours.length).toBe(theirs.length);
    expect(decrypt(subscription, theirs).toString()).toBe('ours and theirs');
    const privateKey = createECDH('prime256v1');
    privateKey.setPrivateKey(subscription.privateKey);
    const how = { version: 'aes128gcm', privateKey, authSecret: subscription.auth };
    expect(ece.decrypt(ours, how).toString()).toBe('ours and theirs');
  });

  test('never uses a key pair or a salt twice', () => {
    const { p256dh, auth } = makeSubscription();
    const bodies = Array.from({ length: 300 }, () => encrypt(p256dh, auth, 'same'));
    const distinct = (from: number, to: number) =>
      new Set(bodies.map((body) => body.subarray(from, to).toString('hex'))).size;
    expect(distinct(0, 16)).toBe(300);
    expect(distinct(21, 86)).toBe(300);
  });

  test('refuses what does not fit, counted in bytes', () => {
    const { p256dh, auth } = makeSubscription();
    for (const text of ['x'.repeat(maxPlaintext + 1), 'é'.repeat(1997)])
      expect(() => encrypt(p256dh, auth, text)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  test('refuses keys that are none', () => {
    const { p256dh, auth } = makeSubscription();
    const offCurve = Buffer.from(p256dh);
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    const wrong: [Uint8Array, Uint8Array][] = [
      [offCurve, auth],
      [p256dh.subarray(1), auth],
      [Buffer.alloc(65, 4), auth],
      [p256dh, auth.subarray(1)],
      [p256dh, new Uint8Array(17)],
    ];
    for (const [key, secret] of wrong)
      expect(() => encrypt(key, secret, 'hello')).toThrow(
        expect.objectContaining({ code: 'bad-subscription' }),
      );
    const after = makeSubscription();
    expect(decrypt(after, encrypt(after.p256dh, after.auth, 'still well')).toString()).toBe('still well');
  });
});
