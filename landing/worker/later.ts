import type { WorkerScope } from './scope.ts';

export const reportsTag = 'belfry-reports';
export const renewTag = 'belfry-renew';

/**
 * Asks to be woken when the browser is online (Background Sync; Chromium has it). Where it cannot be had, nothing is
 * lost: the next push, click or page does the same. Never rejects.
 */
export async function later({ registration }: WorkerScope, tag: string): Promise<void> {
  await registration.sync?.register(tag).catch(() => {});
}
