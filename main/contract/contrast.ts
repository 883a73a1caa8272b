/** Relative luminance of a colour (WCAG 2.2). @param colour `#rrggbb` */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours (WCAG 2.2), from 1 to 21. @param one, other `#rrggbb` */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** What a prompt's text and its button need on their ground (WCAG 2.2, 1.4.3 and 1.4.11). */
export const leastContrast = { ink: 4.5, accent: 3 } as const;

/** Black or white, whichever reads better on a colour: one of them always has more than 4.5:1. */
export const readableOn = (ground: string): string =>
  contrast('#ffffff', ground) >= contrast('#000000', ground) ? '#ffffff' : '#000000';

/**
 * The colour nearest to `colour`, on the way to black or white, that has the contrast wanted on a ground.
 * @param colour, ground `#rrggbb`
 * @returns `colour` itself when it has enough
 */
export function mendContrast(colour: string, ground: string, wanted: number): string {
  const goal = readableOn(ground) === '#ffffff' ? 255 : 0;
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  for (let step = 0; step <= 100; step++) {
    const mixed = parts
      .map((part) =>
        Math.round(part + ((goal - part) * step) / 100)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('');
    if (contrast(`#${mixed}`, ground) >= wanted) return step === 0 ? colour : `#${mixed}`;
  }
  return readableOn(ground);
}
