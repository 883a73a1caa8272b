import { Link } from '@tanstack/react-router';
import type { Campaign } from '../../main/contract/campaigns.ts';
import { doneWords, momentOf } from '../parts/campaign-words.ts';
import { formatDuration, formatNumber, formatShare } from '../parts/format.ts';
import { Segments } from '../parts/segments.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Num, Time } from '../parts/values.tsx';
import classes from './overview.module.css';

function Running({ campaign }: { campaign: Campaign }) {
  const { id, site, message, state, counts, rate, secondsLeft, at } = campaign;
  return (
    <li>
      <Link
        to="/sites/$site/campaigns/$campaign"
        params={{ site, campaign: id }}
        className={classes['running']}
      >
        <span className={classes['title']} dir="auto" title={message.title}>
          {message.title}
        </span>
        <StateBadge state={state} />
        {state === 'scheduled' ? (
          <span className={classes['line']}>
            Starts <Time at={at} inline />
          </span>
        ) : (
          <>
            <Segments counts={counts} />
            <span className={classes['line']}>
              {doneWords(campaign)}
              {rate !== null && rate > 0 && ` · ${formatNumber(rate)} a second`}
              {secondsLeft !== null && ` · about ${formatDuration(secondsLeft)} left`}
            </span>
          </>
        )}
      </Link>
    </li>
  );
}

/** What is being sent, waits for its time, or was stopped. */
export const UnderWay = ({ campaigns }: { campaigns: Campaign[] }) => (
  <section className={classes['section']}>
    <h2>Under way</h2>
    <ul>
      {campaigns.map((campaign) => (
        <Running key={campaign.id} campaign={campaign} />
      ))}
    </ul>
  </section>
);

/** What was sent lately, and what came of it. */
export const SentLately = ({ campaigns, site }: { campaigns: Campaign[]; site: string }) => (
  <section className={classes['section']}>
    <header>
      <h2>Sent lately</h2>
      <Link to="/sites/$site/campaigns" params={{ site }}>
        All campaigns
      </Link>
    </header>
    <table className={classes['table']}>
      <thead>
        <tr>
          <th scope="col">Message</th>
          <th scope="col" data-align="end">
            Accepted
          </th>
          <th scope="col" data-align="end" data-wide>
            Shown
          </th>
          <th scope="col" data-align="end">
            Clicked
          </th>
          <th scope="col" data-wide data-column="when">
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {campaigns.map(({ id, message, counts, ...campaign }) => (
          <tr key={id}>
            <td dir="auto">
              <Link
                to="/sites/$site/campaigns/$campaign"
                params={{ site, campaign: id }}
                title={message.title}
              >
                {message.title}
              </Link>
            </td>
            <td data-align="end">
              <Num value={counts.accepted} />
            </td>
            <td data-align="end" data-wide>
              {formatShare(counts.shown, counts.accepted)}
            </td>
            <td data-align="end">{formatShare(counts.clicked, counts.accepted)}</td>
            <td data-wide>
              <Time at={momentOf({ id, message, counts, ...campaign })} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
