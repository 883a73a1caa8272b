/** Protocol Buffers' wire format, as much of it as Google's device messages use. */

export type Value = bigint | Buffer;
/** field number → its values, in order */
export type Fields = Map<number, Value[]>;

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** The number at `offset` and where the next thing begins; null when the bytes end before it does. */
export function readVarint(bytes: Buffer, offset: number): { value: bigint; next: number } | null {
  let value = 0n;
  for (let at = offset; at < bytes.length; at++) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - offset));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return null;
}

const tag = (field: number, wireType: number) => varint((field << 3) | wireType);

export const write = {
  number: (field: number, value: number | bigint) => Buffer.concat([tag(field, 0), varint(value)]),
  fixed64(field: number, value: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return Buffer.concat([tag(field, 1), bytes]);
  },
  bytes(field: number, value: string | Uint8Array) {
    const bytes = Buffer.from(value);
    return Buffer.concat([tag(field, 2), varint(bytes.length), bytes]);
  },
};

/** @throws when the bytes are no message */
export function read(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  const number = (offset: number) => {
    const found = readVarint(bytes, offset);
    if (!found) throw new Error('The message ends too early.');
    return found;
  };
  for (let at = 0; at < bytes.length; ) {
    const head = number(at);
    const field = Number(head.value >> 3n);
    const wireType = Number(head.value & 7n);
    let value: Value;
    if (wireType === 0) {
      const found = number(head.next);
      value = found.value;
      at = found.next;
    } else if (wireType === 1) {
      value = bytes.readBigUInt64LE(head.next);
      at = head.next + 8;
    } else if (wireType === 2) {
      const length = number(head.next);
      at = length.next + Number(length.value);
      value = bytes.subarray(length.next, at);
    } else if (wireType === 5) {
      value = BigInt(bytes.readUInt32LE(head.next));
      at = head.next + 4;
    } else throw new Error(`Wire type ${wireType} is not known.`);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

export const numberOf = (fields: Fields, field: number): bigint => {
  const value = fields.get(field)?.[0];
  return typeof value === 'bigint' ? value : 0n;
};

export const textsOf = (fields: Fields, field: number): string[] =>
  (fields.get(field) ?? []).map((value) => value.toString());
