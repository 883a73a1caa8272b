import type { ImportCounts } from '../../contract/imports.ts';
import { type ImportOptions, type RefusalReason, refusalReasons } from '../../contract/imports.ts';
import type { ImportRow } from '../ports/import-rows.ts';
import type { AddedPeople, ImportFiles, ImportReading, ReadSettings } from '../ports/imports.ts';
import type { Packed } from '../ports/rehearsal.ts';

/** Refusals that do not make a file wrong: these people are not to be brought in, or are in it once already. */
const harmless: ReadonlySet<string> = new Set<RefusalReason>(['duplicate', 'left', 'erased']);

/** What a file was found to hold. */
export interface Tally {
  counts: ImportCounts;
  /** Why it could not be read to its end. */
  problem: string | null;
  cancelled: boolean;
}
/** Rows that keep a file from being imported as a whole. */
export const wrongRows = ({ reasons }: ImportCounts): number =>
  reasons.filter(({ reason }) => !harmless.has(reason)).reduce((sum, { count }) => sum + count, 0);

interface Work {
  files: ImportFiles;
  file: number;
  settings: ReadSettings;
  signal: AbortSignal;
  /** Stores a batch, or only looks at what storing it would do. */
  take(rows: Packed<ImportRow[]>): Promise<AddedPeople>;
  /** @param bytes of the file that were read since */
  advanced(bytes: number): void;
}

/** Reads a file from its beginning to its end, or until it is cancelled. The next batch is read while one is stored. */
export async function readThrough(work: Work): Promise<Tally> {
  const { signal } = work;
  let position = 0;
  const counts = { rows: 0, added: 0, filled: 0, known: 0 };
  const refused = new Map<RefusalReason, number>();
  const refuse = (reason: RefusalReason, count: number) =>
    refused.set(reason, (refused.get(reason) ?? 0) + count);
  const reading = await work.files.read(work.file, work.settings);
  let problem: string | null = null;
  try {
    let coming = reading.next();
    for (let end = false; !end && !signal.aborted; ) {
      const batch = await coming;
      end = batch.end;
      problem = batch.problem;
      if (!end) {
        coming = reading.next();
        coming.catch(() => {}); // awaited in the next round, if there is one
      }
      counts.rows += batch.read;
      for (const [reason, count] of Object.entries(batch.refused)) refuse(reason as RefusalReason, count);
      if (batch.right > 0) {
        const taken = await work.take(batch.rows);
        counts.added += taken.added;
        counts.filled += taken.filled;
        counts.known += taken.known;
        for (const reason of ['left', 'erased'] as const)
          if (taken[reason].length > 0) refuse(reason, taken[reason].length);
        await refuseTaken(reading, batch.number, taken);
      }
      work.advanced(batch.position - position);
      position = batch.position;
    }
  } finally {
    await reading.close();
  }
  const reasons = [...refused]
    .map(([reason, count]) => ({ reason, detail: refusalReasons[reason], count }))
    .sort((a, b) => b.count - a.count);
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  return { counts: { ...counts, refused: total, reasons }, problem, cancelled: signal.aborted };
}

async function refuseTaken(
  reading: ImportReading,
  batch: number,
  { left, erased }: AddedPeople,
): Promise<void> {
  if (left.length + erased.length === 0) return;
  await reading.refuse(batch, [
    ...left.map((index) => ({ index, reason: 'left' as const })),
    ...erased.map((index) => ({ index, reason: 'erased' as const })),
  ]);
}

/** Whether options ask for all rows or none. */
export const wantsAll = (options: ImportOptions | null): boolean => options?.keep === 'all';
