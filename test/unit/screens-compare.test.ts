import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { compare, small } from '../screens/compare.ts';

type Rgb = [number, number, number];
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  colour: Rgb;
}
const ink: Rgb = [24, 31, 38];
const patina: Rgb = [26, 112, 107];

/** A white page of 640 × 400 with boxes on it. */
function page(...boxes: Box[]): Buffer {
  const png = new PNG({ width: 640, height: 400 });
  png.data.fill(255);
  for (const { x, y, width, height, colour } of boxes)
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) png.data.set(colour, (row * 640 + column) * 4);
  return PNG.sync.write(png);
}
/** Something like a line of letters. */
const words = (y: number, colour: Rgb = ink, x = 40) =>
  Array.from(
    { length: 12 },
    (_, i): Box => ({ x: x + i * 9, y, width: i % 3 === 0 ? 6 : 2, height: 9, colour }),
  );
const button = (more: Partial<Box> = {}): Box => ({
  x: 500,
  y: 20,
  width: 96,
  height: 28,
  colour: patina,
  ...more,
});

describe('comparing pictures', () => {
  const before = page(...words(40), ...words(80), button());
  test('the same one does not differ, packed as small as it goes either', () => {
    expect(compare(before, before)).toMatchObject({ share: 0, together: 0, differs: false });
    expect(compare(small(before), before).differs).toBe(false);
  });

  test('letters that are drawn with softer edges here and there do not count', () => {
    const png = PNG.sync.read(before);
    // the left edge of a few strokes, far apart, a shade lighter
    for (const [x, y] of [
      [40, 42],
      [67, 45],
      [500, 30],
      [94, 84],
    ] as const)
      png.data.set([120, 125, 130], (y * 640 + x) * 4);
    expect(compare(before, PNG.sync.write(png)).differs).toBe(false);
  });

  test.each([
    ['an element a pixel further', page(...words(40), ...words(80), button({ x: 501 }))],
    ['a line of text a pixel lower', page(...words(40), ...words(81), button())],
    ['a line of text a pixel to the right', page(...words(40), ...words(80, ink, 41), button())],
    ['a colour a step further', page(...words(40), ...words(80), button({ colour: [35, 131, 125] }))],
    ['dim text instead of ink', page(...words(40), ...words(80, [97, 104, 112]), button())],
    [
      'a hairline that was not there',
      page(...words(40), ...words(80), button(), {
        x: 0,
        y: 100,
        width: 640,
        height: 1,
        colour: [231, 234, 237],
      }),
    ],
    ['a small mark that is gone', page(...words(40), ...words(80).slice(1), button())],
  ])('%s counts', (_, after) => {
    const difference = compare(before, after);
    expect(difference.differs).toBe(true);
    expect(difference.share).toBeGreaterThan(0);
    expect(difference.marked).not.toBeNull();
  });

  test('another size counts, and has no picture of the difference', () => {
    const png = PNG.sync.write(new PNG({ width: 640, height: 401 }));
    expect(compare(before, png)).toMatchObject({ share: 1, differs: true, marked: null });
  });
});
