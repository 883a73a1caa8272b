import type { Audience } from '../../contract/campaigns.ts';
import { groupOf } from '../../contract/expression-tree.ts';
import type { Expression, Leaf } from '../../contract/expressions.ts';

/** Whether an expression asks for an attribute itself; segments in it are looked at by themselves. */
export function mentions(expression: Expression, attribute: string): boolean {
  const group = groupOf(expression);
  if (group !== null) return group.members.some((member) => mentions(member, attribute));
  return 'attribute' in expression && expression.attribute === attribute;
}

/** The expression with another attribute in the place of one. */
export function renamed(expression: Expression, from: string, to: string): Expression {
  const group = groupOf(expression);
  if (group !== null)
    return { [group.kind]: group.members.map((member) => renamed(member, from, to)) } as Expression;
  const leaf = expression as Leaf;
  return 'attribute' in leaf && leaf.attribute === from ? { ...leaf, attribute: to } : leaf;
}

/** The expressions of an audience, of which people who are named one by one have none. */
const expressionsOf = (audience: Audience): Expression[] => [
  ...('matching' in audience ? [audience.matching] : []),
  ...('less' in audience && audience.less !== undefined ? [audience.less] : []),
];

export const audienceMentions = (audience: Audience, attribute: string): boolean =>
  expressionsOf(audience).some((expression) => mentions(expression, attribute));

export function renamedAudience(audience: Audience, from: string, to: string): Audience {
  return {
    ...audience,
    ...('matching' in audience && { matching: renamed(audience.matching, from, to) }),
    ...('less' in audience && audience.less !== undefined && { less: renamed(audience.less, from, to) }),
  } as Audience;
}
