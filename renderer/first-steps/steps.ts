import type { FirstSteps } from '../../main/contract/sites.ts';

/** The way from a new site to a notification that somebody clicked. */
export const steps = [
  { id: 'opened', name: 'Open a page that asks' },
  { id: 'person', name: 'Subscribe with your own browser' },
  { id: 'accepted', name: 'Send yourself a message' },
  { id: 'shown', name: 'See it appear' },
  { id: 'clicked', name: 'Click it' },
] as const satisfies { id: keyof FirstSteps; name: string }[];
export type StepId = (typeof steps)[number]['id'];

/**
 * The first step that is not done; null when all are. One that came later stands for those before it: who clicks has
 * seen it, also where the browser does not say so.
 */
export function nextStep(done: FirstSteps): StepId | null {
  const last = steps.findLastIndex(({ id }) => done[id]);
  return steps[last + 1]?.id ?? null;
}

/** How many of the steps are done. */
export const stepsDone = (done: FirstSteps): number => steps.findLastIndex(({ id }) => done[id]) + 1;
