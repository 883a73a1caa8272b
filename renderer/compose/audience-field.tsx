import { Button, SegmentedControl, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Audience } from '../../main/contract/campaigns.ts';
import { expressionWords, type Names } from '../../main/contract/expression-words.ts';
import type { Expression } from '../../main/contract/expressions.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { useApi } from '../frame/api.tsx';
import { audienceWords } from '../parts/campaign-words.ts';
import { formatNumber, personName } from '../parts/format.ts';
import { ExpressionDialog } from '../segments/expression-dialog.tsx';
import { SaveAsSegment } from '../segments/save-as-segment.tsx';
import { useNames, useSegments } from '../segments/use-names.ts';
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

/** Whom a message is for: everyone, a segment, or one person. What came from elsewhere is kept as it is. */
export function AudienceField({ site, active, audience, error, onChange }: Props) {
  const segments = useSegments(site);
  const names = useNames(site);
  // what was chosen last, while it is not yet said which
  const [wanted, setWanted] = useState<'one' | 'segment'>('one');
  const [isBuilding, setBuilding] = useState(false);
  const kind =
    audience === null
      ? wanted
      : 'subscriber' in audience
        ? 'one'
        : 'segment' in audience
          ? 'segment'
          : 'everyone' in audience
            ? 'everyone'
            : 'matching' in audience
              ? 'some'
              : 'other';
  const choose = (chosen: string) => {
    if (chosen === kind) return;
    if (chosen === 'everyone') return onChange({ everyone: true });
    if (chosen === 'some') return setBuilding(true);
    setWanted(chosen === 'segment' ? 'segment' : 'one');
    onChange(null);
  };
  const options = segments.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? [];
  return (
    <fieldset className={classes['audience']}>
      <legend>To</legend>
      <SegmentedControl
        size="xs"
        aria-label="Whom it goes to"
        value={kind}
        data={[
          { value: 'everyone', label: `Everyone (${formatNumber(active)})` },
          { value: 'segment', label: 'Segment' },
          { value: 'some', label: 'Some people' },
          { value: 'one', label: 'One person' },
          ...(kind === 'other' && audience ? [{ value: 'other', label: audienceWords(audience) }] : []),
        ]}
        onChange={choose}
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
      {kind === 'segment' && (
        <div className={classes['person']}>
          <Select
            aria-label="The segment it goes to"
            placeholder={options.length === 0 ? 'There is no segment yet' : 'Choose a segment'}
            searchable
            value={audience && 'segment' in audience ? audience.segment : null}
            error={error}
            nothingFoundMessage="There is none of that name."
            data={options}
            onChange={(segment) => {
              setWanted('segment');
              onChange(segment === null ? null : { segment, ...lessOf(audience) });
            }}
          />
          {segments.data && options.length === 0 && (
            <Link to="/sites/$site/segments/$segment" params={{ site, segment: 'new' }}>
              Make the first segment
            </Link>
          )}
        </div>
      )}
      {audience && 'matching' in audience && (
        <div className={classes['person']}>
          <p dir="auto">{expressionWords(audience.matching, names)}</p>
          <Button variant="subtle" size="compact-sm" onClick={() => setBuilding(true)}>
            Change…
          </Button>
          <SaveAsSegment
            site={site}
            expression={audience.matching}
            onSaved={(segment) => onChange({ segment, ...lessOf(audience) })}
          />
        </div>
      )}
      {isBuilding && (
        <ExpressionDialog
          title="Send to people of whom"
          action="Choose them"
          begun={audience && 'matching' in audience ? audience.matching : null}
          onClose={() => setBuilding(false)}
          onBuilt={(matching) => {
            setBuilding(false);
            onChange({ matching, ...lessOf(audience) });
          }}
        />
      )}
      {audience && ('everyone' in audience || 'segment' in audience || 'matching' in audience) && (
        <LessField audience={audience} options={options} names={names} onChange={onChange} />
      )}
    </fieldset>
  );
}

const lessOf = (audience: Audience | null) =>
  audience && 'less' in audience && audience.less !== undefined ? { less: audience.less } : {};

/** Who is left out: a segment; an expression that came from elsewhere can only be taken away. */
function LessField({ audience, options, names, onChange }: LessProps) {
  const { less, ...whom } = audience;
  if (options.length === 0 && less === undefined) return null;
  if (less !== undefined && !('segment' in less))
    return (
      <p dir="auto">
        But not {expressionWords(less, names).replace(/^P/, 'p')}{' '}
        <Button variant="subtle" size="compact-sm" onClick={() => onChange(whom)}>
          Leave nobody out
        </Button>
      </p>
    );
  return (
    <Select
      className={classes['less']}
      label="But not"
      placeholder="Leave nobody out"
      clearable
      clearButtonProps={{ 'aria-label': 'Leave nobody out' }}
      searchable
      value={less?.segment ?? null}
      nothingFoundMessage="There is none of that name."
      data={options.filter(({ value }) => !('segment' in whom) || whom.segment !== value)}
      onChange={(segment) => onChange(segment === null ? whom : { ...whom, less: { segment } })}
    />
  );
}
interface LessProps {
  audience: Extract<Audience, { everyone: true } | { segment: string } | { matching: Expression }>;
  options: { value: string; label: string }[];
  names: Names;
  onChange: (audience: Audience) => void;
}
