/** The shape of expressions, in a file without zod, so that whoever only shows them stays small. */

/** How deep expressions may lie in each other, how many leaves one may have, and values a list. */
export const MAX_DEPTH = 8;
export const MAX_LEAVES = 100;
export const MAX_VALUES = 100;

export const fields = [
  'browser',
  'browserVersion',
  'system',
  'device',
  'pushService',
  'language',
  'country',
  'timeZone',
  'page',
  'externalId',
] as const;
export type Field = (typeof fields)[number];
export const deeds = ['accepted', 'shown', 'clicked', 'closed'] as const;
export type Deed = (typeof deeds)[number];

/** Said of a person: true or not. All of nothing is everyone, any of nothing is nobody. */
export type ExpressionOf<L> =
  | { all: ExpressionOf<L>[] }
  | { any: ExpressionOf<L>[] }
  | { none: ExpressionOf<L>[] }
  | L;

export const groups = ['all', 'any', 'none'] as const;
export type GroupKind = (typeof groups)[number];
/** A group's kind and members, or null for a leaf. */
export function groupOf<L>(
  expression: ExpressionOf<L>,
): { kind: GroupKind; members: ExpressionOf<L>[] } | null {
  const node = expression as Partial<Record<GroupKind, ExpressionOf<L>[]>>;
  for (const kind of groups) {
    const members = node[kind];
    if (Array.isArray(members)) return { kind, members };
  }
  return null;
}
