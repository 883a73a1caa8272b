import { createReadStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Encoding } from '../contract/imports.ts';

/** Bytes of the beginning that the guesses are made from. */
export const headSize = 256 * 1024;
/** Bytes that a packed file may unpack to. */
const maxUnpacked = 16 * 1024 ** 3;

/** Why a file cannot be read, in a sentence for the operator. */
export class FileProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FileProblem';
  }
}

/** What is wrong with a file in words, where an error is about that. */
export function explained(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_')
    ? new FileProblem('The packed file is damaged, or breaks off. What comes after that was not read.')
    : error;
}

export const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;

/** Says what a file is that is no text. @throws FileProblem */
export function refuseOtherKinds(head: Uint8Array): void {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x50, 0x4b, 0x03, 0x04) || starts(0x50, 0x4b, 0x05, 0x06))
    throw new FileProblem(
      'This is a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV, and choose that file.',
    );
  if (
    starts(0x42, 0x5a, 0x68) ||
    starts(0xfd, 0x37, 0x7a) ||
    starts(0x37, 0x7a, 0xbc) ||
    starts(0x28, 0xb5, 0x2f)
  )
    throw new FileProblem('This is a packed file. Unpack it first, and choose what was in it.');
  if (starts(0x53, 0x51, 0x4c, 0x69, 0x74, 0x65))
    throw new FileProblem(
      'This is a database. Export the table of subscribers as CSV, and choose that file.',
    );
}

/** Unpacked bytes of a file, and how many bytes of the file itself were read for them. */
export function bytesOf(path: string, gzip: boolean): { bytes: Readable; position: () => number } {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const position = () => file.bytesRead;
  if (!gzip) return { bytes: file, position };
  const unpacked = new PassThrough({ highWaterMark: 256 * 1024 });
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxUnpacked) throw new FileProblem('The file unpacks to more than 16 GB. Split it first.');
      yield chunk;
    }
  };
  pipeline(file, createGunzip(), counted, unpacked).catch(() => {}); // its reader hears of it
  return { bytes: unpacked, position };
}

/** The encoding by its mark, by where zero bytes stand, or by whether the bytes are UTF-8. */
export function guessEncoding(
  head: Uint8Array,
  whole: boolean,
): { encoding: Encoding; remark: string | null } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', remark: null };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', remark: null };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', remark: null };
  const some = head.subarray(0, 2000);
  const zeros = (odd: number) => some.filter((byte, i) => byte === 0 && i % 2 === odd).length;
  if (zeros(1) > some.length / 4 && zeros(0) === 0) return { encoding: 'utf-16le', remark: null };
  if (zeros(0) > some.length / 4 && zeros(1) === 0) return { encoding: 'utf-16be', remark: null };
  if (some.includes(0)) throw new FileProblem('This is no text: there are zero bytes in it.');
  try {
    // the beginning may end in the middle of a character
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole });
    return { encoding: 'utf-8', remark: null };
  } catch {
    const remark =
      'The beginning is not UTF-8, so it is read as Windows-1252 (Western European). ' +
      'Look at the values: choose another encoding if letters look wrong.';
    return { encoding: 'windows-1252', remark };
  }
}

/** Text of bytes, piece by piece, without a byte-order mark. What is no text becomes U+FFFD. */
export async function* textOf(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
