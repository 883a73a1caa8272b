import { expect, test, vi } from 'vitest';
import { report } from '../../bench/helpers/report.ts';
import { compare, interleave, median } from '../../bench/helpers/rounds.ts';

test('a median is the middle, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('a comparison is the median of the rounds’ ratios, with their range', () => {
  const result = compare('x', 'µs', [100, 200, 100], [300, 400, 500], 100, 3);
  expect(result).toEqual({
    name: 'x',
    value: 1,
    unit: 'µs',
    reference: 4,
    ratio: 3,
    spread: [2, 5],
    goal: '≥ 3',
    met: true,
  });
  expect(compare('x', 'µs', [100], [299], 1, 3).met).toBe(false);
});

test('runs take turns, and the first round does not count', async () => {
  const order: string[] = [];
  const costs = await interleave(2, { a: () => order.push('a'), b: async () => order.push('b') });
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect([costs.a.length, costs.b.length]).toEqual([2, 2]);
  order.length = 0;
  const warm = await interleave(1, { a: () => order.push('a') }, { warmUp: false });
  expect([order, warm.a.length]).toEqual([['a'], 1]);
});

test('the last line is JSON for scripts when they ask for it', () => {
  const lines: string[] = [];
  vi.spyOn(console, 'table').mockImplementation(() => {});
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const results = [compare('x', 'µs', [1], [3], 1, 3)];
  report('sample', results, { json: false });
  expect(lines).toEqual([]);
  report('sample', results, { json: true });
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ bench: 'sample', results }]);
  vi.restoreAllMocks();
});
