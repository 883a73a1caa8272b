import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import { Spoken } from '../frame/spoken.tsx';
import { JobProgress } from '../jobs/progress.tsx';
import { progressWords } from '../jobs/words.ts';

const nothing = { done: 0, total: 0, perSecond: null, secondsLeft: null };

/** How far people are made or removed: a bar and its line. */
export function RehearsalProgress({ rehearsal }: { rehearsal: Rehearsal }) {
  const { progress, state } = rehearsal;
  const label = state === 'removing' ? 'Removing the practice site' : 'Making people';
  return (
    <>
      <JobProgress label={label} job={progress ?? nothing} />
      <Spoken text={`${label}: ${progressWords(progress)}`} state={state} />
    </>
  );
}
