import { ImportCounts } from '../../contract/imports.ts';
import type { JobFacts } from '../jobs/job.ts';
import type { ImportRecord } from '../ports/imports.ts';
import { wantsAll } from './work.ts';

const inWords = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en').replaceAll(',', '\u202f')} ${count === 1 ? one : many}`;

/** What is done with a file, as a job. All rows or none: it is read once to see whether it may be, and once more. */
export function jobFacts(record: ImportRecord, site: string, what: 'check' | 'run' | 'undo'): JobFacts {
  const { name, size, added } = record;
  const kind = `import.${what}`;
  const file = { kind, site, unit: 'bytes', cancellable: true } as const;
  switch (what) {
    case 'check':
      return { ...file, title: `Trying ${name}`, total: size };
    case 'run':
      return { ...file, title: `Importing ${name}`, total: wantsAll(record.options) ? size * 2 : size };
    case 'undo':
      return { kind, site, title: `Taking back the import of ${name}`, total: added };
  }
}

/** What came of it, in a sentence; null where the job's own end says it. */
export function resultWords(record: ImportRecord | undefined): string | null {
  if (record === undefined) return null;
  const { name, state } = record;
  const counts = state === 'finished' ? record.counts : state === 'checked' ? record.checked : null;
  if (state === 'undone') return `The import of ${name} was taken back.`;
  if (counts === null) return null;
  const { added, refused } = ImportCounts.parse(JSON.parse(counts));
  const people = inWords(added, 'person', 'people');
  const left = refused === 0 ? '' : ` ${inWords(refused, 'row was', 'rows were')} refused.`;
  return state === 'finished'
    ? `${people} came in from ${name}.${left}`
    : `${name} was tried: ${people} would come in.${left}`;
}
