import type { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between the looks at an event loop. */
export const resolution = 10;

/**
 * How late an event loop was, 99th percentile, in milliseconds. What Node counts is the time from one look to the
 * next, so that an event loop without any delay has the resolution itself.
 */
export const lateness = (delays: ReturnType<typeof monitorEventLoopDelay>): number =>
  Math.max(0, delays.percentile(99) / 1e6 - resolution);
