import type { Settlement } from '../../core/ports/storage.ts';

/** What a batch of results changes at one push service for one campaign. */
export type Tally = { id: number; service: string; bytes: number } & Record<
  Settlement['state'] | 'skipped',
  number
>;

/** The tally of a campaign at a push service, begun when it is asked for first. */
export function tallyOf(tallies: Map<string, Tally>, id: number, service: string): Tally {
  const key = `${id} ${service}`;
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const tally = {
    id,
    service,
    bytes: 0,
    pending: 0,
    accepted: 0,
    expired: 0,
    rejected: 0,
    failed: 0,
    skipped: 0,
  };
  tallies.set(key, tally);
  return tally;
}
