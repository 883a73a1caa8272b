import * as z from 'zod';
import { Id, TimeInput } from './common.ts';
import {
  deeds,
  type ExpressionOf,
  fields,
  groups,
  MAX_DEPTH,
  MAX_LEAVES,
  MAX_VALUES,
} from './expression-tree.ts';

// a lone surrogate or NUL is no text that a database keeps as it is
const text = (most: number, least = 0) =>
  z
    .string()
    .min(least)
    .max(most)
    .refine((value) => !/[\p{Surrogate}\0]/u.test(value), 'Give well-formed text without NUL');
const list = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(MAX_VALUES);
const finite = z.number();
const days = z.number().int().min(1).max(36_500);
const Within = z.strictObject({ days });

const Tag = z.strictObject({ tag: text(64, 1) });

const field = { field: z.enum(fields) };
const FieldLeaf = z.union([
  z
    .strictObject({ ...field, is: list(text(1000)) })
    .describe('one of these; of `language` basic filtering (RFC 4647): "de" is also "de-AT"'),
  z.strictObject({ ...field, contains: text(200, 1) }).describe('the case of A to Z does not matter'),
  z.strictObject({ ...field, startsWith: text(200, 1) }).describe('the case of A to Z does not matter'),
  z.strictObject({ ...field, known: z.boolean() }),
]);

const time = { time: z.enum(['firstSeen', 'lastSeen']) };
const TimeLeaf = z.union([
  z.strictObject({ ...time, within: Within }).describe('in the last so many days of 24 hours'),
  z.strictObject({ ...time, before: TimeInput }).describe('earlier than'),
  z.strictObject({ ...time, after: TimeInput }).describe('then or later'),
]);

const attribute = { attribute: text(64, 1) };
const AttributeLeaf = z
  .union([
    z.strictObject({ ...attribute, is: list(z.union([text(1000), finite, z.boolean()])) }),
    z.strictObject({ ...attribute, contains: text(200, 1) }),
    z.strictObject({ ...attribute, startsWith: text(200, 1) }),
    z.strictObject({ ...attribute, above: finite }),
    z.strictObject({ ...attribute, below: finite }),
    z.strictObject({ ...attribute, atLeast: finite }),
    z.strictObject({ ...attribute, atMost: finite }),
    z.strictObject({ ...attribute, within: Within }),
    z.strictObject({ ...attribute, before: TimeInput }),
    z.strictObject({ ...attribute, after: TimeInput }),
    z.strictObject({ ...attribute, known: z.boolean() }),
  ])
  .describe(
    'a list fits when one of its elements does; `within`, `before` and `after` read text such as 2026-05-01 (UTC) ' +
      'or 2026-05-01T10:00:00+02:00',
  );

const DidLeaf = z
  .strictObject({
    did: z.enum(deeds),
    campaigns: z.union([
      z.strictObject({ last: z.number().int().min(1).max(50) }),
      z.strictObject({ within: Within }),
      z.strictObject({ id: Id }),
    ]),
  })
  .describe(
    'of at least one of these campaigns of the site, of those that were started and are not transactional; ' +
      '`accepted` is the push service’s word',
  );

const SegmentLeaf = z.strictObject({ segment: Id }).describe('is in that segment');
const SampleLeaf = z
  .strictObject({ sample: z.number().min(0).max(100).multipleOf(0.01), seed: text(100, 1) })
  .describe('so many percent, chosen by chance; the same people whenever the seed is the same');

const leaves = {
  tag: Tag,
  field: FieldLeaf,
  time: TimeLeaf,
  attribute: AttributeLeaf,
  did: DidLeaf,
  segment: SegmentLeaf,
  sample: SampleLeaf,
};
type LeafKind = keyof typeof leaves;
type LeafOf<K extends LeafKind> = z.infer<(typeof leaves)[K]>;
export type Leaf = { [K in LeafKind]: LeafOf<K> }[LeafKind];
export type FieldLeaf = LeafOf<'field'>;
export type TimeLeaf = LeafOf<'time'>;
export type AttributeLeaf = LeafOf<'attribute'>;
export type DidLeaf = LeafOf<'did'>;

/** Said of a person: true or not. All of nothing is everyone, any of nothing is nobody. */
export type Expression = ExpressionOf<Leaf>;

