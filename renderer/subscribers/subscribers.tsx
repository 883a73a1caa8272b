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
import { DataList } from '../parts/data-list.tsx';
import { formatNumber, personName } from '../parts/format.ts';
import { useSelection } from '../parts/selection.ts';
import { stateWord } from '../parts/state-badge.tsx';
import { EmptyState } from '../parts/states.tsx';
import { FilterCount, Filters, filter, ListSearch, Toolbar } from '../parts/toolbar.tsx';
import { views } from './address.ts';
import { BulkBar } from './bulk-bar.tsx';
import { BulkProgress } from './bulk-progress.tsx';
import { ColumnMenu, useChosenColumns } from './column-menu.tsx';
import { peopleColumns } from './columns.tsx';
import { FilterButton, MatchingLine, SegmentFilter } from './narrowing.tsx';
import classes from './subscriber.module.css';
import { useSorting } from './use-sorting.ts';

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
  const { sort, order, sortingOf } = useSorting(narrowed);
  const { chosen } = useChosenColumns(site.id);
  const counts = useQuery(api.subscribers.counts.queryOptions({ input: { site: site.id } }));
  const list = { state, search: search || undefined, segment, matching };
  const input = { site: site.id, ...list, sort, order, limit: 100 };
  const selection = useSelection(JSON.stringify([site.id, list]));
  const pages = usePages<Subscriber>({
    queryKey: api.subscribers.list.key({ type: 'infinite', input }),
    fetch: (cursor, signal) => client.subscribers.list({ ...input, cursor }, { signal }),
  });
  const known = counts.data;
  const total = known && Object.values(known).reduce((sum, count) => sum + count, 0);
  const countOf = (view: (typeof views)[number]) => (view === 'all' ? total : known?.[view]);
  const params = { site: site.id };
  const fitting = useQuery(
    api.subscribers.count.queryOptions({
      input: { site: site.id, ...list },
      enabled: narrowed && selection.chosen.all,
    }),
  );
  const inAll = narrowed ? fitting.data?.people : countOf(state);
  useLive((event) => {
    if (event.type !== 'subscribers' || event.site !== site.id) return;
    pages.changed();
    if (narrowed && selection.chosen.all && !fitting.isFetching) void fitting.refetch();
  });

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
            query={{ what: 'subscribers', site: site.id, ...list }}
            name={`${site.name} subscribers`}
            count={narrowed ? undefined : countOf(state)}
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
        <div className={classes['narrowing']}>
          <SegmentFilter />
          <FilterButton />
          <ColumnMenu />
        </div>
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
        columns={peopleColumns({ chosen, withState: state === 'all', sortingOf })}
        selection={selection}
        rowName={personName}
        rowKey={({ id }) => id}
        total={narrowed ? undefined : countOf(state)}
        empty={empty}
        {...pages.list}
      />
      <BulkProgress />
      {!selection.isEmpty && <BulkBar selection={selection} narrowed={list} total={inAll} />}
    </Screen>
  );
}
