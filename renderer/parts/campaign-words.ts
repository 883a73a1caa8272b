import type { Audience, Campaign } from '../../main/contract/campaigns.ts';
import { formatCount } from './format.ts';

/** Whom a campaign goes to, in a few words. */
export function audienceWords(audience: Audience): string {
  if ('everyone' in audience) return 'Everyone';
  if ('subscriber' in audience) return 'One person';
  if ('subscribers' in audience) return formatCount(audience.subscribers.length, 'person', 'chosen people');
  return formatCount(audience.externalIds.length, 'external id', 'external ids');
}

/** The moment that says most about a campaign: when it ended, began, will begin, or was written. */
export const momentOf = ({ finishedAt, startedAt, at, createdAt }: Campaign): string =>
  finishedAt ?? startedAt ?? at ?? createdAt;
