const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const QUARTER = 15 * 60 * 1000;

/** A calendar day in some time zone. */
export interface Day {
  /** Such as 2026-11-25. */
  date: string;
  /** Its first moment, in milliseconds. Where clocks change at midnight that may be 01:00. */
  start: number;
}

/**
 * The last days of a time zone, oldest first, the present one last.
 * @param zone an IANA time zone; `count` at least 1
 */
export function lastDays(now: number, count: number, zone: string): Day[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  /** What clocks there show at a moment, as if it were UTC. */
  const shown = (at: number) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const midnight = (at: number) => Math.floor(at / DAY) * DAY;
  const offset = (at: number) => Math.round((shown(at) - at) / QUARTER) * QUARTER;
  const today = midnight(shown(now));
  return Array.from({ length: count }, (_, i) => today - (count - 1 - i) * DAY).flatMap((day) => {
    // with the offset before a change of clocks and the one after: the day begins at the first that lies in it
    const starts = [offset(day - 14 * HOUR), offset(day + 14 * HOUR)].map((ahead) => day - ahead);
    const start = starts.sort((a, b) => a - b).find((at) => midnight(shown(at)) === day);
    // a day that a change of the date line left out has no beginning
    return start === undefined ? [] : [{ date: new Date(day).toISOString().slice(0, 10), start }];
  });
}
