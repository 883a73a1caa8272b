import type { Job } from '../../main/contract/jobs.ts';
import classes from './jobs.module.css';
import { progressWords } from './words.ts';

/** How far a job is: a bar, and its line unless there is no room. */
export function JobProgress({ label, job, thin = false }: Props) {
  const { done, total } = job;
  // where there is little room the time that is left says more than the rate
  const words = progressWords(thin ? { ...job, perSecond: null } : job);
  return (
    <div className={classes['progress']}>
      <div
        role="progressbar"
        className={classes['track']}
        data-thin={thin || undefined}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total ?? undefined}
        aria-valuenow={total === null ? undefined : done}
        aria-valuetext={words}
      >
        <i
          style={{ width: total ? `${(done / total) * 100}%` : '100%' }}
          data-unknown={total === null || undefined}
        />
      </div>
      <p className="dim small tabular">{words}</p>
    </div>
  );
}
interface Props {
  label: string;
  job: Pick<Job, 'done' | 'total' | 'perSecond' | 'secondsLeft'> & Partial<Pick<Job, 'unit'>>;
  thin?: boolean;
}
