import { oneOf } from '../parts/address.ts';
import { type WayId, wayIds } from './snippets.ts';

export interface SetupSearch {
  /** What the site is made with. */
  way?: WayId | undefined;
}
/** What of an address belongs to setting up. */
export const readSetupSearch = (search: Record<string, unknown>): SetupSearch => ({
  way: oneOf(wayIds, search['way']),
});
