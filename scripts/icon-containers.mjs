/**
 * A Windows icon: a directory of pictures, each a PNG (since Windows Vista).
 * @param {{size: number, png: Uint8Array}[]} pictures square, at most 256 pixels
 * @returns {Buffer}
 */
export function ico(pictures) {
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
const types = {
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
 * @param {{size: number, png: Uint8Array}[]} pictures square, of the sizes 16 to 1024 in powers of two
 * @returns {Buffer}
 */
export function icns(pictures) {
  const chunk = (type, body) => {
    const head = Buffer.alloc(8);
    head.write(type, 'ascii');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  const chunks = pictures.flatMap(({ size, png }) => types[size].map((type) => chunk(type, png)));
  return chunk('icns', Buffer.concat(chunks));
}
