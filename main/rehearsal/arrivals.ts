import { chance } from './chance.ts';

const HOUR = 60 * 60 * 1000;
/** How far the history of a practice site goes back. */
export const days = 90;

/** How many come in each hour of a day, and on each day of a week from Sunday on. */
const byHour = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 9, 9, 10, 12, 14, 14, 12, 8, 4];
const byWeekday = [0.72, 1.08, 1.12, 1.06, 1.02, 0.98, 0.8];
const DAY_NOISE = 6;
const JITTER = 7;

/**
 * When people subscribed, in order: growing from week to week, fewer at the weekend and at night, and two days on
 * which somebody with many readers linked to the site.
 * @param anchor the end of the history, milliseconds since the epoch
 * @returns the time of person number `index` of `people`
 */
export function arrivals(seed: number, people: number, anchor: number): (index: number) => number {
  const hours = days * 24;
  const start = anchor - hours * HOUR;
  const sums = new Float64Array(hours + 1);
  for (let hour = 0; hour < hours; hour++) {
    const at = new Date(start + hour * HOUR);
    const day = Math.floor(hour / 24);
    const noise = 0.8 + 0.4 * chance(seed, DAY_NOISE, day);
    const linked = day === 37 ? 3.2 : day === 38 ? 1.8 : day === 71 ? 2.4 : 1;
    const weight =
      (1 + (1.6 * day) / days) *
      noise *
      linked *
      (byWeekday[at.getUTCDay()] ?? 1) *
      (byHour[at.getUTCHours()] ?? 1);
    sums[hour + 1] = (sums[hour] ?? 0) + weight;
  }
  const total = sums[hours] ?? 0;

  return (index) => {
    const wanted = ((index + chance(seed, JITTER, index)) / people) * total;
    let [low, high] = [0, hours];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) <= wanted) low = middle;
      else high = middle;
    }
    const [from, to] = [sums[low] ?? 0, sums[low + 1] ?? 0];
    const within = to > from ? (wanted - from) / (to - from) : 0;
    return Math.floor(start + (low + Math.min(within, 0.999)) * HOUR);
  };
}
