import { drawing } from './dom.ts';

/*
 * Drawn for Belfry, in the colours of the prompt: `l` is a line, `s` a soft surface, `a` a line of the accent,
 * `f` a surface of the accent, `o` a line on it.
 */
export const bell = () =>
  drawing('0 0 24 24', 'icon', [
    [
      'M12 3a6 6 0 0 1 6 6c0 4 1 5.5 2.4 6.8.5.5.2 1.2-.5 1.2H4.1c-.7 0-1-.7-.5-1.2C5 14.5 6 13 6 9a6 6 0 0 1 6-6Z',
      'c',
    ],
    ['M9.6 20.2a2.5 2.5 0 0 0 4.8 0', 'c'],
  ]);

/** The bar at the bottom of the browser, with Share. */
export const share = () =>
  drawing('0 0 120 72', 'picture', [
    ['M22 0v60a10 10 0 0 0 10 10h56a10 10 0 0 0 10-10V0', 'l'],
    ['M30 6h60v8H30zM30 20h42v5H30zM30 30h50v5H30z', 's'],
    ['M22 44h76', 'l'],
    ['M36 52l-5 5 5 5M84 52l5 5-5 5', 'l'],
    ['M60 40a16 16 0 0 1 0 32a16 16 0 0 1 0-32z', 'f'],
    ['M60 60V48.5M56 52l4-4 4 4M55 55.5h-2v9h14v-9h-2', 'o'],
  ]);

/** The line of the menu that adds a site to the Home Screen. */
export const add = () =>
  drawing('0 0 120 72', 'picture', [
    ['M14 10a6 6 0 0 1 6-6h80a6 6 0 0 1 6 6v52a6 6 0 0 1-6 6H20a6 6 0 0 1-6-6z', 'l'],
    ['M24 12h46v5H24zM24 55h38v5H24z', 's'],
    ['M14 24h92v24H14z', 'f'],
    ['M24 34h46M24 39h30', 'o'],
    ['M84 29h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H84a2 2 0 0 1-2-2V31a2 2 0 0 1 2-2zM90 32.5v7M86.5 36h7', 'o'],
  ]);

/** The Home Screen, with the site among the applications. */
export const open = () =>
  drawing('0 0 120 72', 'picture', [
    ['M22 72V14A10 10 0 0 1 32 4h56a10 10 0 0 1 10 10v58', 'l'],
    [
      'M32 14h14v14H32zM53 14h14v14H53zM74 14h14v14H74zM32 36h14v14H32zM74 36h14v14H74zM32 58h14v14H32zM53 58h14v14H53zM74 58h14v14H74z',
      's',
    ],
    ['M52 33h16a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H52a3 3 0 0 1-3-3V36a3 3 0 0 1 3-3z', 'f'],
    ['M60 37a4 4 0 0 1 4 4c0 3 1 4 2 5H54c1-1 2-2 2-5a4 4 0 0 1 4-4zM58.5 48.5h3', 'o'],
  ]);
