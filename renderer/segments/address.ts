import { Expression } from '../../main/contract/expressions.ts';
import { textOf } from '../parts/address.ts';

/** How long an expression in an address may be. */
const LONGEST = 50_000;

export interface SegmentSearch {
  /** An expression to begin with, as JSON. */
  matching?: string | undefined;
}
/** What of an address belongs to the editor of a segment. */
export const readSegmentSearch = (search: Record<string, unknown>): SegmentSearch => ({
  matching: readMatching(search['matching']),
});

/** The router reads JSON in an address by itself: back to text, whatever it was. */
export const readMatching = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(value).slice(0, LONGEST)
    : textOf(value, LONGEST);

/** The expression that a text is, or null. */
export function readExpression(text: string | undefined): Expression | null {
  if (text === undefined) return null;
  try {
    const read = Expression.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
