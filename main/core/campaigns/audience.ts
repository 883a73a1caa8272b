import type { Audience } from '../../contract/campaigns.ts';
import type { Expression } from '../../contract/expressions.ts';
import type { Ids } from '../ids.ts';
import type { AudienceRow, Storage } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { resolve } from '../segments/resolve.ts';

interface Parts {
  ids: Ids;
  storage: Storage;
}

/**
 * The audience with the database's own ids; people whose ids are none are left out, what is said of people is said
 * as of `now`.
 * @throws Refusal invalid_input when it speaks of a segment or a campaign that the site does not have (any more)
 */
export async function audienceRow(
  audience: Audience,
  site: number,
  parts: Parts,
  now: number,
): Promise<AudienceRow> {
  if ('externalIds' in audience) return { externalIds: [...new Set(audience.externalIds)] };
  if ('subscriber' in audience || 'subscribers' in audience) {
    const named = 'subscriber' in audience ? [audience.subscriber] : audience.subscribers;
    const known = named.flatMap((id) => parts.ids.open('sub', id) ?? []);
    return { subscribers: [...new Set(known)] };
  }
  const whom: [Expression, string] =
    'segment' in audience
      ? [{ segment: audience.segment }, '/audience/segment']
      : 'matching' in audience
        ? [audience.matching, '/audience/matching']
        : [{ all: [] }, '/audience'];
  const where = await resolve(whom[0], site, parts, { at: whom[1] });
  if (audience.less === undefined) return { where, now };
  const less = await resolve(audience.less, site, parts, { at: '/audience/less' });
  return { where: { all: [where, { none: [less] }] }, now };
}

/** The same. @throws Refusal also when someone named is not a subscriber of the site */
export async function checkAudience(
  audience: Audience,
  site: number,
  parts: Parts,
  now: number,
): Promise<AudienceRow> {
  const { ids, storage } = parts;
  const row = await audienceRow(audience, site, parts, now);
  if (!('subscribers' in row)) return row;
  const named =
    'subscriber' in audience ? [audience.subscriber] : 'subscribers' in audience ? audience.subscribers : [];
  const existing = new Set(await storage.subscribers.existing(site, row.subscribers));
  const errors = named.flatMap((id, i) => {
    const known = ids.open('sub', id);
    const pointer = 'subscriber' in audience ? '/audience/subscriber' : `/audience/subscribers/${i}`;
    return known !== null && existing.has(known)
      ? []
      : [{ pointer, detail: 'This site has no such subscriber' }];
  });
  if (errors.length > 0)
    throw new Refusal('invalid_input', 'The audience names someone who is not a subscriber of this site.', {
      errors,
    });
  return row;
}
