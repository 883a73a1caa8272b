import { createECDH, ECDH } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOnCurve } from '../../main/core/subscribers/subscription.ts';

/** What OpenSSL says, which is slower. */
const reference = (point: Uint8Array) => {
  try {
    ECDH.convertKey(point, 'prime256v1');
    return true;
  } catch {
    return false;
  }
};

test('a point is on P-256 exactly when OpenSSL says so', () => {
  const ecdh = createECDH('prime256v1');
  const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => {
    const first = bytes[0] ?? 0;
    return first > 0 && first < 255; // neither zero nor beyond the order
  });
  const real = scalar.map((bytes) => {
    ecdh.setPrivateKey(Buffer.from(bytes));
    return Buffer.from(ecdh.getPublicKey());
  });
  const bent = fc
    .tuple(real, fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 255 }))
    .map(([point, at, by]) => {
      point[at] = (point[at] ?? 0) ^ by;
      return point;
    });
  // coordinates at and beyond the field's size stand for others: they must not pass for them
  const beyond = real.map((point) =>
    Buffer.concat([point.subarray(0, 1), Buffer.alloc(32, 255), point.subarray(33)]),
  );
  fc.assert(
    fc.property(fc.oneof(real, bent, beyond), (point) => {
      expect(isOnCurve(point)).toBe(reference(point));
    }),
    { numRuns: 400 },
  );
  expect(isOnCurve(Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]))).toBe(false);
});
