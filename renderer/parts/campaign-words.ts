import type { Audience, Campaign, Pace } from '../../main/contract/campaigns.ts';
import { expressionWords, type Names } from '../../main/contract/expression-words.ts';
import { formatCount, formatDuration, formatNumber } from './format.ts';

/**
 * Whom a campaign goes to, in a few words.
 * @param names what segments and the like are called here; without them it stays vaguer
 */
export function audienceWords(audience: Audience, names?: Names): string {
  if ('subscriber' in audience) return 'One person';
  if ('everyone' in audience || 'segment' in audience || 'matching' in audience) {
    const whom =
      'segment' in audience
        ? (names?.segment(audience.segment) ?? 'A segment')
        : 'matching' in audience
          ? names
            ? expressionWords(audience.matching, names).replace(/\.$/, '')
            : 'Chosen by what is known of them'
          : 'Everyone';
    if (audience.less === undefined) return whom;
    return names
      ? `${whom}, but not ${expressionWords(audience.less, names).replace(/^P/, 'p').replace(/\.$/, '')}`
      : `${whom}, less some`;
  }
  if ('subscribers' in audience) return formatCount(audience.subscribers.length, 'person', 'chosen people');
  return formatCount(audience.externalIds.length, 'external id', 'external ids');
}

/** The moment that says most about a campaign: when it ended, began, will begin, or was written. */
export const momentOf = ({ finishedAt, startedAt, at, createdAt }: Campaign): string =>
  finishedAt ?? startedAt ?? at ?? createdAt;

/** How far a campaign is: how many deliveries are made while it is prepared, and then how many are over. */
export const doneWords = ({ counts: { total, pending }, preparing }: Campaign): string => {
  if (preparing === null) return `${formatNumber(total - pending)} of ${formatNumber(total)}`;
  return preparing === 0 ? 'Preparing…' : `Preparing: ${formatNumber(total)} of ${formatNumber(preparing)}`;
};

/** How fast a campaign is sent, in a few words that follow others. */
export const paceWords = (pace: Pace | null): string => {
  if (pace === null) return 'as fast as possible';
  if ('perMinute' in pace) return `at most ${formatCount(pace.perMinute, 'person', 'people')} a minute`;
  return `spread over ${formatDuration(pace.overMinutes * 60)}`;
};

/** A reason as the core names it, for a person: "too-many-requests" → "Too many requests". */
export const reasonWords = (reason: string): string => {
  const known: Record<string, string> = {
    'implausible-gone': 'More people are said to be gone than is likely',
    capped: 'Reached as often as the site’s frequency cap allows',
  };
  const words = known[reason] ?? reason.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};
