import { Link } from '@tanstack/react-router';
import type { Campaign, Delivery, DeliveryState } from '../../main/contract/campaigns.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useLive } from '../frame/connection.tsx';
import { usePages } from '../frame/use-pages.ts';
import { reasonWords } from '../parts/campaign-words.ts';
import { type Column, DataList } from '../parts/data-list.tsx';
import { formatNumber, pushServiceName } from '../parts/format.ts';
import { StateBadge, stateWord } from '../parts/state-badge.tsx';
import { EmptyState } from '../parts/states.tsx';
import { FilterCount, Filters, filter, Toolbar } from '../parts/toolbar.tsx';
import { Time } from '../parts/values.tsx';
import { deliveryViews } from './address.ts';

const columns = (site: string): Column<Delivery>[] => [
  {
    id: 'person',
    header: 'Person',
    track: 'minmax(120px, 1.2fr)',
    cell: ({ subscriber }, link) =>
      subscriber === null ? (
        <span className="dim">Erased</span>
      ) : (
        <Link {...link} to="/sites/$site/subscribers/$subscriber" params={{ site, subscriber }}>
          Visitor {subscriber.slice(-6)}
        </Link>
      ),
  },
  { id: 'state', header: 'State', track: '96px', cell: ({ state }) => <StateBadge state={state} /> },
  {
    id: 'reason',
    header: 'Why',
    track: 'minmax(120px, 2fr)',
    from: 560,
    cell: ({ reason, status }) =>
      [reason && reasonWords(reason), status].filter((part) => part !== null).join(' · ') || (
        <span className="dim">–</span>
      ),
  },
  {
    id: 'service',
    header: 'Push service',
    track: 'minmax(124px, 1fr)',
    from: 780,
    cell: ({ pushService }) => pushServiceName(pushService),
  },
  {
    id: 'attempts',
    header: 'Attempts',
    track: '64px',
    align: 'end',
    from: 1140,
    cell: ({ attempts }) => attempts,
  },
  {
    id: 'took',
    header: 'Took',
    track: '72px',
    align: 'end',
    from: 940,
    cell: ({ duration }) =>
      duration === null ? <span className="dim">–</span> : `${formatNumber(duration)} ms`,
  },
  {
    id: 'bytes',
    header: 'Bytes',
    track: '56px',
    align: 'end',
    from: 850,
    cell: ({ bytes }) => (bytes === null ? <span className="dim">–</span> : formatNumber(bytes)),
  },
  {
    id: 'settled',
    header: 'Settled',
    track: '108px',
    from: 420,
    cell: ({ settledAt, nextAttemptAt }) =>
      settledAt === null && nextAttemptAt !== null ? (
        <span className="dim">
          again <Time at={nextAttemptAt} />
        </span>
      ) : (
        <Time at={settledAt} />
      ),
  },
  { id: 'shown', header: 'Shown', track: '108px', from: 1060, cell: ({ shownAt }) => <Time at={shownAt} /> },
  {
    id: 'clicked',
    header: 'Clicked',
    track: '108px',
    from: 670,
    cell: ({ clickedAt }) => <Time at={clickedAt} />,
  },
];

/** Every single delivery of a campaign, by state. */
export function Deliveries({ campaign, state }: { campaign: Campaign; state: DeliveryState | undefined }) {
  const api = useApi();
  const client = useClient();
  const { id, site, counts } = campaign;
  const input = { id, state, limit: 100 };
  const pages = usePages<Delivery>({
    queryKey: api.campaigns.deliveries.key({ type: 'infinite', input }),
    fetch: (cursor) => client.campaigns.deliveries({ ...input, cursor }),
  });
  useLive((event) => {
    if (event.type === 'campaign' && event.id === id && pages.rows.length < 200) pages.changed();
  });
  return (
    <>
      <Toolbar>
        <Filters label="State of the delivery">
          {[undefined, ...deliveryViews].map((view) => (
            <Link
              key={view ?? 'all'}
              {...filter(view === state)}
              to="/sites/$site/campaigns/$campaign"
              params={{ site, campaign: id }}
              search={{ tab: 'deliveries', state: view }}
              replace
            >
              {view ? stateWord(view) : 'All'}
              <FilterCount>{formatNumber(view ? counts[view] : counts.total)}</FilterCount>
            </Link>
          ))}
        </Filters>
      </Toolbar>
      <DataList
        label="Deliveries"
        columns={columns(site)}
        rowKey={({ subscriber }, index) => subscriber ?? `erased ${index}`}
        total={state ? counts[state] : counts.total}
        empty={
          <EmptyState title="No delivery here">
            {campaign.detailDroppedAt !== null
              ? 'They were kept for a time and are dropped now. The campaign’s numbers stay.'
              : counts.total === 0
                ? 'Deliveries are made when the campaign starts.'
                : 'Choose another state above to see the others.'}
          </EmptyState>
        }
        {...pages.list}
      />
    </>
  );
}
