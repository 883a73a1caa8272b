import { SegmentedControl, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Audience } from '../../main/contract/campaigns.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { useApi } from '../frame/api.tsx';
import { audienceWords } from '../parts/campaign-words.ts';
import { formatNumber, personName } from '../parts/format.ts';
import classes from './compose.module.css';

const describe = (person: Subscriber) =>
  [personName(person), [person.browser, person.system].filter(Boolean).join(' on ')]
    .filter(Boolean)
    .join(' · ');

/** Finds one person by what the operator knows of them. */
function PersonField({ site, value, error, onChange }: PersonProps) {
  const api = useApi();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 120);
  const chosen = useQuery(
    api.subscribers.get.queryOptions({ input: { id: value ?? '' }, enabled: value !== null }),
  );
  const shown = chosen.data && value ? describe(chosen.data) : '';
  const found = useQuery(
    api.subscribers.list.queryOptions({
      input: { site, state: 'active', search: search && search !== shown ? search : undefined, limit: 20 },
      placeholderData: keepPreviousData,
    }),
  );
  const options = new Map(found.data?.items.map((person) => [person.id, describe(person)]));
  if (value && chosen.data) options.set(value, shown);
  return (
    <Select
      aria-label="The person it goes to"
      placeholder="Search external id, tag or end of the endpoint"
      searchable
      value={value}
      error={error}
      onChange={onChange}
      onSearchChange={setTyped}
      filter={({ options: all }) => all}
      nothingFoundMessage={found.isPending ? 'Looking…' : 'Nobody found.'}
      data={[...options].map(([id, label]) => ({ value: id, label }))}
      maxDropdownHeight={260}
    />
  );
}
interface PersonProps {
  site: string;
  value: string | null;
  error: string | undefined;
  onChange: (id: string | null) => void;
}

interface Props {
  site: string;
  active: number;
  audience: Audience | null;
  error: string | undefined;
  onChange: (audience: Audience | null) => void;
}

/** Whom a message is for: everyone, or one person. A list that came from elsewhere is kept as it is. */
export function AudienceField({ site, active, audience, error, onChange }: Props) {
  const other = audience !== null && !('everyone' in audience) && !('subscriber' in audience);
  const kind = audience === null || 'subscriber' in audience ? 'one' : other ? 'list' : 'everyone';
  return (
    <fieldset className={classes['audience']}>
      <legend>To</legend>
      <SegmentedControl
        size="xs"
        aria-label="Whom it goes to"
        value={kind}
        data={[
          { value: 'everyone', label: `Everyone (${formatNumber(active)})` },
          { value: 'one', label: 'One person' },
          ...(other ? [{ value: 'list', label: audienceWords(audience) }] : []),
        ]}
        onChange={(chosen) => {
          if (chosen !== kind) onChange(chosen === 'everyone' ? { everyone: true } : null);
        }}
      />
      {kind === 'one' && (
        <div className={classes['person']}>
          <PersonField
            site={site}
            error={error}
            value={audience && 'subscriber' in audience ? audience.subscriber : null}
            onChange={(id) => onChange(id === null ? null : { subscriber: id })}
          />
        </div>
      )}
    </fieldset>
  );
}
