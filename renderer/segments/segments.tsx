import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { expressionWords } from '../../main/contract/expression-words.ts';
import type { Segment } from '../../main/contract/segments.ts';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { type Column, DataList } from '../parts/data-list.tsx';
import { EmptyState } from '../parts/states.tsx';
import { ListSearch, Toolbar } from '../parts/toolbar.tsx';
import { Time } from '../parts/values.tsx';
import { useNames, useSegments } from './use-names.ts';

/** The site's segments: what they are called, and whom they mean. */
export function Segments(): ReactNode {
  const site = useSite();
  const segments = useSegments(site.id);
  const names = useNames(site.id);
  const [search, setSearch] = useState('');
  const params = { site: site.id };
  const all = segments.data?.items ?? [];
  const rows = all.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  const columns: Column<Segment>[] = [
    {
      id: 'name',
      header: 'Segment',
      track: 'minmax(140px, 1fr)',
      cell: (segment, link) => (
        <Link
          {...link}
          to="/sites/$site/segments/$segment"
          params={{ site: segment.site, segment: segment.id }}
        >
          <span dir="auto">{segment.name}</span>
        </Link>
      ),
    },
    {
      id: 'who',
      header: 'Who',
      track: 'minmax(200px, 3fr)',
      from: 560,
      cell: ({ expression }) => <span dir="auto">{expressionWords(expression, names)}</span>,
    },
    {
      id: 'changed',
      header: 'Changed',
      track: '112px',
      cell: ({ changedAt }) => <Time at={changedAt} />,
    },
  ];
  const create = (
    <Button
      renderRoot={(props) => (
        <Link {...props} to="/sites/$site/segments/$segment" params={{ ...params, segment: 'new' }} />
      )}
    >
      New segment
    </Button>
  );
  const actions = (
    <>
      <Button
        variant="default"
        renderRoot={(props) => <Link {...props} to="/sites/$site/attributes" params={params} />}
      >
        Attributes
      </Button>
      {create}
    </>
  );
  return (
    <Screen title="Segments" layout="fill" actions={actions}>
      {all.length > 0 && (
        <Toolbar>
          <ListSearch label="Search segments" value={search} onSearch={setSearch} />
        </Toolbar>
      )}
      <DataList
        label="Segments"
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        total={rows.length}
        pending={segments.isPending}
        error={segments.error}
        onRetry={() => void segments.refetch()}
        empty={
          all.length > 0 ? (
            <EmptyState title="No such segment">No segment has “{search}” in its name.</EmptyState>
          ) : (
            <EmptyState title="No segments yet" action={create}>
              A segment is a group of people by what is known of them: “German readers who clicked lately”. It
              is counted anew whenever it is used, so it is never out of date.
            </EmptyState>
          )
        }
      />
    </Screen>
  );
}
