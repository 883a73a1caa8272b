import type { PeopleDay } from '../../main/contract/subscribers.ts';
import type { PeoplePoint } from '../parts/charts/plots.tsx';
import { formatDay, formatDayFully, formatNumber } from '../parts/format.ts';

/** What a span of days comes to. */
export interface PeopleSum {
  joined: number;
  returned: number;
  imported: number;
  left: number;
  expired: number;
}

export const sumOf = (days: PeopleDay[]): PeopleSum =>
  days.reduce(
    (sum, day) => ({
      joined: sum.joined + day.joined,
      returned: sum.returned + day.returned,
      imported: sum.imported + day.imported,
      left: sum.left + day.unsubscribed + day.removed,
      expired: sum.expired + day.expired,
    }),
    { joined: 0, returned: 0, imported: 0, left: 0, expired: 0 },
  );

/** Joined, returned and imported; the latter two only where there are any. */
export const cameWords = ({ joined, returned, imported }: PeopleSum): [name: string, value: number][] => [
  ['Joined', joined],
  ...(returned > 0 ? [['Came back', returned] as [string, number]] : []),
  ...(imported > 0 ? [['Imported', imported] as [string, number]] : []),
];

/** A difference with its sign: "+34", "−7", "±0". */
export const signed = (value: number) =>
  value === 0 ? '±0' : `${value > 0 ? '+' : '−'}${formatNumber(Math.abs(value))}`;

/** Longer spans are drawn by the week, so that a bar stays a bar. */
const WEEKS_FROM = 120;

/** Days, or weeks that end today, as places on the time axis, oldest first. */
export function periodsOf(days: PeopleDay[]): (PeopleSum & { key: string; from: string; people: number })[] {
  const size = days.length > WEEKS_FROM ? 7 : 1;
  const periods = [];
  for (let end = days.length; end > 0; end -= size) {
    const part = days.slice(Math.max(0, end - size), end);
    const [first, last] = [part[0], part.at(-1)];
    if (!first || !last) break;
    periods.unshift({ ...sumOf(part), key: last.date, from: first.date, people: last.people });
  }
  return periods;
}

export function pointsOf(days: PeopleDay[]): PeoplePoint[] {
  const periods = periodsOf(days);
  const every = Math.max(1, Math.ceil(periods.length / 8));
  return periods.map(({ key, from, people, ...sum }, i) => {
    const back = periods.length - 1 - i;
    return {
      key,
      tick: back % every === 0 ? (back === 0 ? 'Today' : formatDay(key)) : '',
      title:
        from === key
          ? `${formatDayFully(key)}${back === 0 ? ', so far' : ''}`
          : `${formatDay(from)} to ${formatDayFully(key)}`,
      told: [
        ['People', formatNumber(people)],
        ...cameWords(sum).map(([name, value]): [string, string] => [name, formatNumber(value)]),
        ['Left', formatNumber(sum.left)],
        ['Expired', formatNumber(sum.expired)],
      ],
      people,
      came: sum.joined + sum.returned + sum.imported,
      left: -sum.left,
      expired: -sum.expired,
    };
  });
}
