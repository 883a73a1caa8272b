/** Spans of time that the overview looks back, in days, and what they are called. */
export const spans = [
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
] as const;
export type Span = (typeof spans)[number][0];

export interface OverviewSearch {
  days?: Span | undefined;
}
/** What of an address belongs to the overview. */
export const readOverviewSearch = (search: Record<string, unknown>): OverviewSearch => ({
  days: spans.find(([days]) => days === Number(search['days']))?.[0],
});
