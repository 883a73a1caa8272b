import * as z from 'zod';

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const smallest = { width: 720, height: 520 };
const usual = { width: 1180, height: 780 };

const Placement = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(smallest.width),
  height: z.number().int().min(smallest.height),
  maximized: z.boolean(),
});
/** Where a window was, in device-independent pixels. */
export type Placement = z.infer<typeof Placement>;

/**
 * Where to open the window.
 * @param remembered what was stored when it was last closed, whatever that is by now
 * @param screens the work areas of the screens there are now
 * @returns the remembered place when most of its title bar can be grasped there; else the usual size, in the middle
 */
export function placeWindow(remembered: unknown, screens: Area[]): Partial<Area> & { maximized: boolean } {
  const parsed = Placement.safeParse(remembered);
  const primary = screens[0] ?? { x: 0, y: 0, ...usual };
  if (parsed.success) {
    const { maximized, ...area } = parsed.data;
    const screen = screens.find((one) => holdsTitleBar(one, area));
    if (screen !== undefined) {
      return {
        ...area,
        width: Math.min(area.width, Math.max(screen.width, smallest.width)),
        height: Math.min(area.height, Math.max(screen.height, smallest.height)),
        maximized,
      };
    }
  }
  return {
    width: Math.max(smallest.width, Math.min(usual.width, primary.width)),
    height: Math.max(smallest.height, Math.min(usual.height, primary.height)),
    maximized: false,
  };
}

/** Whether half of the width of a window's uppermost 32 pixels lies on a screen. */
function holdsTitleBar(screen: Area, window: Area): boolean {
  const across = Math.min(screen.x + screen.width, window.x + window.width) - Math.max(screen.x, window.x);
  return across >= window.width / 2 && window.y >= screen.y && window.y + 32 <= screen.y + screen.height;
}
