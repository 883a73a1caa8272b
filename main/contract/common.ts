import { oc } from '@orpc/contract';
import * as z from 'zod';
import { errorCodes } from './errors.ts';

/** What a caller needs to hold to call a procedure. `operator` is never given to an API key. */
export type Scope = 'read' | 'send' | 'manage' | 'operator';
export const keyScopes = ['read', 'send', 'manage'] as const satisfies Scope[];

const data = z.object({
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

type Declared = { [C in keyof typeof errorCodes]: { status: number; message: string; data: typeof data } };
const declared = Object.fromEntries(
  Object.entries(errorCodes).map(([code, { status, title }]) => [code, { status, message: title, data }]),
) as Declared;

/** A procedure that needs `scope`; every one may answer with every error of the closed list. */
export const procedure = (scope: Scope) => oc.$meta<{ scope: Scope }>({ scope }).errors(declared);

/** RFC 3339, always in UTC. */
export const Time = z.iso.datetime({ offset: false }).describe('RFC 3339 time in UTC');
/** RFC 3339 with any offset, as people send it. */
export const TimeInput = z.iso
  .datetime({ offset: true })
  // at its edges an offset leads out of the four-digit years, which no answer could show
  .refine((text) => {
    const at = Date.parse(text);
    return Number.isNaN(at) || /^\d{4}-/.test(new Date(at).toISOString());
  }, 'Give a time between the years 0000 and 9999, in UTC')
  .describe('RFC 3339 time');

export const Id = z.string().min(1).max(64);
export const ById = z.object({ id: Id });
export const Done = z.object({ done: z.literal(true) });

export const PageInput = z.object({
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
/** One page of a list; `nextCursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
