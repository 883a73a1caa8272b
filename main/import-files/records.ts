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

/**
 * The rows of a CSV text, the first line with the names among them, some at a time. Until the first quotation mark a
 * row is a line and a cell what stands between two delimiters; from there on csv-parse reads, which knows the rest.
 */
export async function* csvRecords(
  text: AsyncIterable<string>,
  delimiter: Delimiter,
): AsyncGenerator<FileRecord[]> {
  const source = text[Symbol.asyncIterator]();
  let rest = '';
  let lines = 0;
  /** What ends a row: what ends the first one. */
  let ending: string | null = null;
  try {
    for (;;) {
      const { value, done } = await source.next();
      const chunk = done ? '' : value;
      rest = lines === 0 && rest === '' ? chunk.replace(/^\uFEFF/, '') : rest + chunk;
      const quote = rest.indexOf('"');
      const plain = quote < 0 ? rest : rest.slice(0, quote);
      ending ??= endingOf(plain, done === true);
      if (ending !== null) {
        const records: FileRecord[] = [];
        let from = 0;
        for (let to = plain.indexOf(ending); to >= 0; to = plain.indexOf(ending, from)) {
          lines++;
          if (to - from > maxRow) throw tooLarge(lines);
          if (to > from) records.push({ line: lines, cells: plain.slice(from, to).split(delimiter) });
          from = to + ending.length;
        }
        rest = rest.slice(from);
        if (records.length > 0) yield records;
      }
      if (quote >= 0) return yield* quotedRecords(before(rest, source), delimiter, ending, lines);
      if (rest.length > maxRow) throw tooLarge(lines + 1);
      if (!done) continue;
      if (rest !== '') yield [{ line: lines + 1, cells: rest.split(delimiter) }];
      return;
    }
  } finally {
    await source.return?.();
  }
}

/** Null while it cannot be told: a return may be the first half of one. */
function endingOf(text: string, isWhole: boolean): string | null {
  const at = text.search(/[\r\n]/);
  if (at < 0 || (at === text.length - 1 && text[at] === '\r' && !isWhole)) return null;
  return text.startsWith('\r\n', at) ? '\r\n' : (text[at] ?? null);
}

async function* before(text: string, source: AsyncIterator<string>): AsyncGenerator<string> {
  yield text;
  for (;;) {
    const { value, done } = await source.next();
    if (done) return;
    yield value;
  }
}

/** @param lines that were read before */
async function* quotedRecords(
  text: AsyncIterable<string>,
  delimiter: Delimiter,
  ending: string | null,
  lines: number,
): AsyncGenerator<FileRecord[]> {
  const parser = parse({
    delimiter,
    ...(ending !== null && { record_delimiter: ending }),
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
      yield [{ line: lines + info.lines, cells: record }];
  } catch (error) {
    throw csvProblem(error, lines);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

const tooLarge = (line: number) =>
  new FileProblem(
    `A row near line ${line} is larger than ${maxRow / 1024} KB. A quotation mark that is never closed makes one such row of all that follows. What comes after it was not read.`,
  );

/** @param before lines that were read by other means */
function csvProblem(error: unknown, before: number): unknown {
  const { code, lines: own } = error as { code?: string; lines?: number };
  const lines = before + (own ?? 0);
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLarge(lines);
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
): AsyncGenerator<FileRecord[]> {
  for await (const one of jsonTexts(text, format)) {
    if (!('text' in one)) {
      yield [{ line: one.line, refused: one.refused, text: one.beginning }];
      continue;
    }
    const values = objectOf(one.text);
    if (typeof values === 'string')
      yield [{ line: one.line, refused: 'bad-row', detail: values, text: one.text }];
    else yield [{ line: one.line, cells: columns.map((name) => values.get(name) ?? '') }];
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
