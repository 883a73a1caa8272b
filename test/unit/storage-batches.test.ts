import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Registration } from '../../main/core/ports/storage.ts';
import { batcher } from '../../main/storage/batcher.ts';
import { packRegistrations, unpackRegistrations } from '../../main/storage/registration-batch.ts';

/** A writer that a test lets go on, batch by batch. */
function slowWriter(limit = 100) {
  const batches: { items: number[]; done(): void; fail(error: Error): void }[] = [];
  const write = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({ items, done: () => resolve(items.map((item) => `${item}!`)), fail: reject });
    });
  return { batches, put: batcher<number, string>(write, limit) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a shared commit', () => {
  test('alone nobody waits; what arrives meanwhile shares the next, each with its own result', async () => {
    const { batches, put } = slowWriter();
    const first = put([1]);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
    const others = [put([2, 3]), put([4])];
    await turn();
    expect(batches).toHaveLength(1);
    batches[0]?.done();
    expect(await first).toEqual(['1!']);
    await turn();
    expect(batches[1]?.items).toEqual([2, 3, 4]);
    batches[1]?.done();
    expect(await Promise.all(others)).toEqual([['2!', '3!'], ['4!']]);
  });

  test('a crowd has two under way, and never more; one that fails fails those in it alone', async () => {
    const { batches, put } = slowWriter();
    const crowd = (from: number) => Array.from({ length: 40 }, (_, i) => put([from + i]));
    const first = put([0]);
    await turn();
    const second = crowd(100);
    await turn();
    expect(batches.map(({ items }) => items.length)).toEqual([1, 40]);
    const third = crowd(200);
    await turn();
    expect(batches).toHaveLength(2);
    batches[0]?.fail(new Error('The disk is full'));
    await expect(first).rejects.toThrow('full');
    batches[1]?.done();
    expect((await Promise.all(second)).flat()).toHaveLength(40);
    await turn();
    expect(batches[2]?.items[0]).toBe(200);
    batches[2]?.done();
    expect((await Promise.all(third)).flat().at(-1)).toBe('239!');
  });

  test('a batch holds no more than the limit, unless one brings more', async () => {
    const { batches, put } = slowWriter(3);
    const all = [put([1, 2]), put([3, 4]), put([5, 6, 7, 8]), put([9])];
    for (let next = 0; next < 3; next += 1) {
      await turn();
      batches[next]?.done();
      await turn();
    }
    expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
    expect((await Promise.all(all)).flat()).toHaveLength(9);
  });
});

test('registrations come out of a batch as they went in', () => {
  const text = fc.option(fc.string({ unit: 'binary' }));
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const registration: fc.Arbitrary<Registration> = fc.record({
    site: fc.nat(),
    vapidKey: fc.nat(),
    keyAssumed: fc.boolean(),
    endpoint: fc.string(),
    oldEndpoint: text,
    pushService: fc.string(),
    p256dh: bytes(65),
    auth: bytes(16),
    intent: fc.constantFrom('subscribe', 'sync'),
    at: fc.nat(),
    facts: fc.record({
      browser: text,
      browserVersion: text,
      system: text,
      device: text,
      language: text,
      country: text,
      timeZone: text,
      page: text,
      externalId: text,
      attributes: fc.option(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()))),
      tags: fc.option(fc.array(fc.string())),
      removedTags: fc.array(fc.string()),
      consentVersion: text,
    }),
  });
  fc.assert(
    fc.property(fc.array(registration), (registrations) => {
      const crossed = structuredClone(packRegistrations(registrations));
      expect(unpackRegistrations(crossed)).toEqual(registrations);
    }),
  );
  const [short] = fc.sample(registration, 1) as [Registration];
  expect(() => packRegistrations([{ ...short, auth: new Uint8Array(15) }])).toThrow(RangeError);
});
