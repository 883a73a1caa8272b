import { type Display, startDisplay } from './display.ts';
import { findExecutable } from './requirements.ts';

let display: Display | null = null;

/** Runs before suites that open windows: gives them a display of their own, so that nothing flashes up on a desk. */
export async function setup() {
  if (!findExecutable('xvfb')) return;
  display = await startDisplay();
  process.env['DISPLAY'] = display.name;
}

export async function teardown() {
  await display?.close();
}
