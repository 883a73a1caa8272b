import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time } from './common.ts';
import { Expression } from './expressions.ts';
import { Job } from './jobs.ts';
import { AttributeValue, subscriberStates, Tag } from './subscribers.ts';

/** People that are named one by one, at the most. */
const MOST_NAMED = 10_000;
const named = z.array(Id).max(MOST_NAMED);

/** Who is meant: people one by one, or everyone whom the list shows for the same filter, less some. */
export const People = z.union([
  z.strictObject({ subscribers: named.min(1) }),
  z
    .strictObject({
      state: z.enum([...subscriberStates, 'all']),
      search: z.string().max(200).optional(),
      segment: Id.optional(),
      matching: Expression.optional(),
      except: named.optional().describe('less these'),
    })
    .describe('everyone whom a list with these parameters shows'),
]);
export type People = z.infer<typeof People>;

export const BulkAction = z.union([
  z.strictObject({ addTag: Tag }),
  z.strictObject({ removeTag: Tag }),
  z
    .strictObject({ attribute: z.string().min(1).max(64), value: AttributeValue.nullable() })
    .describe('null: they have the attribute no longer'),
  z.strictObject({ remove: z.literal(true) }).describe('as one person is removed: they get nothing any more'),
  z.strictObject({ erase: z.literal(true) }).describe('for good, with everything known of them'),
]);
export type BulkAction = z.infer<typeof BulkAction>;

/** `finding`: who is meant is being found out, and nothing is changed yet. */
export const bulkStates = [
  'finding',
  'changing',
  'done',
  'cancelled',
  'failed',
  'undoing',
  'undone',
] as const;
export type BulkState = (typeof bulkStates)[number];

/** One change to many people at once. */
export const BulkChange = z.object({
  id: Id,
  site: Id,
  title: z.string().describe('what is done, for a person'),
  action: BulkAction,
  state: z.enum(bulkStates),
  people: z.number().int().nullable().describe('who is meant; null until that is known'),
  looked: z.number().int().describe('of these, looked at so far'),
  changed: z.number().int().describe('of these, changed: the others had it already, or are gone'),
  undone: z.number().int().describe('changed, and taken back'),
  kept: z.number().int().describe('not taken back, because it was changed again since'),
  problem: z.string().nullable(),
  result: z.string().nullable().describe('what came of it, for a person, once it is over'),
  undoable: z.boolean(),
  undoUntil: Time.nullable().describe('for so long it is known who was changed'),
  createdAt: Time,
  finishedAt: Time.nullable(),
  job: Job.nullable().describe('what is under way with it'),
});
export type BulkChange = z.infer<typeof BulkChange>;

export const changes = {
  /** Changes many people. Answers once it has begun; `get` tells how far it is. */
  start: procedure('manage')
    .route({ method: 'POST', path: '/changes', successStatus: 202 })
    .input(
      z.strictObject({
        site: Id,
        who: People,
        action: BulkAction,
        people: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe('as many as you know of: with another number, nothing is done. Erasing needs it'),
      }),
    )
    .output(BulkChange),
  list: procedure('read')
    .route({ method: 'GET', path: '/changes', description: 'The newest first, of the last days.' })
    .input(PageInput.extend({ site: Id.optional() }))
    .output(page(BulkChange)),
  get: procedure('read').route({ method: 'GET', path: '/changes/{id}' }).input(ById).output(BulkChange),
  /** Stops it; resolves when it has stopped. Who was changed by then stays so, and can be taken back. */
  cancel: procedure('manage')
    .route({ method: 'POST', path: '/changes/{id}/cancel' })
    .input(ById)
    .output(BulkChange),
  /** Takes back what it changed, unless that was changed again since. Answers once it has begun. */
  undo: procedure('manage')
    .route({ method: 'POST', path: '/changes/{id}/undo', successStatus: 202 })
    .input(ById)
    .output(BulkChange),
};
