import type { Expression } from '../../contract/expressions.ts';
import type { SubscriberState } from '../../contract/subscribers.ts';
import type { Actor } from '../core.ts';
import type { Matching } from '../ports/segments.ts';
import type { SubscriberFilter } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { resolve } from '../segments/resolve.ts';
import { open, type Parts, siteFilter, visible } from './base.ts';

interface Asked {
  site?: string | undefined;
  state: SubscriberState | 'all';
  externalId?: string | undefined;
  search?: string | undefined;
  segment?: string | undefined;
  matching?: Expression | undefined;
}

/** A filter of people as it was asked for, or the one person whose id somebody searched for. */
export type PeopleMeant = { filter: SubscriberFilter } | { person: number; filter: SubscriberFilter };

/**
 * What a list is narrowed to.
 * @param at where the filter lies in what was asked for (a JSON pointer)
 * @throws Refusal not_found for a site or segment that the caller does not see, invalid_input for an expression
 */
export async function peopleFilter(parts: Parts, actor: Actor, asked: Asked, at = ''): Promise<PeopleMeant> {
  const only = await matching(parts, actor, asked, at);
  const site = only?.site ?? siteFilter(parts, actor, asked.site);
  const filter: SubscriberFilter = {
    ...(site !== undefined && { site }),
    ...(asked.state !== 'all' && { state: asked.state }),
    ...(only !== null && { matching: only.matching }),
    ...(asked.externalId !== undefined && { externalId: asked.externalId }),
  };
  // an id that somebody copied finds the one whose it is
  const person = asked.search === undefined ? null : parts.ids.open('sub', asked.search.trim());
  if (person !== null) return { person, filter };
  return { filter: { ...filter, ...(asked.search !== undefined && { search: asked.search }) } };
}

/** The segment, the expression, or both; null: neither. */
async function matching(
  parts: Parts,
  actor: Actor,
  { site: of, segment, matching: expression }: Asked,
  at: string,
): Promise<{ site: number; matching: Matching } | null> {
  if (segment === undefined && expression === undefined) return null;
  const { storage, clock } = parts;
  const row =
    segment === undefined
      ? null
      : visible(parts, actor, 'seg', await storage.segments.get(open(parts, 'seg', segment)));
  const site = siteFilter(parts, actor, of) ?? row?.site;
  if (site === undefined)
    throw new Refusal('invalid_input', 'An expression is about the people of one site. Name it.', {
      errors: [{ pointer: '/site', detail: 'Needed beside “matching”' }],
    });
  const both = [
    ...(segment === undefined ? [] : [await resolve({ segment }, site, parts, { at: `${at}/segment` })]),
    ...(expression === undefined ? [] : [await resolve(expression, site, parts, { at: `${at}/matching` })]),
  ];
  return { site, matching: { where: { all: both }, now: clock.now() } };
}

/**
 * People that were named one by one. Who is of another site, or gone, is left to whoever looks for them.
 * @param at where they lie in what was asked for
 * @throws Refusal invalid_input for what is no id of a subscriber
 */
export const subscriberIds = ({ ids }: Pick<Parts, 'ids'>, list: string[], at: string): number[] =>
  list.map((id, i) => {
    const one = ids.open('sub', id);
    if (one === null)
      throw new Refusal('invalid_input', 'Some of what was named is no subscriber.', {
        errors: [{ pointer: `${at}/${i}`, detail: 'Not the id of a subscriber' }],
      });
    return one;
  });
