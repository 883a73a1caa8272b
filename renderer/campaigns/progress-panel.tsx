import type { Campaign } from '../../main/contract/campaigns.ts';
import { Spoken } from '../frame/spoken.tsx';
import { audienceWords, doneWords, paceWords } from '../parts/campaign-words.ts';
import { formatDuration, formatNumber, formatShare, people } from '../parts/format.ts';
import swatches from '../parts/segments.module.css';
import { outcomes, Segments } from '../parts/segments.tsx';
import { stateWord } from '../parts/state-badge.tsx';
import { Num, Time } from '../parts/values.tsx';
import classes from './campaigns.module.css';

/** One line on where the campaign stands. */
function standing(campaign: Campaign): string {
  const { state, counts, preparing, rate, secondsLeft, audience, pace } = campaign;
  const { total, pending } = counts;
  const done = `${formatNumber(total - pending)} of ${formatNumber(total)}`;
  const to = `To: ${audienceWords(audience).toLowerCase()}${pace ? `, ${paceWords(pace)}` : ''}.`;
  if (state === 'draft') return `Not sent. ${to}`;
  if (state === 'scheduled') return `Waits for its time. ${to}`;
  if (preparing !== null && state !== 'cancelled') {
    return state === 'sending' ? doneWords(campaign) : `${stateWord(state)}. ${doneWords(campaign)}`;
  }
  if (state === 'sending') {
    return [
      done,
      rate !== null && rate > 0 && `${formatNumber(rate)} a second`,
      secondsLeft !== null && `about ${formatDuration(secondsLeft)} left`,
      pace !== null && paceWords(pace),
    ]
      .filter(Boolean)
      .join(' · ');
  }
  if (state === 'finished') {
    return counts.accepted === total
      ? `Sent to ${people(total)}.`
      : `Accepted for ${formatNumber(counts.accepted)} of ${people(total)}.`;
  }
  if (state === 'cancelled')
    return `Cancelled after ${formatNumber(counts.accepted)} of ${formatNumber(total)}.`;
  return `${stateWord(state)} after ${done}.`;
}

function Reported({ name, value, of, hint }: { name: string; value: number; of: number; hint: string }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>
        <Num value={value} />
        <span className={classes['share']}>{formatShare(value, of)}</span>
      </dd>
    </div>
  );
}

/** How far a campaign is, how its deliveries ended, and what browsers report since. */
export function ProgressPanel({ campaign }: { campaign: Campaign }) {
  const { counts, state, startedAt, finishedAt, at } = campaign;
  const line = standing(campaign);
  const started = state !== 'draft' && state !== 'scheduled';
  return (
    <section className={classes['panel']} aria-label="Progress">
      <div className={classes['standing']}>
        <p className="tabular">{line}</p>
        <p className="dim">
          {state === 'scheduled' && (
            <>
              Starts <Time at={at} inline />
            </>
          )}
          {startedAt && (
            <>
              Started <Time at={startedAt} inline />
            </>
          )}
          {finishedAt && (
            <>
              , ended <Time at={finishedAt} inline />
            </>
          )}
        </p>
      </div>
      <Spoken text={line} state={state} />
      {started && (
        <>
          <Segments counts={counts} />
          <dl className={classes['legend']}>
            {outcomes.map((outcome) => (
              <div key={outcome} data-none={counts[outcome] === 0 || undefined}>
                <dt>
                  <i className={swatches['swatch']} data-outcome={outcome} />
                  {stateWord(outcome)}
                </dt>
                <dd>
                  <Num value={counts[outcome]} />
                </dd>
              </div>
            ))}
            <div data-none={counts.pending === 0 || undefined}>
              <dt>
                <i className={swatches['swatch']} />
                {stateWord('pending')}
              </dt>
              <dd>
                <Num value={counts.pending} />
              </dd>
            </div>
          </dl>
          <dl className={classes['reported']}>
            <Reported
              name="Shown"
              value={counts.shown}
              of={counts.accepted}
              hint="Browsers that said they showed it, of those accepted"
            />
            <Reported
              name="Clicked"
              value={counts.clicked}
              of={counts.accepted}
              hint="People who clicked it, of those accepted"
            />
            <Reported
              name="Closed"
              value={counts.closed}
              of={counts.accepted}
              hint="People who closed it without a click, where the browser says so"
            />
            <Reported
              name="Left"
              value={counts.unsubscribed}
              of={counts.accepted}
              hint="People who unsubscribed after it"
            />
          </dl>
        </>
      )}
    </section>
  );
}
