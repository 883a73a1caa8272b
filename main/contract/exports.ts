import * as z from 'zod';
import { Id, procedure } from './common.ts';
import { ExpressionText, subscriberStates } from './subscribers.ts';

export const exported = ['subscribers', 'campaigns', 'deliveries'] as const;
export type Exported = (typeof exported)[number];
export const exportFormats = ['csv', 'json-lines'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What to export. As query parameters (`GET /api/v1/exports/subscribers.csv?site=…`) it is one download. */
export const ExportQuery = z.strictObject({
  what: z.enum(exported),
  format: z.enum(exportFormats).default('csv'),
  site: Id,
  campaign: Id.optional().describe('whose deliveries'),
  state: z
    .enum([...subscriberStates, 'all'])
    .default('all')
    .describe('of subscribers'),
  search: z
    .string()
    .max(200)
    .optional()
    .describe('of subscribers: external id, tag, or tail of the endpoint'),
  segment: Id.optional().describe('of subscribers: only who is in that segment'),
  matching: ExpressionText.optional().describe(
    'of subscribers: only who is meant by this expression, as JSON',
  ),
  secrets: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('subscribers with endpoint and keys, for moving elsewhere; the operator only'),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

/** Beside a query, people one by one: too many for an address. */
export const ExportPart = ExportQuery.extend({
  subscribers: z.array(Id).min(1).max(10_000).optional().describe('only these'),
  except: z.array(Id).max(10_000).optional().describe('of subscribers: less these'),
});
export type ExportPart = z.infer<typeof ExportPart>;

export const exports = {
  /** One piece of an export. Put together, the pieces are the file; the first one has the names of the columns. */
  part: procedure('read')
    .route({ method: 'POST', path: '/exports/part' })
    .input(ExportPart.extend({ cursor: z.string().max(200).optional() }))
    .output(
      z.object({
        text: z.string(),
        rows: z.number().int(),
        nextCursor: z.string().nullable().describe('null: this was the last piece'),
      }),
    ),
};
