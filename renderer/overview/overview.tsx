import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../frame/api.tsx';
import { useAttention } from '../frame/attention.ts';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { SentLately, UnderWay } from './campaign-lists.tsx';
import classes from './overview.module.css';
import { PeopleChart } from './people-chart.tsx';
import { PeopleNumbers } from './people-numbers.tsx';
import { PublicAddressLine } from './public-address-line.tsx';
import { Reach } from './reach.tsx';

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

function FirstSteps({ reached }: { reached: boolean }) {
  const site = useSite();
  return (
    <section className={classes['section']}>
      <h2>{reached ? 'Send something first' : 'Start here'}</h2>
      <p className="dim">
        {reached
          ? 'People are subscribed, and nothing was sent yet. Write to one of them to see how it arrives.'
          : 'Put two small pieces on your site, and the first person who allows notifications appears here.'}
      </p>
      <p className={classes['all']}>
        <Link to={reached ? '/sites/$site/compose' : '/sites/$site/setup'} params={{ site: site.id }}>
          {reached ? 'Compose a message' : 'Set up your site'}
        </Link>
      </p>
    </section>
  );
}

/** How the site stands: whom it reaches and how that changed, what needs the operator, what is and was sent. */
export function Overview(): ReactNode {
  const site = useSite();
  const api = useApi();
  const query = useQuery(api.campaigns.list.queryOptions({ input: { site: site.id, limit: 50 } }));
  const campaigns = query.data?.items ?? [];
  const running = campaigns.filter(({ state }) =>
    ['sending', 'paused', 'halted', 'scheduled'].includes(state),
  );
  const recent = campaigns.filter(({ state }) => ['finished', 'cancelled'].includes(state)).slice(0, 8);
  const { active, foreign, expired, unsubscribed } = site.subscribers;
  return (
    <Screen
      title="Overview"
      actions={
        <Button
          renderRoot={(props) => <Link {...props} to="/sites/$site/compose" params={{ site: site.id }} />}
        >
          Compose
        </Button>
      }
    >
      <div className={classes['overview']}>
        <div className={classes['now']}>
          <PeopleNumbers />
          {!site.practice && <PublicAddressLine />}
        </div>
        {query.isPending && <Skeleton />}
        {query.error && !query.data && (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data && (
          <>
            {campaigns.length === 0 && <FirstSteps reached={active + foreign > 0} />}
            <div className={classes['pressing']}>
              <NeedsYou />
              {running.length > 0 && <UnderWay campaigns={running} />}
            </div>
            <div className={classes['charts']}>
              {active + foreign + expired + unsubscribed > 0 && <PeopleChart />}
              <Reach campaigns={campaigns} />
            </div>
            {recent.length > 0 && <SentLately campaigns={recent} site={site.id} />}
          </>
        )}
      </div>
    </Screen>
  );
}
