import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import { useApi } from '../frame/api.tsx';
import { useAttention } from '../frame/attention.ts';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { momentOf } from '../parts/campaign-words.ts';
import { formatDuration, formatNumber, formatShare } from '../parts/format.ts';
import { Segments } from '../parts/segments.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Num, Time } from '../parts/values.tsx';
import classes from './overview.module.css';

function People() {
  const site = useSite();
  const { active, foreign, expired, unsubscribed } = site.subscribers;
  const params = { site: site.id };
  const to = '/sites/$site/subscribers' as const;
  return (
    <dl className={classes['people']}>
      <div>
        <dt>
          <Link {...{ to, params }}>People you reach</Link>
        </dt>
        <dd>
          <Num value={active} />
        </dd>
      </div>
      {(
        [
          ['foreign', 'Imported, not yet seen', foreign],
          ['expired', 'Expired', expired],
          ['unsubscribed', 'Left', unsubscribed],
        ] as const
      ).map(([state, name, value]) => (
        <div key={state}>
          <dt>
            <Link {...{ to, params }} search={{ state }}>
              {name}
            </Link>
          </dt>
          <dd>
            <Num value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function NeedsYou() {
  const site = useSite();
  const found = useAttention(site);
  if (found.length === 0) return null;
  return (
    <section className={classes['section']}>
      <h2>Needs you</h2>
      <ul className={classes['needs']}>
        {found.map(({ id, title, detail, to, site: of, campaign }) => (
          <li key={id}>
            <Link to={to} params={{ site: of, campaign: campaign ?? '' }} dir="auto">
              {title}
            </Link>
            <p className="dim">{detail}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Running({ campaign }: { campaign: Campaign }) {
  const { id, site, message, state, counts, rate, secondsLeft, at } = campaign;
  return (
    <li>
      <Link
        to="/sites/$site/campaigns/$campaign"
        params={{ site, campaign: id }}
        className={classes['running']}
      >
        <span className={classes['title']} dir="auto">
          {message.title}
        </span>
        <StateBadge state={state} />
        {state === 'scheduled' ? (
          <span className={classes['line']}>
            Starts <Time at={at} />
          </span>
        ) : (
          <>
            <Segments counts={counts} />
            <span className={classes['line']}>
              {formatNumber(counts.total - counts.pending)} of {formatNumber(counts.total)}
              {rate !== null && rate > 0 && ` · ${formatNumber(rate)} a second`}
              {secondsLeft !== null && ` · about ${formatDuration(secondsLeft)} left`}
            </span>
          </>
        )}
      </Link>
    </li>
  );
}

function Recent({ campaigns }: { campaigns: Campaign[] }) {
  return (
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
          <th scope="col" data-wide>
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {campaigns.map((campaign) => (
          <tr key={campaign.id}>
            <td dir="auto">
              <Link
                to="/sites/$site/campaigns/$campaign"
                params={{ site: campaign.site, campaign: campaign.id }}
              >
                {campaign.message.title}
              </Link>
            </td>
            <td data-align="end">
              <Num value={campaign.counts.accepted} />
            </td>
            <td data-align="end" data-wide>
              {formatShare(campaign.counts.shown, campaign.counts.accepted)}
            </td>
            <td data-align="end">{formatShare(campaign.counts.clicked, campaign.counts.accepted)}</td>
            <td data-wide>
              <Time at={momentOf(campaign)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How the site stands: whom it reaches, what needs the operator, what is being sent, what was sent. */
export function Overview(): ReactNode {
  const site = useSite();
  const api = useApi();
  const query = useQuery(api.campaigns.list.queryOptions({ input: { site: site.id, limit: 50 } }));
  const campaigns = query.data?.items ?? [];
  const running = campaigns.filter(({ state }) =>
    ['sending', 'paused', 'halted', 'scheduled'].includes(state),
  );
  const recent = campaigns.filter(({ state }) => ['finished', 'cancelled'].includes(state)).slice(0, 8);
  const params = { site: site.id };
  const reached = site.subscribers.active + site.subscribers.foreign > 0;
  return (
    <Screen
      title="Overview"
      actions={
        <Button renderRoot={(props) => <Link {...props} to="/sites/$site/compose" params={params} />}>
          Compose
        </Button>
      }
    >
      <div className={classes['overview']}>
        <People />
        <NeedsYou />
        {query.isPending && <Skeleton />}
        {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {running.length > 0 && (
          <section className={classes['section']}>
            <h2>Under way</h2>
            <ul>
              {running.map((campaign) => (
                <Running key={campaign.id} campaign={campaign} />
              ))}
            </ul>
          </section>
        )}
        {recent.length > 0 && (
          <section className={classes['section']}>
            <h2>Sent lately</h2>
            <Recent campaigns={recent} />
            <p className={classes['all']}>
              <Link to="/sites/$site/campaigns" params={params}>
                All campaigns
              </Link>
            </p>
          </section>
        )}
        {query.data && campaigns.length === 0 && (
          <section className={classes['section']}>
            <h2>{reached ? 'Send something first' : 'Start here'}</h2>
            <p className="dim">
              {reached
                ? 'People are subscribed, and nothing was sent yet. Write to one of them to see how it arrives.'
                : 'Put two small pieces on your site, and the first person who allows notifications appears here.'}
            </p>
            <p className={classes['all']}>
              <Link to={reached ? '/sites/$site/compose' : '/sites/$site/setup'} params={params}>
                {reached ? 'Compose a message' : 'Set up your site'}
              </Link>
            </p>
          </section>
        )}
      </div>
    </Screen>
  );
}
