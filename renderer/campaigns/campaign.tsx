import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportMenu } from '../export/export-menu.tsx';
import { useApi } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Filters, filter, Toolbar } from '../parts/toolbar.tsx';
import { CampaignActions } from './actions.tsx';
import { tabs } from './address.ts';
import classes from './campaigns.module.css';
import { Deliveries } from './deliveries.tsx';
import { Holds } from './holds.tsx';
import { MessageFacts } from './message-facts.tsx';
import { Outcomes } from './outcomes.tsx';
import { ProgressPanel } from './progress-panel.tsx';

const tabWords = { results: 'Results', deliveries: 'Deliveries', message: 'Message' };

/** One campaign: how far it is, what came back, to whom, and what was said. */
export function Campaign(): ReactNode {
  const site = useSite();
  const api = useApi();
  const { campaign: id } = useParams({ from: '/sites/$site/campaigns/$campaign' });
  const { tab = 'results', state } = useSearch({ from: '/sites/$site/campaigns/$campaign' });
  const query = useQuery(api.campaigns.get.queryOptions({ input: { id } }));
  const trail = [
    <Link key="list" to="/sites/$site/campaigns" params={{ site: site.id }}>
      Campaigns
    </Link>,
  ];
  const campaign = query.data;
  if (!campaign) {
    return (
      <Screen title="Campaign" trail={trail}>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )}
      </Screen>
    );
  }
  return (
    <Screen
      title={campaign.message.title}
      trail={trail}
      layout="fill"
      aside={<StateBadge state={campaign.state} />}
      actions={
        <>
          {campaign.startedAt && (
            <ExportMenu
              query={{ what: 'deliveries', site: campaign.site, campaign: campaign.id }}
              name={`Results of ${campaign.message.title.slice(0, 60)}`}
            />
          )}
          <CampaignActions campaign={campaign} />
        </>
      }
    >
      <ProgressPanel campaign={campaign} />
      {(campaign.holds.length > 0 || campaign.state === 'halted') && (
        <div className={classes['holds']}>
          <Holds campaign={campaign} />
        </div>
      )}
      <Toolbar>
        <Filters label="About this campaign">
          {tabs.map((one) => (
            <Link
              key={one}
              {...filter(one === tab)}
              to="/sites/$site/campaigns/$campaign"
              params={{ site: site.id, campaign: id }}
              search={{ tab: one === 'results' ? undefined : one }}
              replace
            >
              {tabWords[one]}
            </Link>
          ))}
        </Filters>
      </Toolbar>
      {tab === 'results' && <Outcomes campaign={campaign} />}
      {tab === 'deliveries' && <Deliveries campaign={campaign} state={state} />}
      {tab === 'message' && <MessageFacts campaign={campaign} origin={site.origins[0] ?? ''} />}
    </Screen>
  );
}
