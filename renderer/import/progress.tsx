import classes from './import.module.css';

/** A bar with its line: how far something is. */
export function Progress({ label, done, total, words }: ProgressProps) {
  return (
    <div className={classes['progress']}>
      <div
        role="progressbar"
        className={classes['track']}
        aria-label={label}
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
interface ProgressProps {
  label: string;
  done: number;
  total: number;
  words: string;
}
