import * as z from 'zod';
import { ById, Id, procedure, Time } from './common.ts';
import { attributeKinds, SegmentUsers } from './segments.ts';

const Name = z.string().min(1).max(64);

/** What the values of an attribute can be made; what cannot be read as one stays as it is. */
export const retypeKinds = ['text', 'number', 'boolean', 'date', 'list'] as const;
export type RetypeKind = (typeof retypeKinds)[number];

/** One change to what a site's attributes are, for everyone who has them. */
export const AttributeChange = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('rename'), name: Name, to: Name }).describe('no such attribute may exist'),
  z
    .strictObject({ do: z.literal('merge'), name: Name, into: Name, prefer: Name.optional() })
    .describe(
      'whoever has both keeps the value of the one that is preferred: `into`, unless `name` is named',
    ),
  z
    .strictObject({ do: z.literal('retype'), name: Name, kind: z.enum(retypeKinds) })
    .describe('text that is a list of words by commas becomes a list'),
  z.strictObject({ do: z.literal('remove'), name: Name }),
]);
export type AttributeChange = z.infer<typeof AttributeChange>;

/** `undoing`: being taken back. What is under way when the program ends goes on at the next start. */
export const attributeChangeStates = ['running', 'done', 'undoing', 'undone'] as const;
export type AttributeChangeState = (typeof attributeChangeStates)[number];

export const ChangedAttribute = z.object({
  id: Id,
  site: Id,
  change: AttributeChange,
  state: z.enum(attributeChangeStates),
  people: z.number().int().describe('whose attributes were changed'),
  at: Time,
  undoUntil: Time.nullable().describe('how long it can be undone; null: no longer'),
});
export type ChangedAttribute = z.infer<typeof ChangedAttribute>;

export const AttributeInUse = z.object({
  name: z.string(),
  kinds: z.array(z.enum(attributeKinds)).describe('a text that is a date is both'),
  people: z.number().int(),
});
export type AttributeInUse = z.infer<typeof AttributeInUse>;

export const attributes = {
  /** Those that somebody has, by name; and what was changed of late, the newest first. */
  list: procedure('read')
    .route({ method: 'GET', path: '/attributes' })
    .input(z.object({ site: Id }))
    .output(z.object({ items: z.array(AttributeInUse), changes: z.array(ChangedAttribute) })),
  /** What a change would do, without doing it. */
  preview: procedure('read')
    .route({ method: 'POST', path: '/attributes/preview' })
    .input(z.strictObject({ site: Id, change: AttributeChange }))
    .output(
      z.object({
        people: z.number().int().describe('who have the attribute'),
        both: z.number().int().describe('who have both, of a merge'),
        unreadable: z.number().int().describe('whose value cannot be read as the kind, and stays'),
        example: z.string().nullable().describe('one value that cannot'),
        usedBy: SegmentUsers,
      }),
    ),
  /** Does it, as a job. Segments, drafts and scheduled campaigns follow a rename and a merge. */
  change: procedure('send')
    .route({ method: 'POST', path: '/attributes/changes', successStatus: 202 })
    .input(z.strictObject({ site: Id, change: AttributeChange }))
    .output(ChangedAttribute),
  /** Takes one back, as a job: everyone has again what they had, unless it was changed since. */
  undo: procedure('send')
    .route({ method: 'POST', path: '/attributes/changes/{id}/undo', successStatus: 202 })
    .input(ById)
    .output(ChangedAttribute),
};
