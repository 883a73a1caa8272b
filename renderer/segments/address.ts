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
