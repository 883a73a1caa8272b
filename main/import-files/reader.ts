import { type FileHandle, open, rm } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import type { Delimiter, RefusalReason } from '../contract/imports.ts';
import { refusalReasons } from '../contract/imports.ts';
import { rowReader } from '../core/imports/rows.ts';
import { harmless } from '../core/imports/values.ts';
import { type ImportRow, packRows } from '../core/ports/import-rows.ts';
import type { ReadBatch, ReadSettings } from '../core/ports/imports.ts';
import { Countries } from '../core/subscribers/derived.ts';
import { Hosts } from '../push/hosts.ts';
import { bytesOf, explained, FileProblem, textOf } from './decode.ts';
import { previewFile } from './preview.ts';
import { csvRecords, type FileRecord, jsonRecords } from './records.ts';

/** Rows that one transaction of the database takes: some ten milliseconds. */
export const batchSize = 1000;
/** Rows looked at in one batch, right or not, so that a file of wrong ones reports in too. */
const mostRead = 5000;
/** Rows in a file: what is remembered of each, for duplicates, has to fit into memory. */
const maxRows = 5_000_000;
/** Refused rows that are listed; more are counted. */
const mostListed = 200_000;
/** Of a cell in the list of refused rows. */
const longestCell = 2000;

interface Raw {
  line: number;
  cells: readonly string[];
}

/** Reads one file to its end, row by row, in batches that are asked for one at a time. */
export class Reader {
  readonly #records: AsyncGenerator<FileRecord[]>;
  readonly #read: ReturnType<typeof rowReader>;
  readonly #columns: number;
  readonly #list: FileHandle;
  readonly #strict: boolean;
  readonly #recent = new Map<number, Raw[]>();
  readonly #position: () => number;
  /** Read, and not looked at yet. */
  #waiting: FileRecord[] = [];
  #looked = 0;
  #lines: string[][] = [];
  #listed = 0;
  #rows = 0;
  #number = 0;

  private constructor(parts: {
    records: AsyncGenerator<FileRecord[]>;
    read: ReturnType<typeof rowReader>;
    columns: number;
    list: FileHandle;
    strict: boolean;
    position: () => number;
  }) {
    this.#records = parts.records;
    this.#read = parts.read;
    this.#columns = parts.columns;
    this.#list = parts.list;
    this.#strict = parts.strict;
    this.#position = parts.position;
  }

  /** @throws FileProblem for a file that holds no rows that can be read */
  static async open(path: string, refusedPath: string, settings: ReadSettings): Promise<Reader> {
    const { options } = settings;
    const shape = await previewFile(path, options);
    const names = shape.names;
    const chosen = new Map((options.columns ?? shape.columns).map((column) => [column.column, column]));
    const columns = names.map((column) => chosen.get(column) ?? { column, field: 'ignore' as const });
    if (!columns.some(({ field }) => field === 'endpoint' || field === 'subscription'))
      throw new FileProblem(
        'No column is the endpoint. Say which one is, or whether this is the right file.',
      );
    const countries = new Countries();
    if (columns.some(({ field }) => field === 'timeZone')) await countries.load();
    const read = rowReader({
      columns,
      keys: settings.keys,
      vapidKey: settings.vapidKey,
      tags: options.tags ?? [],
      isSpreadsheet: shape.format === 'csv',
      push: new Hosts(settings.allowedHosts),
      countries,
      now: settings.now,
    });
    const { bytes, position } = bytesOf(path, shape.compressed);
    const records =
      shape.format === 'csv'
        ? csvRows(textOf(bytes, shape.encoding), shape.delimiter ?? ',')
        : jsonRecords(textOf(bytes, shape.encoding), shape.format, names);
    await rm(refusedPath, { force: true });
    const list = await open(refusedPath, 'w', 0o600);
    await list.write(stringify([['line', 'reason', 'why', ...names.map(harmless)]], { bom: true }));
    const strict = shape.format === 'csv';
    return new Reader({ records, read, columns: names.length, list, strict, position });
  }

  async next(): Promise<ReadBatch> {
    const rows: ImportRow[] = [];
    const raws: Raw[] = [];
    const refused: ReadBatch['refused'] = {};
    let read = 0;
    let end = false;
    let problem: string | null = null;
    const refuse = (raw: Raw, reason: RefusalReason, detail: string = refusalReasons[reason]) => {
      refused[reason] = (refused[reason] ?? 0) + 1;
      this.#note(raw, reason, detail);
    };
    try {
      while (rows.length < batchSize && read < mostRead) {
        if (this.#looked >= this.#waiting.length) {
          const { value: some, done } = await this.#records.next();
          if (done) {
            end = true;
            break;
          }
          this.#waiting = some;
          this.#looked = 0;
        }
        const record = this.#waiting[this.#looked++];
        if (record === undefined) continue; // the piece was empty
        read++;
        if (++this.#rows > maxRows)
          throw new FileProblem(`The file has more than ${maxRows} rows. Split it; the rest was not read.`);
        if ('refused' in record) {
          refuse({ line: record.line, cells: [record.text] }, record.refused, record.detail);
          continue;
        }
        const fault = this.#misshapen(record.cells);
        if (fault !== null) {
          refuse(record, fault);
          continue;
        }
        const row = this.#read(record.cells);
        if ('reason' in row) refuse(record, row.reason, row.detail);
        else {
          rows.push(row);
          raws.push(record);
        }
      }
    } catch (thrown) {
      const error = explained(thrown);
      if (!(error instanceof FileProblem)) throw error;
      end = true;
      problem = error.message;
    }
    await this.#flush();
    const number = ++this.#number;
    this.#recent.set(number, raws);
    this.#recent.delete(number - 3);
    return {
      number,
      rows: packRows(rows),
      right: rows.length,
      read,
      refused,
      position: this.#position(),
      end,
      problem,
    };
  }

  async refuse(batch: number, rows: { index: number; reason: RefusalReason }[]): Promise<void> {
    const raws = this.#recent.get(batch) ?? [];
    for (const { index, reason } of rows) {
      const raw = raws[index];
      // of people who were erased nothing is written down again
      const cells = reason === 'erased' ? [] : (raw?.cells ?? []);
      if (raw !== undefined) this.#note({ line: raw.line, cells }, reason, refusalReasons[reason]);
    }
    await this.#flush();
  }

  async close(): Promise<void> {
    await this.#records.return(undefined);
    await this.#list.close();
  }

  #misshapen(cells: readonly string[]): RefusalReason | null {
    if (cells.some((cell) => cell.includes('\uFFFD'))) return 'bad-encoding';
    if (!this.#strict || cells.length === this.#columns) return null;
    if (cells.length < this.#columns) return 'too-few-columns';
    // some tools end every line with a divider
    return cells.slice(this.#columns).some((cell) => cell !== '') ? 'too-many-columns' : null;
  }

  #note({ line, cells }: Raw, reason: string, detail: string) {
    if (this.#listed++ >= mostListed) return;
    const shown = cells.slice(0, this.#columns + 20).map((cell) => harmless(cell.slice(0, longestCell)));
    this.#lines.push([String(line), reason, detail, ...shown]);
  }

  async #flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) await this.#list.write(stringify(lines));
  }
}

/** The rows after the one with the names. */
async function* csvRows(text: AsyncIterable<string>, delimiter: Delimiter) {
  let isFirst = true;
  for await (const records of csvRecords(text, delimiter)) {
    yield isFirst ? records.slice(1) : records;
    isFirst = false;
  }
}
