import type {
  Encoding,
  ImportOptions,
  ImportPreview,
  ImportState,
  RefusalReason,
} from '../../contract/imports.ts';
import type { ImportRow } from './import-rows.ts';
import type { Packed } from './rehearsal.ts';

/** What rows are read with. */
export interface ReadSettings {
  options: ImportOptions;
  /** The site's keys: public half in base64url without padding, and id. */
  keys: { publicKey: string; id: number }[];
  /** For rows that name none. */
  vapidKey: number;
  /** Hosts that the operator allows as push services, beside the built-in ones. */
  allowedHosts: string[];
  /** Milliseconds. */
  now: number;
}

/** A piece of a file. `rows` are the right ones; the others were written to the list of refused rows. */
export interface ReadBatch {
  number: number;
  rows: Packed<ImportRow[]>;
  /** How many of them there are. */
  right: number;
  /** Rows read since the batch before, right or not. */
  read: number;
  refused: Partial<Record<RefusalReason, number>>;
  /** Bytes of the file that were read so far. */
  position: number;
  /** The file has no more. */
  end: boolean;
  /** Why the file cannot be read further; then `end`. */
  problem: string | null;
}

/** A file that is being read, on a thread of its own. */
export interface ImportReading {
  /** The next rows. Ask once at a time. @throws when the thread ended */
  next(): Promise<ReadBatch>;
  /** Also refuses rows of one of the batches given last, by their positions in it. */
  refuse(batch: number, rows: { index: number; reason: RefusalReason }[]): Promise<void>;
  close(): Promise<void>;
}

/** Files that came in, kept on the disk beside the database until they are done with. */
export interface ImportFiles {
  /** @throws Refusal unavailable when the disk is full or cannot be written */
  append(file: number, offset: number, bytes: Uint8Array): Promise<void>;
  /** Bytes that are there; 0 without a file. */
  size(file: number): Promise<number>;
  /** Looks at the beginning. @throws Refusal invalid_input for a file that holds no rows that can be read */
  preview(
    file: number,
    wanted: { encoding?: Encoding | undefined; delimiter?: string | undefined },
  ): Promise<ImportPreview>;
  read(file: number, settings: ReadSettings): Promise<ImportReading>;
  /** Some of the list of refused rows, from a byte on; whole characters. */
  refused(file: number, offset: number): Promise<{ text: string; nextOffset: number | null }>;
  /** Deletes the file; the list of its refused rows stays. */
  removeRows(file: number): Promise<void>;
  remove(file: number): Promise<void>;
  /** Removes what belongs to none of these. */
  removeOthers(files: number[]): Promise<void>;
  close(): Promise<void>;
}

/** An import as the database keeps it. */
export interface ImportRecord {
  id: number;
  site: number;
  name: string;
  size: number;
  state: ImportState;
  options: ImportOptions | null;
  /** JSON of the contract's counts. */
  checked: string | null;
  counts: string | null;
  problem: string | null;
  /** Counted with every commit, so that they are true after a crash. */
  added: number;
  filled: number;
  known: number;
  createdAt: number;
  finishedAt: number | null;
}
export type ImportChange = Partial<
  Pick<ImportRecord, 'state' | 'options' | 'checked' | 'counts' | 'problem' | 'finishedAt'>
>;

/** What became of rows. `left` and `erased` are positions in the batch. */
export interface AddedPeople {
  added: number;
  filled: number;
  known: number;
  left: number[];
  erased: number[];
}

export interface Imports {
  all(): Promise<ImportRecord[]>;
  insert(record: Pick<ImportRecord, 'site' | 'name' | 'size' | 'createdAt'>): Promise<ImportRecord>;
  /** What is left out stays. Null when it is gone. */
  save(id: number, change: ImportChange): Promise<ImportRecord | null>;
  remove(id: number): Promise<void>;
  /**
   * Adds people in one transaction. People who are here are left as they are, or filled in where something is not
   * known; people who left or were erased are not brought back.
   * @throws when the import or its site is gone
   */
  addPeople(id: number, rows: Packed<ImportRow[]>, fill: boolean): Promise<AddedPeople>;
  /** What `addPeople` would do, without doing it; whoever is here counts as known. */
  lookAtPeople(site: number, rows: Packed<ImportRow[]>): Promise<AddedPeople>;
  /**
   * Takes back some of the people whom an import added, unless their browsers have been seen since. Resolves to how
   * many rows it looked at; 0 when nothing is left.
   */
  takeBack(id: number): Promise<{ looked: number; removed: number }>;
}
