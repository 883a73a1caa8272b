import type { Deed, ExpressionOf, Field } from '../../contract/expression-tree.ts';
import type { Expression, Leaf } from '../../contract/expressions.ts';

/**
 * An expression as the storage takes it: other segments are put in place of their names, and a campaign is named by
 * the database's own id.
 */
export type Condition = ExpressionOf<ConditionLeaf>;
export type ConditionLeaf = Exclude<Leaf, { segment: string } | { did: Deed }> | ConditionDid;
export interface ConditionDid {
  did: Deed;
  campaigns: { last: number } | { within: { days: number } } | { campaign: number };
}

/** Who is meant, as of a moment (milliseconds since the epoch): "the last 30 days" end there. */
export interface Matching {
  where: Condition;
  now: number;
}

export interface SegmentRow {
  id: number;
  site: number;
  name: string;
  /** As it was asked for, with public ids. */
  expression: Expression;
  createdAt: number;
  changedAt: number;
}

/** Who would miss a segment: other segments, and campaigns that are drafts or scheduled. */
export interface SegmentUsers {
  segments: { id: number; name: string }[];
  campaigns: { id: number; title: string; state: 'draft' | 'scheduled' }[];
}

/** An attribute that somebody has, and what its values are. A text that is a date is both. */
export interface AttributeKnown {
  name: string;
  kinds: ('text' | 'number' | 'boolean' | 'date')[];
}
export type ValuesOf = { tags: true } | { field: Field } | { attribute: string };
export interface ValueCount {
  value: string | number | boolean;
  people: number;
}

export const breakdownFields = ['browser', 'system', 'language', 'country'] as const;
export type Breakdown = Record<(typeof breakdownFields)[number], { value: string | null; people: number }[]>;

export interface Segments {
  /** Of one site or of all, by name; there are hundreds at most. */
  all(site: number | null): Promise<SegmentRow[]>;
  get(id: number): Promise<SegmentRow | null>;
  /** Null when the site has a segment of that name. */
  insert(segment: Pick<SegmentRow, 'site' | 'name' | 'expression' | 'createdAt'>): Promise<SegmentRow | null>;
  /** `same-name`: the site has another segment of that name. Null when it is gone. */
  update(
    id: number,
    change: Partial<Pick<SegmentRow, 'name' | 'expression'>>,
    at: number,
  ): Promise<SegmentRow | null | 'same-name'>;
  /** @param publicId as expressions and audiences name it */
  users(id: number, publicId: string): Promise<SegmentUsers>;
  /** Deletes it unless somebody would miss it; gives who would, so that nobody means: deleted. */
  remove(id: number, publicId: string): Promise<SegmentUsers>;
  /**
   * The people who are active and meant, by what is known of them, the most frequent values first.
   * @param signal a count that is aborted before it has begun is given up. @throws its reason
   */
  breakdown(site: number, matching: Matching, signal?: AbortSignal): Promise<Breakdown>;
  /** Of the campaigns that conditions mean, how many have lost single deliveries to the retention. */
  forgotten(site: number, matching: Matching): Promise<number>;
  attributes(site: number): Promise<AttributeKnown[]>;
  /**
   * Values that occur, the most frequent first, and how many have each: of a field among active people, of tags and
   * attributes among all.
   * @param search what they contain
   */
  values(
    site: number,
    what: ValuesOf,
    search: string | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<ValueCount[]>;
}
