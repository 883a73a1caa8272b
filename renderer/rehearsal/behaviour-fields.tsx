import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Behaviour, ServiceBehaviour, SimulatedService } from '../../main/contract/rehearsal.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { sentence } from '../parts/errors.ts';
import { Note } from '../parts/states.tsx';
import { Section } from '../settings/section.tsx';
import classes from './rehearsal.module.css';
import { behaviourWords, days, percentOf, services } from './words.ts';

type Field = keyof ServiceBehaviour;
interface Row {
  field: Field;
  /** What stands before and after the number. */
  before: string;
  after: string;
  /** Times are given in full; all others are shares, shown as percentages. */
  most?: number;
}
const rows: Row[] = [
  { field: 'gone', before: 'Of the people,', after: '% are gone (410), always the same ones' },
  { field: 'missing', before: 'Of the people,', after: '% are unknown (404), always the same ones' },
  { field: 'limited', before: 'Of the requests,', after: '% are told to slow down (429)' },
  { field: 'retryAfter', before: 'and then to wait', after: 'seconds', most: 3600 },
  { field: 'failing', before: 'Of the requests,', after: '% fail on its side (5xx)' },
  { field: 'tooLarge', before: 'Of the requests,', after: '% are called too large (413)' },
  { field: 'garbled', before: 'Of the requests,', after: '% get an answer that makes no sense' },
  { field: 'silent', before: 'Of the requests,', after: '% are never answered' },
  { field: 'slow', before: 'Of the answers,', after: '% are slow' },
  { field: 'slowMs', before: 'and then take', after: 'milliseconds', most: 60_000 },
  { field: 'latencyMs', before: 'All others take about', after: 'milliseconds', most: 10_000 },
];

/** One sentence with a number in it, taken over when the field is left or Enter is pressed. */
function Figure({ row, value, onSet }: { row: Row; value: number | null; onSet: (value: number) => void }) {
  const { before, after, most = 100 } = row;
  const [typed, setTyped] = useState<number | string | null>(null);
  const shown = value ?? '';
  const commit = () => {
    if (typeof typed === 'number' && typed !== value) onSet(typed);
    setTyped(null);
  };
  return (
    <div className={classes['figure']}>
      <span aria-hidden="true">{before}</span>
      <NumberInput
        size="xs"
        aria-label={`${before} … ${after}`}
        value={typed ?? shown}
        placeholder={value === null ? 'differs' : undefined}
        min={0}
        max={most}
        clampBehavior="strict"
        decimalScale={row.most === undefined ? 2 : 0}
        step={row.most === undefined ? 1 : row.most / 100}
        hideControls
        onChange={setTyped}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
      <span aria-hidden="true">{after}</span>
    </div>
  );
}

/** How the simulated push services answer, as sentences whose numbers can be changed, also while a campaign runs. */
export function BehaviourFields({ behaviour }: { behaviour: Behaviour }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<SimulatedService | 'all'>('all');
  const change = useMutation({
    mutationFn: (some: Partial<ServiceBehaviour>) =>
      client.rehearsal.setBehaviour(
        Object.fromEntries(
          services.filter(([id]) => chosen === 'all' || id === chosen).map(([id]) => [id, some]),
        ),
      ),
    onSuccess: (fresh) => queries.setQueryData(api.rehearsal.get.queryKey(), fresh),
  });
  /** null: not the same everywhere. */
  const valueFor = (field: Field, share: boolean): number | null => {
    const all = services
      .filter(([id]) => chosen === 'all' || id === chosen)
      .map(([id]) => behaviour[id][field]);
    const [first = 0] = all;
    if (all.some((one) => one !== first)) return null;
    return share ? percentOf(first) : first;
  };
  return (
    <Section
      title="How push services behave"
      about="These stand in for the real ones, on this machine. A change holds from the next request on, also in the middle of a campaign."
    >
      <ul className={classes['behaviours']}>
        {services.map(([id, name]) => (
          <li key={id}>
            <strong>{name}:</strong> {behaviourWords(behaviour[id])}
          </li>
        ))}
      </ul>
      <SegmentedControl
        size="xs"
        aria-label="Which push service to change"
        value={chosen}
        data={[{ value: 'all', label: 'All four' }, ...services.map(([value, label]) => ({ value, label }))]}
        onChange={(value) => setChosen(services.find(([id]) => id === value)?.[0] ?? 'all')}
      />
      <fieldset className={classes['days']}>
        <legend className="visually-hidden">Days to try</legend>
        {days.map(({ name, behaviour: day }) => (
          <Button key={name} variant="default" onClick={() => change.mutate(day)}>
            {name}
          </Button>
        ))}
      </fieldset>
      <div className={classes['figures']}>
        {rows.map((row) => {
          const share = row.most === undefined;
          return (
            <Figure
              key={`${chosen} ${row.field}`}
              row={row}
              value={valueFor(row.field, share)}
              onSet={(value) => change.mutate({ [row.field]: share ? value / 100 : value })}
            />
          );
        })}
      </div>
      {change.error && <Note tone="bad">{sentence(change.error)}</Note>}
    </Section>
  );
}
