import * as z from 'zod';
import { ById, Id, procedure, Time } from './common.ts';

/** What a column of a file can be. `ignore`: nothing of it is kept. */
export const importFields = [
  'ignore',
  'endpoint',
  'p256dh',
  'auth',
  'subscription',
  'vapidKey',
  'externalId',
  'tags',
  'attributes',
  'attribute',
  'language',
  'country',
  'timeZone',
  'userAgent',
  'browser',
  'browserVersion',
  'system',
  'device',
  'page',
  'firstSeen',
  'lastSeen',
  'consentVersion',
  'consentAt',
  'state',
  'deviceType',
  'subscribed',
  'unsubscribed',
] as const;
export type ImportField = (typeof importFields)[number];

/** Why a row was not taken. */
export const refusalReasons = {
  'native-app': 'Belongs to a phone app, not to a browser',
  email: 'An e-mail address, not a browser’s subscription',
  sms: 'A telephone number, not a browser’s subscription',
  'old-safari': 'Safari’s former push (before 2022), which only Apple’s own certificates can reach',
  'unsubscribed-there': 'The former service says that this person no longer wants messages',
  'no-endpoint': 'No endpoint: the address at a push service that every subscription has',
  'no-keys': 'The keys are missing: p256dh and auth are both needed to encrypt messages',
  'bad-endpoint': 'The endpoint cannot be sent to',
  'host-not-allowed': 'The endpoint’s host is not a push service known here',
  'bad-keys': 'The keys are damaged: p256dh must be a point on P-256, auth 16 bytes',
  'other-key': 'Made with a VAPID key that this site does not have. Bring that key in first, under Settings',
  duplicate: 'The same endpoint stands earlier in the file',
  left: 'This person left here, and only they can come back',
  erased: 'This person was erased here',
  'too-many-columns': 'More cells than the first line has names',
  'too-few-columns': 'Fewer cells than the first line has names: the row breaks off',
  'bad-encoding': 'Bytes that are no text in the file’s encoding',
  'too-large': 'The row is larger than a subscription can be',
  'bad-row': 'The row cannot be read',
  'bad-value': 'A value does not fit its column',
} as const;
export type RefusalReason = keyof typeof refusalReasons;

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];
export const fileFormats = ['csv', 'json-lines', 'json'] as const;
export type FileFormat = (typeof fileFormats)[number];
export const attributeTypes = ['text', 'number', 'yes-no'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** At most so many columns; a file of subscribers has a few dozen. */
export const maxColumns = 500;

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

export const importStates = [
  'receiving',
  'ready',
  'checking',
  'checked',
  'importing',
  'undoing',
  'finished',
  'cancelled',
  'interrupted',
  'failed',
  'undone',
] as const;
export type ImportState = (typeof importStates)[number];

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
  job: z
    .object({
      id: Id,
      kind: z.literal('import'),
      title: z.string(),
      done: count.describe('bytes'),
      total: count.describe('bytes'),
      rate: z.number().nullable().describe('rows a second'),
      secondsLeft: z.number().nullable(),
      state: z.enum(['running', 'cancelling']),
    })
    .nullable(),
});
export type Import = z.infer<typeof Import>;

/** Bytes that one `append` may bring. */
export const chunkSize = 1024 * 1024;
/** Bytes that a file may have. */
export const maxFileSize = 4 * 1024 ** 3;

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
