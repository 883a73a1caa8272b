/**
 * A tar archive (POSIX ustar) of a few small files, by their paths of at most 100 characters.
 * @returns the archive: the same for the same files
 */
export function tar(files: Record<string, string>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    const octal = (value: number, at: number, digits: number) =>
      header.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
    header.write(path, 0);
    octal(0o644, 100, 7);
    octal(0, 108, 7);
    octal(0, 116, 7);
    octal(body.length, 124, 11);
    octal(0, 136, 11);
    header.write('        ', 148); // the checksum is reckoned with blanks in its place
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    let sum = 0;
    for (const byte of header) sum += byte;
    octal(sum, 148, 6);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
