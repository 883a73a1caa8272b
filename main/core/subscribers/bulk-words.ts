import type { BulkAction } from '../../contract/changes.ts';
import type { BulkRow } from '../ports/bulk.ts';

const people = (count: number) =>
  count === 1 ? '1 person' : `${count.toLocaleString('en').replaceAll(',', '\u202f')} people`;

/** What is done, as the title of its job. */
export function bulkTitle(action: BulkAction): string {
  if ('addTag' in action) return `Adding the tag “${action.addTag}”`;
  if ('removeTag' in action) return `Taking away the tag “${action.removeTag}”`;
  if ('attribute' in action)
    return action.value === null ? `Clearing “${action.attribute}”` : `Setting “${action.attribute}”`;
  return 'remove' in action ? 'Removing people' : 'Erasing people';
}

function changedWords(action: BulkAction, count: number): string {
  const who = people(count);
  const has = count === 1 ? 'has' : 'have';
  if ('addTag' in action) return `${who} got the tag “${action.addTag}”`;
  if ('removeTag' in action) return `${who} lost the tag “${action.removeTag}”`;
  if ('attribute' in action)
    return action.value === null
      ? `${who} ${has} no “${action.attribute}” any more`
      : `${who} ${has} another “${action.attribute}” now`;
  return 'remove' in action
    ? `${who} ${count === 1 ? 'gets' : 'get'} nothing any more`
    : `${who} ${count === 1 ? 'is' : 'are'} erased`;
}

/** What came of a change, in a sentence or two. */
export function bulkResult({ action, state, changed, looked, people: meant }: BulkRow): string {
  const done = changedWords(action, changed);
  if (state === 'cancelled')
    return meant === null
      ? 'It was stopped before anything was changed.'
      : `${done}. It was stopped then: ${people(meant - looked)} were not looked at.`;
  const others = looked - changed;
  if (others === 0) return `${done}.`;
  const already =
    'addTag' in action
      ? 'had it already'
      : 'removeTag' in action
        ? 'did not have it'
        : 'attribute' in action
          ? 'had that already'
          : 'remove' in action
            ? 'were gone already'
            : 'were erased already';
  return changed === 0
    ? `Nobody was changed: ${people(others)} ${already}.`
    : `${done}; ${people(others)} ${already}.`;
}

/** What came of taking it back. */
export function undoneResult({ state, undone, kept, changed }: BulkRow): string {
  const back = `Taken back for ${people(undone)}.`;
  const left = changed - undone - kept;
  return [
    back,
    kept > 0 && `${people(kept)} stay as they are: they were changed again since, or are gone.`,
    state !== 'undone' && left > 0 && `It was stopped before ${people(left)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What became of a change that is over, whatever was done with it last. */
export function bulkWords(row: BulkRow): string {
  if (row.undone + row.kept > 0) return undoneResult(row);
  if (row.problem !== null && row.changed === 0) return row.problem;
  return row.problem === null ? bulkResult(row) : `${row.problem} ${changedWords(row.action, row.changed)}.`;
}
