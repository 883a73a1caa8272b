import type { CampaignState, DeliveryState } from '../../main/contract/campaigns.ts';
import type { SubscriberState } from '../../main/contract/subscribers.ts';
import classes from './state-badge.module.css';

type State = CampaignState | DeliveryState | SubscriberState;

/** Each state in plain words, with a tone and a shape, so that colour never speaks alone. */
const looks: Record<State, [word: string, tone: string, shape: string]> = {
  draft: ['Draft', 'quiet', 'hollow'],
  scheduled: ['Scheduled', 'accent', 'hollow'],
  sending: ['Sending', 'bronze', 'half'],
  paused: ['Paused', 'warn', 'bars'],
  halted: ['Halted', 'bad', 'square'],
  finished: ['Finished', 'accent', 'full'],
  cancelled: ['Cancelled', 'quiet', 'square'],
  pending: ['Waiting', 'quiet', 'hollow'],
  accepted: ['Accepted', 'accent', 'full'],
  expired: ['Expired', 'quiet', 'square'],
  rejected: ['Rejected', 'bad', 'square'],
  failed: ['Failed', 'warn', 'square'],
  skipped: ['Skipped', 'quiet', 'bars'],
  active: ['Active', 'accent', 'full'],
  foreign: ['Imported', 'accent', 'hollow'],
  unsubscribed: ['Left', 'quiet', 'bars'],
  quarantined: ['Other key', 'warn', 'bars'],
};

/** The word that screens use for a state. */
export const stateWord = (state: State) => looks[state][0];

/** A state as a small mark and its word. */
export function StateBadge({ state }: { state: State }) {
  const [word, tone, shape] = looks[state];
  return (
    <span className={classes['badge']} data-tone={tone}>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        {shape === 'full' && <circle cx="5" cy="5" r="4" fill="currentColor" />}
        {shape === 'hollow' && (
          <circle cx="5" cy="5" r="3.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        )}
        {shape === 'half' && (
          <>
            <circle cx="5" cy="5" r="3.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
            <path d="M5 1.75a3.25 3.25 0 0 1 0 6.5Z" fill="currentColor" />
          </>
        )}
        {shape === 'bars' && <path d="M2.2 1.5h2v7h-2Zm3.6 0h2v7h-2Z" fill="currentColor" />}
        {shape === 'square' && <rect x="1.5" y="1.5" width="7" height="7" rx="1" fill="currentColor" />}
      </svg>
      {word}
    </span>
  );
}
