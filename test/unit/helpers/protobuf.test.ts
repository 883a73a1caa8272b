import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  numberOf,
  read,
  readVarint,
  textsOf,
  varint,
  write,
} from '../../helpers/push-service/gcm/protobuf.ts';

test('numbers of every size come back, and end where they end', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.uint8Array(), (value, rest) => {
      const bytes = varint(value);
      expect(readVarint(Buffer.concat([bytes, rest]), 0)).toEqual({ value, next: bytes.length });
      expect(readVarint(bytes.subarray(0, -1), 0)).toBeNull();
    }),
  );
});

test('fields come back by their numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.array(fc.string()), (number, texts) => {
      const fields = read(
        Buffer.concat([
          write.number(1, number),
          write.fixed64(2, number),
          ...texts.map((text) => write.bytes(21, text)),
        ]),
      );
      expect(numberOf(fields, 1)).toBe(number);
      expect(numberOf(fields, 2)).toBe(number);
      expect(textsOf(fields, 21)).toEqual(texts.map((text) => Buffer.from(text).toString()));
    }),
  );
});
