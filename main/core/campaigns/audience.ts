import type { Audience } from '../../contract/campaigns.ts';
import type { Ids } from '../ids.ts';
import type { AudienceRow, Storage } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';

/** The audience with the database's own ids; ids that are none are left out. */
export function audienceRow(audience: Audience, ids: Ids): AudienceRow {
  if ('everyone' in audience) return { everyone: true };
  if ('externalIds' in audience) return { externalIds: [...new Set(audience.externalIds)] };
  const named = 'subscriber' in audience ? [audience.subscriber] : audience.subscribers;
  const known = named.flatMap((id) => ids.open('sub', id) ?? []);
  return { subscribers: [...new Set(known)] };
}

/** @throws Refusal when someone named is not a subscriber of the site */
export async function checkAudience(
  audience: Audience,
  site: number,
  ids: Ids,
  storage: Storage,
): Promise<AudienceRow> {
  const row = audienceRow(audience, ids);
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
