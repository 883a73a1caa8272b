import type { AttributeChange } from '../../main/contract/attributes.ts';
import type { SegmentUsers } from '../../main/contract/segments.ts';
import { people } from '../parts/format.ts';

interface Preview {
  people: number;
  both: number;
  unreadable: number;
  example: string | null;
  usedBy: SegmentUsers;
}

/** The first few by name: “A”, “B” and 3 more. */
function listed({ segments, campaigns }: SegmentUsers): string {
  const all = [...segments.map(({ name }) => `“${name}”`), ...campaigns.map(({ title }) => `“${title}”`)];
  const shown = all.slice(0, 3).join(', ');
  return all.length > 3 ? `${shown} and ${all.length - 3} more` : shown;
}

/** What a change would do, counted. */
export function Consequences({ change, preview }: { change: AttributeChange; preview: Preview | undefined }) {
  if (preview === undefined) return <p className="dim">Counting whom it is about…</p>;
  const { both, unreadable, example, usedBy } = preview;
  const users = listed(usedBy);
  const follows = change.do === 'rename' || change.do === 'merge';
  return (
    <div className="dim" aria-live="polite">
      <p>
        {people(preview.people)} {preview.people === 1 ? 'has' : 'have'} it
        {change.do === 'merge' && both > 0 && `, ${people(both)} both`}
        {change.do === 'retype' &&
          unreadable > 0 &&
          `; ${unreadable === preview.people ? 'no' : `of ${people(unreadable)} the`} value can${unreadable === preview.people ? '' : 'not'} be read as that, such as “${example}”: ${unreadable === preview.people ? 'all stay' : 'those stay'} as they are`}
        . Whoever left or expired is among them.
      </p>
      {users !== '' && (
        <p>
          {follows
            ? `What uses it uses the new one instead: ${users}.`
            : change.do === 'remove'
              ? `Nobody is found by it any more in what uses it: ${users}.`
              : `It is used by ${users}: see whether the comparisons there still fit.`}
        </p>
      )}
      {change.do !== 'retype' && (
        <p>
          Your website and your server go on sending “{change.name}” until you change that there, and whoever
          gets it shows here again.
        </p>
      )}
      <p>It can be undone for 30 days.</p>
    </div>
  );
}
