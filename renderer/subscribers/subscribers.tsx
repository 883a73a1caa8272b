import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { ExportMenu } from '../export/export-menu.tsx';
import { useApi, useClient } from '../frame/api.tsx';
import { useLive } from '../frame/connection.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { usePages } from '../frame/use-pages.ts';
import { type Column, DataList } from '../parts/data-list.tsx';
import { countryName, formatNumber, languageName, personName, pushServiceName } from '../parts/format.ts';
import { StateBadge, stateWord } from '../parts/state-badge.tsx';
import { EmptyState } from '../parts/states.tsx';
import { FilterCount, Filters, filter, ListSearch, Toolbar } from '../parts/toolbar.tsx';
import { Time } from '../parts/values.tsx';
import { views } from './address.ts';
import { MatchingLine, SegmentFilter } from './narrowing.tsx';

const dash = <span className="dim">–</span>;

const columns = (withState: boolean): Column<Subscriber>[] => [
  {
    id: 'person',
    header: 'Person',
    track: 'minmax(140px, 2fr)',
    cell: (person, link) => (
      <Link
        {...link}
        to="/sites/$site/subscribers/$subscriber"
        params={{ site: person.site, subscriber: person.id }}
      >
        <span dir="auto">{personName(person)}</span>
      </Link>
    ),
  },
  ...(withState
    ? [
        {
          id: 'state',
          header: 'State',
          track: '96px',
          cell: ({ state }: Subscriber) => <StateBadge state={state} />,
        },
      ]
    : []),
  {
    id: 'browser',
    header: 'Browser',
    track: 'minmax(136px, 1fr)',
    from: 440,
    cell: ({ browser, browserVersion }) =>
      browser ? `${browser} ${browserVersion?.split('.')[0] ?? ''}`.trim() : dash,
  },
  {
    id: 'system',
    header: 'System',
    track: 'minmax(80px, 0.8fr)',
    from: 560,
    cell: ({ system }) => system ?? dash,
  },
  {
    id: 'language',
    header: 'Language',
    track: 'minmax(90px, 1fr)',
    from: 760,
    cell: ({ language }) => (language ? languageName(language.split('-')[0] ?? language) : dash),
  },
  {
    id: 'country',
    header: 'Country',
    track: 'minmax(90px, 1fr)',
    from: 940,
    cell: ({ country }) => (country ? countryName(country) : dash),
  },
  {
    id: 'tags',
    header: 'Tags',
    track: 'minmax(90px, 1.2fr)',
    from: 1080,
    cell: ({ tags }) => (tags.length > 0 ? <span dir="auto">{tags.join(', ')}</span> : dash),
  },
  {
    id: 'service',
    header: 'Push service',
    track: 'minmax(100px, 1fr)',
    from: 1280,
    cell: ({ pushService }) => pushServiceName(pushService),
  },
  {
    id: 'first',
    header: 'Subscribed',
    track: '112px',
    from: 700,
    cell: ({ firstSeen }) => <Time at={firstSeen} />,
  },
  { id: 'last', header: 'Last seen', track: '112px', cell: ({ lastSeen }) => <Time at={lastSeen} /> },
];

const nobody: Record<(typeof views)[number], string> = {
  active: 'Nobody is subscribed at the moment.',
  foreign: 'Nobody was imported, or everybody who was has been seen since.',
  expired: 'No subscription has expired.',
  unsubscribed: 'Nobody has left.',
  quarantined: 'Everyone is subscribed with the site’s key.',
  all: 'Nobody has subscribed yet.',
};

/** Everyone the site can reach, or could once; by state, searched, as long as it is. */
export function Subscribers(): ReactNode {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const navigate = useNavigate({ from: '/sites/$site/subscribers' });
  const asked = useSearch({ from: '/sites/$site/subscribers' });
  const { state = 'active', search = '', segment, matching } = asked;
  const narrowed = search !== '' || segment !== undefined || matching !== undefined;
  const counts = useQuery(api.subscribers.counts.queryOptions({ input: { site: site.id } }));
  const input = { site: site.id, state, search: search || undefined, segment, matching, limit: 100 };
  const pages = usePages<Subscriber>({
    queryKey: api.subscribers.list.key({ type: 'infinite', input }),
    fetch: (cursor, signal) => client.subscribers.list({ ...input, cursor }, { signal }),
  });
  useLive((event) => {
    if (event.type === 'subscribers' && event.site === site.id) pages.changed();
  });
  const known = counts.data;
  const total = known && Object.values(known).reduce((sum, count) => sum + count, 0);
  const countOf = (view: (typeof views)[number]) => (view === 'all' ? total : known?.[view]);
  const params = { site: site.id };

  const empty = search ? (
    <EmptyState
      title="Nobody found"
      action={
        state !== 'all' && (
          <Button variant="default" onClick={() => void navigate({ search: { ...asked, state: 'all' } })}>
            Search everyone
          </Button>
        )
      }
    >
      No one here has “{search}” as external id, tag or end of the endpoint
      {segment || matching ? ', and fits as well' : ''}.
    </EmptyState>
  ) : narrowed ? (
    <EmptyState
      title="Nobody here fits"
      action={
        <Button
          variant="default"
          onClick={() => void navigate({ search: { ...asked, segment: undefined, matching: undefined } })}
        >
          Show everyone
        </Button>
      }
    >
      Nobody in this state is meant by what the list is narrowed to.
    </EmptyState>
  ) : total === 0 ? (
    <EmptyState
      title="Nobody has subscribed yet"
      action={
        <Button renderRoot={(props) => <Link {...props} to="/sites/$site/setup" params={params} />}>
          Set up your site
        </Button>
      }
    >
      As soon as somebody allows notifications on your site, they appear here by themselves.
    </EmptyState>
  ) : (
    <EmptyState title={nobody[state]}>Choose another state above to see the others.</EmptyState>
  );

  return (
    <Screen
      title="Subscribers"
      layout="fill"
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconFileImport size={15} stroke={1.5} />}
            renderRoot={(props) => <Link {...props} to="/sites/$site/import" params={params} />}
          >
            Import
          </Button>
          <ExportMenu
            query={{ what: 'subscribers', site: site.id, state, ...(search && { search }) }}
            name={`${site.name} subscribers`}
            count={countOf(state)}
          />
          <Button
            leftSection={null}
            renderRoot={(props) => <Link {...props} to="/sites/$site/compose" params={params} />}
          >
            Compose
          </Button>
        </>
      }
    >
      <Toolbar>
        <Filters label="State">
          {views.map((view) => (
            <Link
              key={view}
              {...filter(view === state)}
              to="/sites/$site/subscribers"
              params={params}
              search={{ ...asked, state: view === 'active' ? undefined : view }}
            >
              {view === 'all' ? 'All' : stateWord(view)}
              {!narrowed && countOf(view) !== undefined && (
                <FilterCount>{formatNumber(countOf(view) ?? 0)}</FilterCount>
              )}
            </Link>
          ))}
        </Filters>
        {pages.waiting && (
          <Button variant="light" size="compact-sm" onClick={pages.startOver}>
            Show what is new
          </Button>
        )}
        <SegmentFilter />
        <ListSearch
          label="Search id, tag or endpoint"
          value={search}
          onSearch={(text) =>
            void navigate({ search: (before) => ({ ...before, search: text || undefined }), replace: true })
          }
        />
      </Toolbar>
      <MatchingLine />
      <DataList
        label="Subscribers"
        columns={columns(state === 'all')}
        rowKey={({ id }) => id}
        total={narrowed ? undefined : countOf(state)}
        empty={empty}
        {...pages.list}
      />
    </Screen>
  );
}
