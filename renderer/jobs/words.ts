import { formatDuration, formatNumber, formatShare } from '../parts/format.ts';

interface Progress {
  /** Bytes are told as a share of the whole: nobody counts them. */
  unit?: 'things' | 'bytes';
  done: number;
  total: number | null;
  perSecond: number | null;
  secondsLeft: number | null;
}

/** How far something is: "1 250 of 2 000 · 800 a second · about 1 s left". */
export function progressWords(progress: Progress | null): string {
  if (!progress || progress.total === 0) return 'Just begun';
  const { unit = 'things', done, total, perSecond, secondsLeft } = progress;
  const share = unit === 'bytes' && total !== null ? formatShare(done, total) : null;
  return [
    share !== null
      ? share
      : total === null
        ? formatNumber(done)
        : `${formatNumber(done)} of ${formatNumber(total)}`,
    share === null && perSecond !== null && `${formatNumber(perSecond)} a second`,
    secondsLeft !== null && total !== null && done < total && `about ${formatDuration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}
