import { textOf } from '../parts/address.ts';

export interface ComposeSearch {
  /** A subscriber to write to. */
  to?: string | undefined;
  /** A segment to write to. */
  segment?: string | undefined;
  /** A draft to go on with. */
  draft?: string | undefined;
  /** A campaign to begin from. */
  from?: string | undefined;
}
/** What of an address belongs to composing. */
export const readComposeSearch = (search: Record<string, unknown>): ComposeSearch => ({
  to: textOf(search['to'], 64),
  segment: textOf(search['segment'], 64),
  draft: textOf(search['draft'], 64),
  from: textOf(search['from'], 64),
});
