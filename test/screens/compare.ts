import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

export interface Difference {
  /** Of all pixels, those that differ: 0 to 1. */
  share: number;
  /** The most that differ within any square of 32 pixels. */
  together: number;
  /** Whether that is more than drawing letters a little differently explains. */
  differs: boolean;
  /** Both, with what differs in red. Null when they are not of one size. */
  marked: Buffer | null;
}

/** How far two colours are apart before they count as two (OKLab; 1 is black against white). */
const THRESHOLD = 0.02;
const SQUARE = 32;
/** Pixels: the edges of letters differ here and there; an element that moved differs in one place. */
const TOGETHER = 8;
const SHARE = 0.0005;

/** Compares two PNGs. Pixels on the edge of a letter or a curve are left out of it. */
export function compare(expected: Buffer, actual: Buffer): Difference {
  const [a, b] = [PNG.sync.read(expected), PNG.sync.read(actual)];
  if (a.width !== b.width || a.height !== b.height)
    return { share: 1, together: SQUARE ** 2, differs: true, marked: null };
  const { width, height } = a;
  const marked = new PNG({ width, height });
  const options = { threshold: THRESHOLD };
  const count = pixelmatch(a.data, b.data, marked.data, width, height, options);
  const together =
    count === 0 ? 0 : pixelmatch(a.data, b.data, null, width, height, { ...options, windowSize: SQUARE });
  const share = count / (width * height);
  return {
    share,
    together,
    differs: together > TOGETHER || share > SHARE,
    marked: PNG.sync.write(marked),
  };
}

/** The same picture in fewer bytes: without the transparency that it does not use, and packed with care. */
export const small = (png: Buffer): Buffer =>
  PNG.sync.write(PNG.sync.read(png), { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 });
