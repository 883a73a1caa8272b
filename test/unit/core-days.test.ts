import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastDays } from '../../main/core/days.ts';

const HOUR = 60 * 60 * 1000;
const dates = new Map<string, Intl.DateTimeFormat>();
/** What a calendar on the wall there shows. */
const dateIn = (zone: string, at: number) => {
  const format =
    dates.get(zone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  dates.set(zone, format);
  return format.format(at);
};

describe('the last days', () => {
  test('begin at the first moment of each, in any time zone, and leave out nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) }),
        fc.integer({ min: 1, max: 40 }),
        (zone, now, count) => {
          const days = lastDays(now, count, zone);
          expect(days).toHaveLength(count);
          expect(days.at(-1)?.date).toBe(dateIn(zone, now));
          expect(days.at(-1)?.start).toBeLessThanOrEqual(now);
          for (const [i, { date, start }] of days.entries()) {
            expect(dateIn(zone, start)).toBe(date);
            expect(dateIn(zone, start - 1)).not.toBe(date);
            expect(start % (HOUR / 4)).toBe(0);
            const next = days[i + 1];
            if (next) expect(dateIn(zone, next.start - 1)).toBe(date);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('where clocks are put forward at midnight the day begins at one', () => {
    const [day] = lastDays(Date.parse('2024-04-26T10:00:00Z'), 1, 'Africa/Cairo');
    expect(day).toEqual({ date: '2024-04-26', start: Date.parse('2024-04-25T22:00:00Z') });
  });

  test('a day that was left out at the date line is not there', () => {
    const days = lastDays(Date.parse('2011-12-31T12:00:00Z'), 4, 'Pacific/Apia').map(({ date }) => date);
    expect(days).toEqual(['2011-12-29', '2011-12-31', '2012-01-01']);
  });
});
