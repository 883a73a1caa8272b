import { setTimeout as elapse } from 'node:timers/promises';

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  elapse(milliseconds, undefined, signal && { signal }).catch(() => {});
