import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import {
  type Delimiter,
  delimiters,
  type Encoding,
  type FileFormat,
  type ImportField,
  type ImportPreview,
  maxColumns,
} from '../contract/imports.ts';
import { guessColumns } from '../core/imports/guess.ts';
import { FileProblem, guessEncoding, headSize, isGzip, refuseOtherKinds } from './decode.ts';
import { jsonTexts } from './json.ts';
import { csvRecords, objectOf } from './records.ts';

/** Rows that the guesses are made from. */
const rowsLookedAt = 100;
const samplesShown = 3;

/** How a file is to be read. */
export interface FileShape {
  format: FileFormat;
  compressed: boolean;
  encoding: Encoding;
  delimiter: Delimiter | null;
  columns: string[];
}

/** Looks at the beginning of a file. @throws FileProblem for one that holds no rows that can be read */
export async function previewFile(
  path: string,
  wanted: { encoding?: Encoding | undefined; delimiter?: Delimiter | undefined },
): Promise<ImportPreview & { names: string[] }> {
  const raw = await headOf(path);
  if (raw.bytes.length === 0) throw new FileProblem('The file is empty.');
  refuseOtherKinds(raw.bytes);
  const compressed = isGzip(raw.bytes);
  const head = compressed ? await unpackedHead(raw.bytes) : raw.bytes;
  if (compressed) refuseOtherKinds(head);
  const whole = raw.whole && !compressed;
  const { encoding, remark } = wanted.encoding
    ? { encoding: wanted.encoding, remark: null }
    : guessEncoding(head, whole);
  const text = new TextDecoder(encoding).decode(head, { stream: !whole });
  const begins = text.trimStart();
  if (begins === '') throw new FileProblem('There is nothing in the file but white space.');
  const remarks = remark === null ? [] : [remark];
  const format = formatOf(begins);
  const delimiter = format === 'csv' ? (wanted.delimiter ?? guessDelimiter(text)) : null;
  const { names, rows } = await rowsOf(text, whole, format, delimiter);
  if (names.length === 0) throw new FileProblem('There is not a single row in the file that can be read.');
  if (names.length > maxColumns)
    throw new FileProblem(
      `The file has more than ${maxColumns} columns. Is it a file of subscribers, and are its values divided by another character?`,
    );
  const samples = names.map((_, i) => rows.map((row) => row[i] ?? '').filter((value) => value !== ''));
  const guess = guessColumns(names, samples);
  if (encoding !== 'windows-1252' && text.includes('\uFFFD'))
    remarks.push('Some of the text cannot be read in this encoding. Rows with such values are refused.');
  if (format === 'csv' && rows.length === 0)
    remarks.push('There is a first line with names, and no row after it.');
  return {
    format,
    compressed,
    encoding,
    delimiter,
    layout: guess.layout,
    names,
    columns: guess.columns.map((column, i) => ({
      ...column,
      samples: (samples[i] ?? []).slice(0, samplesShown).map((value) => shown(value, column.field)),
    })),
    remarks,
  };
}

/** Enough to know a value by; keys are secrets. */
const shown = (value: string, field: ImportField): string => {
  const most = field === 'auth' || field === 'p256dh' || field === 'subscription' ? 8 : 60;
  return value.length > most ? `${value.slice(0, most)}…` : value;
};

async function headOf(path: string): Promise<{ bytes: Buffer; whole: boolean }> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(headSize);
    const { bytesRead } = await file.read(bytes, 0, headSize, 0);
    const { size } = await file.stat();
    return { bytes: bytes.subarray(0, bytesRead), whole: size <= headSize };
  } finally {
    await file.close();
  }
}

/** The beginning of what a packed file holds; the rest stays packed. */
function unpackedHead(packed: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const gunzip = createGunzip();
    const parts: Buffer[] = [];
    let size = 0;
    const end = () => {
      gunzip.destroy();
      resolve(Buffer.concat(parts).subarray(0, headSize));
    };
    gunzip.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= headSize) end();
    });
    gunzip.on('end', end);
    // what was cut off for the beginning looks broken; with nothing at all in it, it is
    gunzip.on('error', () => (size > 0 ? end() : reject(new FileProblem('The packed file is damaged.'))));
    gunzip.end(packed);
  });
}

function formatOf(begins: string): FileFormat {
  if (begins.startsWith('[')) return 'json';
  if (!begins.startsWith('{')) return 'csv';
  const first = begins.split('\n', 1)[0] ?? '';
  // an object over several lines is JSON all the same, and a first line that is broken is one of lines
  return typeof objectOf(first) !== 'string' || first.trimEnd().endsWith('}') ? 'json-lines' : 'json';
}

/** The one that stands most often in the first line outside of quotation marks. */
function guessDelimiter(text: string): Delimiter {
  const first = (text.split(/\r?\n/, 1)[0] ?? '').replace(/"[^"]*"/g, '');
  const often = (delimiter: string) => first.split(delimiter).length;
  return delimiters.reduce((best, one) => (often(one) > often(best) ? one : best));
}

async function rowsOf(text: string, whole: boolean, format: FileFormat, delimiter: Delimiter | null) {
  const rows: string[][] = [];
  if (format === 'csv') {
    let names: string[] | null = null;
    // a head that was cut ends in the middle of a row, which only tells that it goes on
    const end = whole ? text.length : Math.max(text.lastIndexOf('\n'), 0) || text.length;
    try {
      for await (const records of csvRecords(once(text.slice(0, end)), delimiter ?? ',')) {
        for (const record of records) {
          if (!('cells' in record)) continue;
          if (names === null) names = uniqueNames(record.cells);
          else if (rows.length < rowsLookedAt) rows.push(record.cells);
        }
        if (rows.length >= rowsLookedAt) break;
      }
    } catch (error) {
      if (names === null || !(error instanceof FileProblem)) throw error;
    }
    return { names: names ?? [], rows };
  }
  const found = new Map<string, number>();
  const objects: Map<string, string>[] = [];
  try {
    for await (const one of jsonTexts(once(text), format)) {
      const values = 'text' in one ? objectOf(one.text) : 'too large';
      if (typeof values === 'string') continue;
      objects.push(values);
      for (const name of values.keys()) if (!found.has(name)) found.set(name, found.size);
      if (objects.length >= rowsLookedAt || found.size > maxColumns) break;
    }
  } catch (error) {
    if (objects.length === 0 || !(error instanceof FileProblem)) throw error;
  }
  const names = [...found.keys()];
  return { names, rows: objects.map((values) => names.map((name) => values.get(name) ?? '')) };
}

async function* once(text: string) {
  yield text;
}

/** Names of columns, the same one told apart by a number, an empty one by its place. */
export function uniqueNames(cells: string[]): string[] {
  const times = new Map<string, number>();
  return cells.map((cell, i) => {
    const name = cell.trim().slice(0, 250) || `column ${i + 1}`;
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}