const kinds = [...groups, ...(Object.keys(leaves) as LeafKind[])];
const FORM = `Give one of ${kinds.map((kind) => `{"${kind}": …}`).join(', ')}`;

/**
 * Looks a tree through before its schema does: the schema of a union cannot say which of many it was meant to be,
 * nor how deep it lies.
 */
function look(value: unknown, path: (string | number)[], depth: number, found: Found): void {
  const object = (
    typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  ) as Record<string, unknown>;
  const kind = kinds.find((name) => Object.hasOwn(object, name));
  const wrong = (message: string, at: PropertyKey[] = []) =>
    found.wrong.push({ message, path: [...path, ...at] });
  if (kind === undefined) return void wrong(FORM);
  if (kind !== 'all' && kind !== 'any' && kind !== 'none') {
    if (++found.leaves > MAX_LEAVES) return void wrong(`An expression has at most ${MAX_LEAVES} conditions`);
    const result = leaves[kind].safeParse(value);
    if (result.success) return;
    for (const issue of issuesOf(result.error.issues, object)) wrong(issue.message, issue.path);
    return;
  }
  const members = object[kind];
  const further = Object.keys(object).find((name) => name !== kind);
  if (further !== undefined) return void wrong('There is no field of this name here', [further]);
  if (!Array.isArray(members)) return void wrong('Give a list of expressions', [kind]);
  if (depth >= MAX_DEPTH) return void wrong(`Expressions lie at most ${MAX_DEPTH} deep in each other`);
  if (members.length > MAX_VALUES) return void wrong(`Give at most ${MAX_VALUES} expressions`, [kind]);
  for (const [i, member] of members.entries()) {
    if (found.wrong.length >= 20 || found.leaves > MAX_LEAVES) return;
    look(member, [...path, kind, i], depth + 1, found);
  }
}
interface Found {
  leaves: number;
  wrong: { message: string; path: PropertyKey[] }[];
}

/** Of a union, what was wrong with the member that has the names that were given. */
function issuesOf(issues: z.core.$ZodIssue[], value: Record<string, unknown>): z.core.$ZodIssue[] {
  return issues.flatMap((issue): z.core.$ZodIssue[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        ...issue,
        path: [...issue.path, key],
        message: 'There is no field of this name here',
      }));
    if (issue.code !== 'invalid_union') return [issue];
    const meant = issue.errors
      .map((errors) => errors.map((error) => ({ ...error, path: [...issue.path, ...error.path] })))
      .filter((errors) => errors.length > 0)
      .sort((a, b) => misses(a, value) - misses(b, value))[0];
    return meant === undefined ? [issue] : issuesOf(meant, value);
  });
}
const misses = (errors: z.core.$ZodIssue[], value: Record<string, unknown>) =>
  errors.filter(
    (error) =>
      error.code === 'unrecognized_keys' ||
      (error.path.length === 1 && !Object.hasOwn(value, String(error.path[0]))),
  ).length;

/** An expression within another; a schema of its own, so that a document can name it where it would be endless. */
export const NestedExpression: z.ZodType<Expression> = z.lazy(() => Tree);
const Members = z.array(NestedExpression).max(MAX_VALUES);

const Tree: z.ZodType<Expression> = z
  .union([
    z.strictObject({ all: Members }),
    z.strictObject({ any: Members }),
    z.strictObject({ none: Members }),
    ...Object.values(leaves),
  ])
  .describe(
    'An expression about a person. Groups: `all`, `any` or `none` of a list of expressions, at most ' +
      `${MAX_DEPTH} deep. Together they hold at most ${MAX_LEAVES} conditions.`,
  );

/** An expression tree that says who is meant. */
export const Expression = z.preprocess((value, context) => {
  objectTo(value, [], context);
  return value;
}, Tree);

/** Says what is wrong with a value as an expression, at `path` of what is being looked at; nothing when it is one. */
export function objectTo(value: unknown, path: PropertyKey[], context: z.RefinementCtx): void {
  const found: Found = { leaves: 0, wrong: [] };
  look(value, [], 0, found);
  for (const { message, path: within } of found.wrong.slice(0, 20))
    context.issues.push({ code: 'custom', message, path: [...path, ...within], input: value });
}
