import * as z from 'zod';
import { ById, Id, procedure, Time } from './common.ts';

/** `stopping`: it was cancelled and is tidying up. The last three are ends. */
export const jobStates = ['running', 'stopping', 'done', 'cancelled', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

/** Work that takes longer than anyone waits for: it goes on whatever the console shows, and can be watched. */
export const Job = z.object({
  id: Id,
  kind: z.string().describe('what kind of work, such as rehearsal.make'),
  title: z.string().describe('what is being done, for a person'),
  site: Id.nullable().describe('the site that it is for'),
  about: Id.nullable().describe('what it works on, such as a change to many people'),
  state: z.enum(jobStates),
  unit: z.enum(['things', 'bytes']).describe('what is counted'),
  done: z.number().int(),
  total: z.number().int().nullable().describe('null while nobody knows'),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  cancellable: z.boolean(),
  startedAt: Time,
  endedAt: Time.nullable(),
  result: z.string().nullable().describe('what came of it, or why it failed, for a person'),
});
export type Job = z.infer<typeof Job>;

export const jobs = {
  /** What is under way, and what ended since Belfry was started; the newest first. */
  list: procedure('operator')
    .route({ method: 'GET', path: '/jobs' })
    .output(z.object({ items: z.array(Job) })),
  /** Asks it to stop; it undoes what must not stay half done, and ends as `cancelled`. */
  cancel: procedure('operator').route({ method: 'POST', path: '/jobs/{id}/cancel' }).input(ById).output(Job),
};
