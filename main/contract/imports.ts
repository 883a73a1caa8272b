import * as z from 'zod';
import { ById, Id, procedure, Time } from './common.ts';
import {
  attributeTypes,
  chunkSize,
  delimiters,
  encodings,
  fileFormats,
  importFields,
  importStates,
  maxColumns,
  maxFileSize,
} from './import-names.ts';
import { Job } from './jobs.ts';

export * from './import-names.ts';

export const ImportColumn = z.strictObject({
  column: z.string().max(300),
  field: z.enum(importFields),
  attribute: z.string().trim().min(1).max(64).optional().describe('its name, where the field is “attribute”'),
  type: z.enum(attributeTypes).optional().describe('text unless given'),
});
export type ImportColumn = z.infer<typeof ImportColumn>;

export const ImportPreview = z.object({
  format: z.enum(fileFormats),
  compressed: z.boolean().describe('gzip, unpacked while it is read'),
  encoding: z.enum(encodings),
  delimiter: z.enum(delimiters).nullable(),
  layout: z.string().nullable().describe('the tool whose export this looks like'),
  columns: z.array(
    ImportColumn.extend({ samples: z.array(z.string()).describe('the first values, shortened') }),
  ),
  remarks: z.array(z.string()).describe('what to know before going on'),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

export const ImportOptions = z.strictObject({
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum(delimiters).optional(),
  columns: z.array(ImportColumn).max(maxColumns).optional().describe('as guessed when left out'),
  vapidKey: z
    .string()
    .max(100)
    .optional()
    .describe('public half of the key of the site that rows without one of their own were made with'),
  keep: z
    .enum(['good', 'all'])
    .default('good')
    .describe('good: the rows that are right are kept. all: either every row, or nothing is changed'),
  known: z
    .enum(['leave', 'fill'])
    .default('leave')
    .describe('people already here: left as they are, or filled in where something is not known'),
  tags: z.array(z.string().trim().min(1).max(64)).max(20).optional().describe('for everyone in the file'),
});
export type ImportOptions = z.infer<typeof ImportOptions>;

const count = z.number().int();
export const ImportCounts = z.object({
  rows: count,
  added: count.describe('new people; in a dry run, those who would be'),
  filled: count.describe('already here, and something was added'),
  known: count.describe('already here, and nothing was changed'),
  refused: count,
  reasons: z
    .array(z.object({ reason: z.string(), detail: z.string(), count }))
    .describe('why rows were refused, most frequent first'),
});
export type ImportCounts = z.infer<typeof ImportCounts>;

export const Import = z.object({
  id: Id,
  site: Id,
  name: z.string(),
  size: count.describe('bytes'),
  received: count.describe('bytes that have arrived'),
  state: z.enum(importStates),
  options: ImportOptions.nullable(),
  checked: ImportCounts.nullable().describe('what the dry run found'),
  counts: ImportCounts.nullable().describe('what the import did'),
  problem: z.string().nullable().describe('why it ended, or why the file could not be read to its end'),
  createdAt: Time,
  finishedAt: Time.nullable(),
  job: Job.nullable().describe('what is under way with it; counts bytes of the file, or people taken back'),
});
export type Import = z.infer<typeof Import>;

/**
 * A file with subscribers comes in pieces, over any door: `begin`, `append` until all of it is there, `preview`,
 * `check` (a dry run), `run`. Whatever is interrupted can be done again.
 */
export const imports = {
  list: procedure('manage')
    .route({ method: 'GET', path: '/imports' })
    .input(z.object({ site: Id }))
    .output(z.object({ items: z.array(Import) })),
  get: procedure('manage').route({ method: 'GET', path: '/imports/{id}' }).input(ById).output(Import),
  begin: procedure('manage')
    .route({ method: 'POST', path: '/imports', successStatus: 201 })
    .input(
      z.strictObject({
        site: Id,
        name: z.string().trim().min(1).max(255),
        size: z.number().int().min(1).max(maxFileSize),
      }),
    )
    .output(Import),
  /** Bytes that were there already are passed over: a piece may be sent again. */
  append: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/bytes' })
    .input(
      z.strictObject({
        id: Id,
        offset: z.number().int().nonnegative(),
        data: z
          .base64()
          .max(Math.ceil(chunkSize / 3) * 4)
          .describe(`base64, at most ${chunkSize} bytes`),
      }),
    )
    .output(Import),
  preview: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/preview' })
    .input(
      z.strictObject({
        id: Id,
        encoding: z.enum(encodings).optional(),
        delimiter: z.enum(delimiters).optional(),
      }),
    )
    .output(ImportPreview),
  /** Reads the whole file and says what an import would do. Answers at once; `get` tells how far it is. */
  check: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/check', successStatus: 202 })
    .input(z.strictObject({ id: Id, options: ImportOptions }))
    .output(Import),
  run: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/run', successStatus: 202 })
    .input(z.strictObject({ id: Id, options: ImportOptions }))
    .output(Import),
  /** Stops what is under way. What was imported stays, unless all or nothing was asked for. */
  cancel: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/cancel' })
    .input(ById)
    .output(Import),
  /** Takes back the people whom this import added and whose browsers have not been seen since. */
  undo: procedure('manage')
    .route({ method: 'POST', path: '/imports/{id}/undo', successStatus: 202 })
    .input(ById)
    .output(Import),
  /** A piece of the refused rows, as CSV. */
  refused: procedure('manage')
    .route({ method: 'GET', path: '/imports/{id}/refused' })
    .input(z.object({ id: Id, offset: z.coerce.number().int().nonnegative().default(0) }))
    .output(z.object({ text: z.string(), nextOffset: z.number().int().nullable() })),
  /** Deletes the file and what is known of this import; the people stay. */
  remove: procedure('manage')
    .route({ method: 'DELETE', path: '/imports/{id}', successStatus: 204 })
    .input(ById),
};
