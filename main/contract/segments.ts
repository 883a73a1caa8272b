import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time } from './common.ts';
import { fields } from './expression-tree.ts';
import { Expression } from './expressions.ts';
import { Subscriber } from './subscribers.ts';

export const SegmentName = z.string().trim().min(1).max(100);

export const Segment = z.object({
  id: Id,
  site: Id,
  name: z.string(),
  expression: Expression,
  createdAt: Time,
  changedAt: Time,
});
export type Segment = z.infer<typeof Segment>;

export const SegmentUsers = z
  .object({
    segments: z.array(z.object({ id: Id, name: z.string() })),
    campaigns: z.array(z.object({ id: Id, title: z.string(), state: z.enum(['draft', 'scheduled']) })),
  })
  .describe('other segments, and campaigns that are drafts or scheduled');
export type SegmentUsers = z.infer<typeof SegmentUsers>;

export const breakdownFields = ['browser', 'system', 'language', 'country'] as const;
const Share = z.array(z.object({ value: z.string().nullable(), people: z.number().int() }));
export const Breakdown = z
  .object({ browser: Share, system: Share, language: Share, country: Share })
  .describe('the most frequent values of each; null: not known');
export type Breakdown = z.infer<typeof Breakdown>;

export const attributeKinds = ['text', 'number', 'boolean', 'date'] as const;
export type AttributeKind = (typeof attributeKinds)[number];

export const segments = {
  list: procedure('read')
    .route({ method: 'GET', path: '/segments', description: 'By name.' })
    .input(PageInput.extend({ site: Id.optional() }))
    .output(page(Segment)),
  get: procedure('read')
    .route({ method: 'GET', path: '/segments/{id}' })
    .input(ById)
    .output(Segment.extend({ usedBy: SegmentUsers })),
  create: procedure('send')
    .route({ method: 'POST', path: '/segments', successStatus: 201 })
    .input(z.strictObject({ site: Id, name: SegmentName, expression: Expression }))
    .output(Segment),
  update: procedure('send')
    .route({ method: 'PATCH', path: '/segments/{id}' })
    .input(z.strictObject({ id: Id, name: SegmentName.optional(), expression: Expression.optional() }))
    .output(Segment),
  duplicate: procedure('send')
    .route({ method: 'POST', path: '/segments/{id}/duplicate', successStatus: 201 })
    .input(ById)
    .output(Segment),
  remove: procedure('send')
    .route({
      method: 'DELETE',
      path: '/segments/{id}',
      successStatus: 204,
      description: 'Refused while another segment, a draft or a scheduled campaign uses it.',
    })
    .input(ById),
  /** How many people are active and meant; with `detail` also what they are like, and the newest five of them. */
  count: procedure('read')
    .route({ method: 'POST', path: '/segments/count' })
    .input(z.strictObject({ site: Id, expression: Expression, detail: z.boolean().optional() }))
    .output(
      z.object({
        people: z.number().int(),
        forgotten: z
          .number()
          .int()
          .describe('campaigns that are asked about and whose single deliveries are no longer kept'),
        breakdown: Breakdown.nullable(),
        newest: z.array(Subscriber).nullable(),
      }),
    ),
  /** Attributes that somebody has, and what kinds of values they have. */
  attributes: procedure('read')
    .route({ method: 'GET', path: '/segments/attributes' })
    .input(z.object({ site: Id }))
    .output(
      z.object({ items: z.array(z.object({ name: z.string(), kinds: z.array(z.enum(attributeKinds)) })) }),
    ),
  /** Values that occur, the most frequent first: tags, unless a field or an attribute is named. */
  values: procedure('read')
    .route({ method: 'GET', path: '/segments/values' })
    .input(
      z.object({
        site: Id,
        field: z.enum(fields).optional(),
        attribute: z.string().min(1).max(64).optional(),
        search: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
    )
    .output(
      z.object({
        items: z.array(
          z.object({
            value: z.union([z.string(), z.number(), z.boolean()]),
            people: z.number().int().describe('of a field active people, of a tag or an attribute all'),
          }),
        ),
      }),
    ),
};
