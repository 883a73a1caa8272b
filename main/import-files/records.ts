import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { Delimiter, RefusalReason } from '../contract/imports.ts';
import { FileProblem } from './decode.ts';
import { jsonTexts } from './json.ts';

/** A row as it stands in the file: its cells, or why it has none. */
export type FileRecord = { line: number } & (
  | { cells: string[] }
  | { refused: RefusalReason; detail?: string; text: string }
);

/** Characters that a row may have; a subscription with everything known has a few thousand. */
export const maxRow = 256 * 1024;

/** The rows of a CSV text, or of bytes in UTF-8, the first line with the names among them. */
export async function* csvRecords(
  text: AsyncIterable<string | Uint8Array>,
  delimiter: Delimiter,
): AsyncGenerator<FileRecord> {
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRow,
    info: true,
  });
  const source = Readable.from(text, { highWaterMark: 2 });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>)
      yield { line: info.lines, cells: record };
  } catch (error) {
    throw csvProblem(error);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function csvProblem(error: unknown): unknown {
  const { code, lines } = error as { code?: string; lines?: number };
  if (code === 'CSV_MAX_RECORD_SIZE')
    return new FileProblem(
      `A row near line ${lines} is larger than ${maxRow / 1024} KB. A quotation mark that is never closed makes one such row of all that follows. What comes after it was not read.`,
    );
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return new FileProblem(
      `The file ends in the middle of a quoted value that began near line ${lines}: it is cut off, or a quotation mark is missing.`,
    );
  if (code?.startsWith('CSV_'))
    return new FileProblem(`The file is no CSV that can be read, near line ${lines}.`);
  return error;
}

/** Columns of an object: its members, those of objects within by their path (`keys.auth`), lists as JSON. */
export function flatten(value: object, into: Map<string, string> = new Map(), path = '', depth = 0) {
  for (const [name, member] of Object.entries(value)) {
    const column = path + name;
    if (member === null || member === undefined) continue;
    // attributes and the like are kept whole: their names are data, and not columns
    const isWhole = Array.isArray(member) || /^(attributes|tags|custom|data)$/.test(name) || depth >= 2;
    if (typeof member === 'object' && !isWhole) flatten(member, into, `${column}.`, depth + 1);
    else into.set(column, typeof member === 'object' ? JSON.stringify(member) : String(member));
  }
  return into;
}

/**
 * The objects of a JSON text as rows.
 * @param columns their names, in the order wanted; what is not among them is passed over
 */
export async function* jsonRecords(
  text: AsyncIterable<string>,
  format: 'json' | 'json-lines',
  columns: readonly string[],
): AsyncGenerator<FileRecord> {
  for await (const one of jsonTexts(text, format)) {
    if (!('text' in one)) {
      yield { line: one.line, refused: one.refused, text: one.beginning };
      continue;
    }
    const values = objectOf(one.text);
    if (typeof values === 'string')
      yield { line: one.line, refused: 'bad-row', detail: values, text: one.text };
    else yield { line: one.line, cells: columns.map((name) => values.get(name) ?? '') };
  }
}

/** The columns of a JSON object, or a sentence on why it is none. */
export function objectOf(text: string): Map<string, string> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'This is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'This is not a JSON object';
  return flatten(value);
}
