export interface Picture {
  /** Pixels, of a square. */
  size: number;
  png: Uint8Array;
}

/**
 * A Windows icon: a directory of pictures, each a PNG (since Windows Vista).
 * @param pictures of at most 256 pixels
 */
export function ico(pictures: Picture[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2); // an icon, not a cursor
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at); // 0 stands for 256
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4); // colour planes
    head.writeUInt16LE(32, at + 6); // bits a pixel
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}

/** The types under which macOS looks for a size; those for twice the density hold the same pictures. */
const types: Record<number, string[]> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/**
 * A macOS icon: chunks of type, length (with its own 8 bytes, big-endian) and a PNG.
 * @param pictures of 16 to 1024 pixels, in powers of two
 */
export function icns(pictures: Picture[]): Buffer {
  const chunk = (type: string, body: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.write(type, 'ascii');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  const chunks = pictures.flatMap(({ size, png }) => (types[size] ?? []).map((type) => chunk(type, png)));
  return chunk('icns', Buffer.concat(chunks));
}
