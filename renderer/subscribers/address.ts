import type { PeopleSort, SubscriberState } from '../../main/contract/subscribers.ts';
import { oneOf, textOf } from '../parts/address.ts';
import { readMatching } from '../segments/address.ts';

/** The views of the list: one state each, or all. */
export const views = [
  'active',
  'foreign',
  'expired',
  'unsubscribed',
  'quarantined',
  'all',
] as const satisfies (SubscriberState | 'all')[];

export interface SubscribersSearch {
  state?: (typeof views)[number] | undefined;
  search?: string | undefined;
  segment?: string | undefined;
  /** An expression, as JSON. */
  matching?: string | undefined;
  sort?: PeopleSort | undefined;
  order?: 'asc' | 'desc' | undefined;
}
const sorts = ['added', 'lastSeen', 'externalId'] as const satisfies PeopleSort[];
const orders = ['asc', 'desc'] as const;

/** What of an address belongs to the list. */
export const readSubscribersSearch = (search: Record<string, unknown>): SubscribersSearch => ({
  state: oneOf(views, search['state']),
  search: textOf(search['search']),
  segment: textOf(search['segment'], 64),
  matching: readMatching(search['matching']),
  sort: oneOf(sorts, search['sort']),
  order: oneOf(orders, search['order']),
});
