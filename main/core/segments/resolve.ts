import { groupOf } from '../../contract/expression-tree.ts';
import type { Expression, Leaf } from '../../contract/expressions.ts';
import type { Ids } from '../ids.ts';
import type { Condition, ConditionLeaf, SegmentRow } from '../ports/segments.ts';
import type { Storage } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';

/** With every segment in its place. A segment may be in several, and they in others: it adds up. */
const MOST_LEAVES = 500;
/** Segments that lie in each other. */
const MOST_NESTED = 8;

/**
 * Puts the trees of other segments where they are named, and opens the ids of campaigns.
 * @param site whose segments and campaigns may be named
 * @param at where the expression lies in what was asked for (a JSON pointer), for whoever reads the refusal
 * @param self the segment that is about to get this expression
 * @throws Refusal invalid_input when a segment or campaign is not one of the site, or segments lie in themselves
 */
export async function resolve(
  expression: Expression,
  site: number,
  { ids, storage }: { ids: Ids; storage: Storage },
  { at = '/expression', self = null }: { at?: string; self?: number | null } = {},
): Promise<Condition> {
  let known: Map<number, SegmentRow> | null = null;
  let leaves = 0;
  const refuse = (pointer: string, detail: string) =>
    new Refusal('invalid_input', `The expression cannot be used: ${detail}.`, {
      errors: [{ pointer, detail }],
    });

  async function segment(id: string, pointer: string, within: number[]): Promise<Condition> {
    known ??= new Map((await storage.segments.all(site)).map((row) => [row.id, row]));
    const row = known.get(ids.open('seg', id) ?? 0);
    if (row === undefined) throw refuse(pointer, 'this site has no such segment');
    if (within.includes(row.id)) throw refuse(pointer, `the segment “${row.name}” would lie in itself`);
    if (within.length > MOST_NESTED)
      throw refuse(pointer, `segments lie at most ${MOST_NESTED} deep in each other`);
    return walk(row.expression, pointer, [...within, row.id]);
  }

  async function walk(tree: Expression, pointer: string, within: number[]): Promise<Condition> {
    const group = groupOf(tree);
    if (group === null) return leaf(tree as Leaf, pointer, within);
    const members: Condition[] = [];
    // what is wrong within another segment is wrong where that one is named
    for (const [i, member] of group.members.entries())
      members.push(await walk(member, within.length > 1 ? pointer : `${pointer}/${group.kind}/${i}`, within));
    return { [group.kind]: members } as Condition;
  }

  async function leaf(one: Leaf, pointer: string, within: number[]): Promise<Condition> {
    if ('segment' in one) return segment(one.segment, pointer, within);
    if (++leaves > MOST_LEAVES)
      throw refuse(pointer, `with the segments in it, it has more than ${MOST_LEAVES} conditions`);
    if (!('did' in one)) return one;
    if (!('id' in one.campaigns)) return one as ConditionLeaf;
    const campaign = ids.open('cmp', one.campaigns.id);
    const row = campaign === null ? null : await storage.campaigns.get(campaign);
    if (row === null || row.site !== site) throw refuse(pointer, 'this site has no such campaign');
    return { did: one.did, campaigns: { campaign: row.id } };
  }

  // an expression that is nobody's yet counts as the segment 0
  return walk(expression, at, [self ?? 0]);
}
