import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import classes from './rehearsal.module.css';
import { progressWords } from './words.ts';

/** How far people are made or removed: a bar and its line. */
export function RehearsalProgress({ rehearsal }: { rehearsal: Rehearsal }) {
  const { progress, state } = rehearsal;
  const { done, total } = progress ?? { done: 0, total: 0 };
  const words = progressWords(progress);
  return (
    <div className={classes['progress']}>
      <div
        role="progressbar"
        className={classes['track']}
        aria-label={state === 'removing' ? 'Removing the practice site' : 'Making people'}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={words}
      >
        <i style={{ width: `${total === 0 ? 0 : (done / total) * 100}%` }} />
      </div>
      <p className="dim small tabular">{words}</p>
    </div>
  );
}
