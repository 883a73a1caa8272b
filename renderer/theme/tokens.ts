/**
 * Every colour, size and distance of the console. A bell of bronze with its green patina: patina is for what can be
 * done and what is chosen, bronze for the few things that matter (sending), red and amber only for trouble.
 * Scales run from light (0) to dark (9), made at equal steps of OKLCH lightness.
 */
export const scales = {
  patina: [
    '#f0f9f8',
    '#ddf2f0',
    '#bee6e2',
    '#94d4ce',
    '#5db8b1',
    '#369b94',
    '#23837d',
    '#1a706b',
    '#135854',
    '#0e3e3b',
  ],
  bronze: [
    '#fdf5ef',
    '#fbe9da',
    '#f8d5b8',
    '#eeba8d',
    '#da9556',
    '#be762c',
    '#a46015',
    '#8e5105',
    '#713f03',
    '#4e2c07',
  ],
  red: [
    '#fff4f3',
    '#ffe6e3',
    '#ffcec9',
    '#ffaca5',
    '#f67d75',
    '#e34f4c',
    '#ca3134',
    '#b02429',
    '#8b1e20',
    '#601717',
  ],
  amber: [
    '#fdf6eb',
    '#fcead0',
    '#fad7a0',
    '#f0bc66',
    '#d69a27',
    '#b57d00',
    '#996800',
    '#825900',
    '#684600',
    '#483001',
  ],
  /** Neutrals on light, with a trace of blue. */
  gray: [
    '#f9fafb',
    '#f3f4f6',
    '#e7eaed',
    '#d9dde1',
    '#b9bec4',
    '#8c939a',
    '#616870',
    '#4c535b',
    '#2f363e',
    '#181f26',
  ],
  /** Neutrals on dark, as Mantine orders them: text first, ground last. */
  dark: [
    '#e6e8ea',
    '#c3c8cc',
    '#9ea4aa',
    '#6e757d',
    '#42484f',
    '#2d3238',
    '#20252a',
    '#161a1e',
    '#0f1317',
    '#090d10',
  ],
} as const;

/** The shade of a scale that carries filled buttons and text of that colour. */
export const primaryShade = { light: 7, dark: 4 } as const;

const { patina, bronze, red, amber, gray, dark } = scales;

/** What the colours mean, by scheme. `*Soft` are grounds, the others are for text, marks and lines on them. */
export const meanings = {
  light: {
    ground: '#ffffff',
    side: gray[0],
    raised: '#ffffff',
    sunken: gray[1],
    line: gray[2],
    lineStrong: gray[4],
    field: gray[5],
    ink: gray[9],
    dim: gray[6],
    faint: gray[4],
    hover: gray[1],
    chosen: patina[1],
    onFill: '#ffffff',
    accent: patina[7],
    accentSoft: patina[1],
    accentMark: patina[6],
    bronze: bronze[7],
    bronzeSoft: bronze[1],
    bronzeMark: bronze[5],
    bad: red[7],
    badSoft: red[0],
    badMark: red[6],
    warn: amber[7],
    warnSoft: amber[0],
    warnMark: amber[5],
    quietMark: gray[5],
  },
  dark: {
    ground: dark[7],
    side: dark[8],
    raised: dark[6],
    sunken: dark[8],
    line: '#262b31',
    lineStrong: dark[4],
    field: dark[3],
    ink: dark[0],
    dim: dark[2],
    faint: dark[4],
    hover: '#1d2227',
    chosen: '#14302f',
    onFill: dark[9],
    accent: patina[4],
    accentSoft: '#14302f',
    accentMark: patina[4],
    bronze: bronze[4],
    bronzeSoft: '#33220f',
    bronzeMark: bronze[4],
    bad: red[4],
    badSoft: '#331719',
    badMark: red[4],
    warn: amber[4],
    warnSoft: '#2d220d',
    warnMark: amber[4],
    quietMark: dark[3],
  },
} as const;

/** Pairs of meanings that text is set in: at least 4.5:1 in both schemes. */
export const textPairs = [
  ...(['ground', 'side', 'raised', 'sunken', 'hover', 'chosen'] as const).flatMap((ground) => [
    ['ink', ground] as const,
    ['dim', ground] as const,
  ]),
  ['accent', 'ground'],
  ['accent', 'side'],
  ['accent', 'accentSoft'],
  ['accent', 'hover'],
  ['bronze', 'ground'],
  ['bronze', 'side'],
  ['bronze', 'bronzeSoft'],
  ['bad', 'ground'],
  ['bad', 'badSoft'],
  ['warn', 'ground'],
  ['warn', 'warnSoft'],
  ['onFill', 'accent'],
  ['onFill', 'bronze'],
  ['onFill', 'bad'],
] as const;

/** Pairs of meanings that marks and the edges of fields are drawn in: at least 3:1 in both schemes. */
export const markPairs = [
  ['field', 'ground'],
  ['accentMark', 'ground'],
  ['bronzeMark', 'ground'],
  ['badMark', 'ground'],
  ['warnMark', 'ground'],
  ['quietMark', 'ground'],
] as const;

/** Four text sizes, in pixels at the reader's default of 16. */
export const textSizes = { small: 12, base: 13, large: 15, title: 20 } as const;

/** A 4-pixel grid. */
export const distances = { xs: 4, sm: 8, md: 12, lg: 16, xl: 24 } as const;
export const radii = { xs: 3, sm: 4, md: 6, lg: 8, xl: 12 } as const;
