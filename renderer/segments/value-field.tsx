import { Autocomplete, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Field } from '../../main/contract/expression-tree.ts';
import { useApi } from '../frame/api.tsx';
import { countryName, languageName, people, pushServiceName } from '../parts/format.ts';
import type { ConditionDraft } from './draft.ts';
import classes from './segments.module.css';
import { useSegments } from './use-names.ts';

interface Props {
  site: string;
  condition: ConditionDraft;
  /** What the condition is about, for those who do not see it beside the field. */
  label: string;
  onChange: (values: string[]) => void;
}

const named: Partial<Record<string, (value: string) => string>> = {
  'field:language': languageName,
  'field:country': countryName,
  'field:pushService': pushServiceName,
};

/** Values that occur, of which one or several may be taken; any other may be typed as well. */
function useValues(site: string, about: string, typed: string) {
  const api = useApi();
  const [search] = useDebouncedValue(typed, 120);
  const [kind, name] = [about.split(':', 1)[0], about.slice(about.indexOf(':') + 1)];
  const found = useQuery(
    api.segments.values.queryOptions({
      input: {
        site,
        ...(kind === 'field' && { field: name as Field }),
        ...(kind === 'attribute' && { attribute: name }),
        search: search || undefined,
        limit: 30,
      },
      placeholderData: keepPreviousData,
    }),
  );
  const counts = new Map(found.data?.items.map(({ value, people }) => [String(value), people]));
  const inWords = named[about];
  return {
    data: [...counts.keys()],
    renderOption: ({ option }: { option: { value: string } }) => (
      <span className={classes['option']}>
        <span dir="auto">
          {inWords
            ? `${inWords(option.value)} (${option.value})`
            : option.value === ''
              ? '(empty)'
              : option.value}
        </span>
        <span className="dim small tabular">{people(counts.get(option.value) ?? 0)}</span>
      </span>
    ),
  };
}

function SeveralField({ site, condition, label, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const { data, renderOption } = useValues(site, condition.about, typed);
  return (
    <TagsInput
      className={classes['grow']}
      size="xs"
      aria-label={`Values of ${label}`}
      placeholder={condition.values.length === 0 ? 'Choose or type, several if you like' : ''}
      value={condition.values}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
      // the core has searched already
      filter={({ options }) => options}
      data={data}
      renderOption={renderOption}
      maxDropdownHeight={260}
      maxTags={100}
    />
  );
}

function TagField({ site, condition, onChange }: Props) {
  const [typed = ''] = condition.values;
  const { data, renderOption } = useValues(site, 'tag', typed);
  return (
    <Autocomplete
      className={classes['grow']}
      size="xs"
      aria-label="Tag"
      placeholder="Choose or type a tag"
      value={typed}
      onChange={(value) => onChange([value])}
      filter={({ options }) => options}
      data={data}
      renderOption={renderOption}
      maxDropdownHeight={260}
      maxLength={64}
    />
  );
}

function SegmentField({ site, condition, onChange }: Props) {
  const segments = useSegments(site);
  return (
    <Select
      className={classes['grow']}
      size="xs"
      aria-label="Segment"
      placeholder="Choose a segment"
      searchable
      value={condition.values[0] || null}
      onChange={(id) => onChange(id === null ? [] : [id])}
      nothingFoundMessage="There is none."
      data={segments.data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
    />
  );
}

function CampaignField({ site, condition, onChange }: Props) {
  const api = useApi();
  const campaigns = useQuery(api.campaigns.list.queryOptions({ input: { site, limit: 100 } }));
  return (
    <Select
      className={classes['grow']}
      size="xs"
      aria-label="Campaign"
      placeholder="Choose a campaign"
      searchable
      value={condition.values[0] || null}
      onChange={(id) => onChange(id === null ? [] : [id])}
      nothingFoundMessage="There is none."
      data={
        campaigns.data?.items
          .filter(({ startedAt, kind }) => startedAt !== null && kind === 'campaign')
          .map(({ id, message }) => ({ value: id, label: message.title })) ?? []
      }
    />
  );
}

function NumberField({ condition, label, unit, most, onChange }: Props & { unit?: string; most?: number }) {
  const [value = '', ...rest] = condition.values;
  return (
    <NumberInput
      className={classes['number']}
      size="xs"
      aria-label={unit ? `${label}, ${unit}` : label}
      value={value}
      {...(most !== undefined && { max: most, min: unit === '%' ? 0 : 1 })}
      allowDecimal={unit === undefined || unit === '%'}
      decimalScale={unit === '%' ? 2 : undefined}
      hideControls
      rightSection={unit && <span className="dim small">{unit}</span>}
      rightSectionWidth={unit && unit.length > 1 ? 76 : undefined}
      onChange={(typed) => onChange([String(typed), ...rest])}
    />
  );
}

/** Where the value of a condition is given; nothing where it has none. */
export function ValueField(props: Props) {
  const { condition, label, onChange } = props;
  const { about, how, values } = condition;
  if (about === 'tag') return <TagField {...props} />;
  if (about === 'segment') return <SegmentField {...props} />;
  switch (how) {
    case 'is':
    case 'isNumber':
      return <SeveralField {...props} />;
    case 'isYes':
      return (
        <Select
          className={classes['short']}
          size="xs"
          aria-label={label}
          allowDeselect={false}
          value={values[0] === 'false' ? 'false' : 'true'}
          onChange={(value) => onChange([value ?? 'true'])}
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
        />
      );
    case 'known':
      return null;
    case 'within':
      return <NumberField {...props} unit="days" most={36_500} />;
    case 'last':
      return <NumberField {...props} unit="campaigns" most={50} />;
    case 'percent':
      return <NumberField {...props} unit="%" most={100} />;
    case 'campaign':
      return <CampaignField {...props} />;
    case 'before':
    case 'after':
      return (
        <TextInput
          className={classes['date']}
          size="xs"
          type="date"
          aria-label={`${label}, day`}
          value={values[0] ?? ''}
          onChange={(event) => onChange([event.currentTarget.value])}
        />
      );
    case 'contains':
    case 'startsWith':
      return (
        <TextInput
          className={classes['grow']}
          size="xs"
          aria-label={`Text in ${label}`}
          maxLength={200}
          value={values[0] ?? ''}
          onChange={(event) => onChange([event.currentTarget.value])}
        />
      );
    default:
      return <NumberField {...props} />;
  }
}
