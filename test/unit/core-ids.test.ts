import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdKind, Ids } from '../../main/core/ids.ts';

const kinds: IdKind[] = ['site', 'sub', 'cmp', 'key'];
const kind = fc.constantFrom(...kinds);
const id = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const part = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const ids = new Ids(randomBytes(32));
/** A text with one character put in the place of another. */
const changed = (text: string, at: number, to: string) => text.slice(0, at) + to + text.slice(at + 1);

describe('public ids', () => {
  test('come back as the integer that they were made of', () => {
    fc.assert(
      fc.property(kind, id, (of, number) => {
        const sealed = ids.seal(of, number);
        expect(sealed).toMatch(/^(site|sub|cmp|key)_[a-z2-7]{26}$/);
        expect(ids.open(of, sealed)).toBe(number);
        expect(ids.seal(of, number)).toBe(sealed);
      }),
    );
  });

  test('are no ids of another kind, also with its name before them', () => {
    fc.assert(
      fc.property(kind, kind, id, (of, other, number) => {
        fc.pre(of !== other);
        const sealed = ids.seal(of, number);
        expect(ids.open(other, sealed)).toBeNull();
        expect(ids.open(other, sealed.replace(of, other))).toBeNull();
      }),
    );
  });

  test('are nothing once a character is changed', () => {
    fc.assert(
      fc.property(
        kind,
        id,
        fc.nat(25),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
        (of, number, at, to) => {
          const sealed = ids.seal(of, number);
          const tampered = changed(sealed, of.length + 1 + at, to);
          fc.pre(tampered !== sealed);
          expect(ids.open(of, tampered)).toBeNull();
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('are nothing to another database, and arbitrary text is none', () => {
    const others = new Ids(randomBytes(32));
    fc.assert(
      fc.property(kind, id, (of, number) => {
        expect(others.open(of, ids.seal(of, number))).toBeNull();
      }),
    );
    fc.assert(
      fc.property(kind, fc.string(), (of, text) => {
        expect(ids.open(of, text)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(kind, fc.string(), (of, text) => {
        expect(ids.open(of, `${of}_${text}`)).toBeNull();
      }),
    );
  });

  test('do not tell their order', () => {
    const sealed = Array.from({ length: 200 }, (_, i) => ids.seal('sub', i + 1));
    expect(sealed.toSorted()).not.toEqual(sealed);
    expect(new Set(sealed).size).toBe(200);
  });
});

describe('delivery tokens', () => {
  test('come back as the delivery that they were made of', () => {
    fc.assert(
      fc.property(part, part, (campaign, subscriber) => {
        const token = ids.token(campaign, subscriber);
        expect(token).toMatch(/^[\w-]{22}$/);
        expect(ids.openToken(token)).toEqual({ campaign, subscriber });
      }),
    );
  });

  test('are nothing once a character is changed', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(part, part, fc.nat(21), fc.constantFrom(...letters), (campaign, subscriber, at, to) => {
        const token = ids.token(campaign, subscriber);
        const tampered = changed(token, at, to);
        fc.pre(tampered !== token);
        expect(ids.openToken(tampered)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  test('are no public ids, nor the other way round, nor those of another database', () => {
    const others = new Ids(randomBytes(32));
    fc.assert(
      fc.property(part, part, (campaign, subscriber) => {
        const token = ids.token(campaign, subscriber);
        expect(others.openToken(token)).toBeNull();
        for (const of of kinds) {
          expect(ids.open(of, token)).toBeNull();
          expect(ids.openToken(ids.seal(of, subscriber))).toBeNull();
        }
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(ids.openToken(text)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(ids.openToken(Buffer.from(bytes).toString('base64url'))).toBeNull();
      }),
    );
  });
});
