import type { SubscriberState } from '../../contract/subscribers.ts';
import type { Packed } from './rehearsal.ts';
import type { SubscriberRow } from './subscribers.ts';

/** A row that was found right, ready for the database: a subscriber. */
export interface ImportRow extends Omit<SubscriberRow, 'id' | 'site' | 'state' | 'testDevice'> {
  /** See `endpointHash`. */
  endpointHash: Uint8Array;
  state: Exclude<SubscriberState, 'active'>;
}

const binary = { endpointHash: 16, p256dh: 65, auth: 16 } as const;
type Plain = Exclude<keyof ImportRow, keyof typeof binary>;
const plain: readonly Plain[] = [
  ...(['endpoint', 'pushService', 'vapidKey', 'state', 'stateReason', 'stateSince', 'browser'] as const),
  ...([
    'browserVersion',
    'system',
    'device',
    'language',
    'country',
    'timeZone',
    'page',
    'externalId',
  ] as const),
  ...(['attributes', 'tags', 'consentVersion', 'consentAt', 'firstSeen', 'lastSeen'] as const),
];
const bytesOfRow = Object.values(binary).reduce((sum: number, length) => sum + length, 0);
const headSize = 4;

/** A column as JSON: its values, or the one that all rows have. */
type Column = { values: unknown[] } | { all: unknown };

/**
 * Rows as one buffer, to cross threads without being looked at between: how many they are, the bytes of each, then the
 * other columns as JSON. Most columns of a file have one value, or none.
 */
export function packRows(rows: readonly ImportRow[]): Packed<ImportRow[]> {
  const columns: Partial<Record<Plain, Column>> = {};
  for (const name of plain) {
    const values = rows.map((row) => row[name]);
    const [first] = values;
    const isSame = values.every((value) => value === first || (isEmpty(value) && isEmpty(first)));
    columns[name] = isSame ? { all: first } : { values };
  }
  const text = Buffer.from(JSON.stringify(columns));
  const packed = Buffer.allocUnsafeSlow(headSize + rows.length * bytesOfRow + text.length);
  packed.writeUInt32LE(rows.length, 0);
  let at = headSize;
  for (const row of rows)
    for (const [name, length] of Object.entries(binary) as [keyof typeof binary, number][]) {
      packed.set(row[name], at);
      at += length;
    }
  packed.set(text, at);
  return new Uint8Array(packed.buffer);
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

export function unpackRows(packed: Packed<ImportRow[]>): ImportRow[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const count = bytes.readUInt32LE(0);
  const columns = JSON.parse(bytes.toString('utf8', headSize + count * bytesOfRow)) as Record<Plain, Column>;
  const rows: Partial<Record<keyof ImportRow, unknown>>[] = [];
  for (let i = 0, at = headSize; i < count; i++) {
    const row: Partial<Record<keyof ImportRow, unknown>> = {};
    for (const [name, length] of Object.entries(binary) as [keyof typeof binary, number][]) {
      row[name] = bytes.subarray(at, at + length);
      at += length;
    }
    for (const name of plain) {
      const column = columns[name];
      row[name] = 'all' in column ? column.all : column.values[i];
    }
    rows.push(row);
  }
  return rows as unknown as ImportRow[];
}
