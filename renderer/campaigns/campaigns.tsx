import { Button } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useApi, useClient } from '../frame/api.tsx';
import { useLive } from '../frame/connection.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { usePages } from '../frame/use-pages.ts';
import { audienceWords, momentOf } from '../parts/campaign-words.ts';
import { type Column, DataList } from '../parts/data-list.tsx';
import { formatShare } from '../parts/format.ts';
import { Segments } from '../parts/segments.tsx';
import { StateBadge, stateWord } from '../parts/state-badge.tsx';
import { EmptyState } from '../parts/states.tsx';
import { Filters, filter, Toolbar } from '../parts/toolbar.tsx';
import { Num, Time } from '../parts/values.tsx';
import { campaignViews } from './address.ts';
import classes from './campaigns.module.css';

const dash = <span className="dim">–</span>;
const share = (part: number, { counts }: Campaign) =>
  counts.accepted === 0 ? dash : formatShare(part, counts.accepted);

const columns: Column<Campaign>[] = [
  {
    id: 'message',
    header: 'Message',
    track: 'minmax(160px, 4fr)',
    cell: ({ id, site, message }, link) => (
      <Link {...link} to="/sites/$site/campaigns/$campaign" params={{ site, campaign: id }}>
        <span className={classes['words']}>
          <span dir="auto">{message.title}</span>
          {message.body && (
            <span className={classes['body']} dir="auto">
              {message.body}
            </span>
          )}
        </span>
      </Link>
    ),
  },
  { id: 'state', header: 'State', track: '96px', cell: ({ state }) => <StateBadge state={state} /> },
  {
    id: 'audience',
    header: 'To',
    track: 'minmax(88px, 0.8fr)',
    from: 700,
    cell: ({ audience }) => audienceWords(audience),
  },
  {
    id: 'people',
    header: 'People',
    track: '72px',
    align: 'end',
    from: 480,
    cell: ({ counts, state }) =>
      counts.total === 0 && (state === 'draft' || state === 'scheduled') ? (
        dash
      ) : (
        <Num value={counts.total} />
      ),
  },
  {
    id: 'progress',
    header: 'Deliveries',
    track: '96px',
    from: 860,
    cell: ({ counts }) => (counts.total === 0 ? dash : <Segments counts={counts} thin />),
  },
  {
    id: 'accepted',
    header: 'Accepted',
    track: '72px',
    align: 'end',
    from: 1180,
    cell: ({ counts }) => (counts.total === 0 ? dash : <Num value={counts.accepted} />),
  },
  {
    id: 'shown',
    header: 'Shown',
    track: '64px',
    align: 'end',
    from: 780,
    cell: (one) => share(one.counts.shown, one),
  },
  {
    id: 'clicked',
    header: 'Clicked',
    track: '64px',
    align: 'end',
    from: 560,
    cell: (one) => share(one.counts.clicked, one),
  },
  { id: 'when', header: 'When', track: '116px', from: 400, cell: (one) => <Time at={momentOf(one)} /> },
];

/** Every campaign of the site, by state, the newest first; the numbers move as it happens. */
export function Campaigns(): ReactNode {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const { state } = useSearch({ from: '/sites/$site/campaigns' });
  const input = { site: site.id, state, limit: 100 };
  const pages = usePages<Campaign>({
    queryKey: api.campaigns.list.key({ type: 'infinite', input }),
    fetch: (cursor) => client.campaigns.list({ ...input, cursor }),
  });
  useLive((event) => {
    if (event.type !== 'campaign' || event.site !== site.id) return;
    if (!pages.rows.some(({ id }) => id === event.id) && (!state || state === event.state)) pages.changed();
  });
  const params = { site: site.id };
  const compose = (
    <Button renderRoot={(props) => <Link {...props} to="/sites/$site/compose" params={params} />}>
      Compose
    </Button>
  );
  return (
    <Screen
      title="Campaigns"
      layout="fill"
      actions={
        <>
          <ExportMenu query={{ what: 'campaigns', site: site.id }} name={`${site.name} campaigns`} />
          {compose}
        </>
      }
    >
      <Toolbar>
        <Filters label="State">
          {[undefined, ...campaignViews].map((view) => (
            <Link
              key={view ?? 'all'}
              {...filter(view === state)}
              to="/sites/$site/campaigns"
              params={params}
              search={{ state: view }}
            >
              {view ? stateWord(view) : 'All'}
            </Link>
          ))}
        </Filters>
        {pages.waiting && (
          <Button variant="light" size="compact-sm" onClick={pages.startOver}>
            Show what is new
          </Button>
        )}
      </Toolbar>
      <DataList
        label="Campaigns"
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          state ? (
            <EmptyState title={`No campaign is “${stateWord(state)}”`}>
              Choose another state above to see the others.
            </EmptyState>
          ) : (
            <EmptyState title="Nothing was sent yet" action={compose}>
              Write a first message, look at it as it will appear on every system, and send it to yourself.
            </EmptyState>
          )
        }
        {...pages.list}
      />
    </Screen>
  );
}
