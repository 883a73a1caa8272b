import type { PeopleSort, Subscriber } from '../../contract/subscribers.ts';
import type { Ids } from '../ids.ts';
import type { PeoplePlace, SubscriberFilter, SubscriberRow } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { after, type Parts, paged, time } from './base.ts';

/** Someone as every door shows them: without the endpoint, which is a secret. */
export const shownSubscriber = (row: SubscriberRow, ids: Ids): Subscriber => ({
  id: ids.seal('sub', row.id),
  site: ids.seal('site', row.site),
  state: row.state,
  stateReason: row.stateReason,
  stateSince: time(row.stateSince),
  pushService: row.pushService,
  endpointTail: row.endpoint.slice(-8),
  browser: row.browser,
  browserVersion: row.browserVersion,
  system: row.system,
  device: row.device,
  language: row.language,
  country: row.country,
  timeZone: row.timeZone,
  page: row.page,
  externalId: row.externalId,
  attributes: row.attributes,
  tags: row.tags,
  consent:
    row.consentVersion === null || row.consentAt === null
      ? null
      : { version: row.consentVersion, at: time(row.consentAt) },
  testDevice: row.testDevice,
  firstSeen: time(row.firstSeen),
  lastSeen: time(row.lastSeen),
});

interface Asked {
  sort: PeopleSort;
  order?: 'asc' | 'desc' | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** @throws Refusal invalid_input for an order that no index gives, and for a cursor of another list */
export async function peoplePage(
  parts: Parts,
  filter: SubscriberFilter,
  { sort, order, cursor, limit }: Asked,
): Promise<{ items: Subscriber[]; nextCursor: string | null }> {
  const { storage, ids } = parts;
  const shown = (row: SubscriberRow) => shownSubscriber(row, ids);
  const { site, state, ...narrowing } = filter;
  const isNarrowed = Object.values(narrowing).some((one) => one !== '');
  const refuse = (name: 'sort' | 'order', detail: string) =>
    new Refusal('invalid_input', `This list has no such order: ${detail}.`, {
      errors: [{ pointer: `/${name}`, detail }],
    });
  if (sort === 'added') {
    const way = order === 'asc' ? 'oldest' : 'newest';
    if (way === 'oldest' && isNarrowed)
      throw refuse('order', 'what a search, a segment or an expression finds has the newest first');
    const rows = await storage.subscribers.page(filter, after(parts, 'sub', cursor), limit + 1, way);
    return paged(rows, limit, shown, (row) => ids.seal('sub', row.id));
  }
  if (site === undefined) throw refuse('sort', 'name a site');
  if (isNarrowed)
    throw refuse('sort', 'what a search, a segment or an expression finds is listed as people were added');
  const rows = await storage.subscribers.ordered(
    { site, ...(state !== undefined && { state }) },
    { by: sort, way: order ?? (sort === 'externalId' ? 'asc' : 'desc') },
    placeOf(parts, sort, cursor),
    limit + 1,
  );
  return paged(rows, limit, shown, (row) => {
    const key = JSON.stringify(sort === 'lastSeen' ? row.lastSeen : row.externalId);
    return `${ids.seal('sub', row.id)}.${Buffer.from(key).toString('base64url')}`;
  });
}

/** Someone's id, and what they were sorted by when their page was given: that may be another by now. */
function placeOf(parts: Parts, sort: PeopleSort, cursor: string | undefined): PeoplePlace | null {
  if (cursor === undefined) return null;
  const [sealed = '', text = ''] = cursor.split('.');
  const id = after(parts, 'sub', sealed);
  const key = keyOf(text);
  const fits = sort === 'lastSeen' ? typeof key === 'number' : key === null || typeof key === 'string';
  // what is no id is refused as any other cursor is
  if (id === null || !fits) return { id: after(parts, 'sub', '') ?? 0, key: null };
  return { id, key: key as PeoplePlace['key'] };
}

function keyOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
