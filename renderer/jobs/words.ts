import { formatDuration, formatNumber } from '../parts/format.ts';

interface Progress {
  done: number;
  total: number | null;
  perSecond: number | null;
  secondsLeft: number | null;
}

/** How far something is: "1 250 of 2 000 · 800 a second · about 1 s left". */
export function progressWords(progress: Progress | null): string {
  if (!progress || progress.total === 0) return 'Just begun';
  const { done, total, perSecond, secondsLeft } = progress;
  return [
    total === null ? formatNumber(done) : `${formatNumber(done)} of ${formatNumber(total)}`,
    perSecond !== null && `${formatNumber(perSecond)} a second`,
    secondsLeft !== null && total !== null && done < total && `about ${formatDuration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}
