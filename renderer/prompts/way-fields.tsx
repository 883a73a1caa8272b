import { NumberInput, Radio, Select, Switch } from '@mantine/core';
import type { Prompt, PromptKind, PromptWhen } from '../../main/contract/prompts.ts';
import { Group } from './group.tsx';
import classes from './prompts.module.css';
import type { FieldsProps } from './prompts.tsx';

const kinds: [PromptKind, string, string][] = [
  [
    'page',
    'Your page',
    'Nothing is shown by itself. Your own script calls belfry.subscribe() or belfry.ask().',
  ],
  ['button', 'Your own button', 'Any element of your pages with data-belfry="ask" opens the question.'],
  ['bell', 'A quiet bell', 'A small bell in the corner. Nobody is asked who does not press it.'],
  ['banner', 'A banner', 'A strip along the edge of the window, until it is answered.'],
  ['panel', 'A panel', 'A card in the corner; on a phone it comes up from below.'],
];

const whens: [PromptWhen['on'], string][] = [
  ['seconds', 'After so many seconds on a page'],
  ['pages', 'On a page of that number'],
  ['scroll', 'After so much was scrolled'],
  ['visit', 'On a visit of that number'],
  ['call', 'Only when your page calls belfry.ask()'],
];
const begun: Record<PromptWhen['on'], PromptWhen> = {
  seconds: { on: 'seconds', seconds: 20 },
  pages: { on: 'pages', pages: 2 },
  scroll: { on: 'scroll', percent: 50 },
  visit: { on: 'visit', visits: 2 },
  call: { on: 'call' },
};

/** The number in a condition: its name here, its limits, and how it is put back. */
function numberOf(when: PromptWhen): [string, number, number, number, (value: number) => PromptWhen] | null {
  switch (when.on) {
    case 'seconds':
      return ['seconds', when.seconds, 0, 600, (seconds) => ({ on: 'seconds', seconds })];
    case 'pages':
      return ['pages, this one included', when.pages, 1, 50, (pages) => ({ on: 'pages', pages })];
    case 'scroll':
      return ['% of the page', when.percent, 1, 100, (percent) => ({ on: 'scroll', percent })];
    case 'visit':
      return ['visits, half an hour apart', when.visits, 2, 50, (visits) => ({ on: 'visit', visits })];
    case 'call':
      return null;
  }
}

function Figure({ label, value, least, most, onSet }: FigureProps) {
  return (
    <NumberInput
      size="xs"
      aria-label={label}
      value={value}
      min={least}
      max={most}
      clampBehavior="strict"
      allowDecimal={false}
      hideControls
      onChange={(typed) => {
        if (typeof typed === 'number' && typed >= least && typed <= most) onSet(typed);
      }}
    />
  );
}
interface FigureProps {
  label: string;
  value: number;
  least: number;
  most: number;
  onSet: (value: number) => void;
}

function WhenField({ when, quiet, onChange }: WhenProps) {
  const number = numberOf(when);
  return (
    <div className={classes['line']}>
      <Select
        className={classes['when'] ?? ''}
        size="xs"
        label={quiet ? 'The bell appears' : 'It comes'}
        allowDeselect={false}
        value={when.on}
        data={whens.map(([value, label]) => ({ value, label }))}
        onChange={(on) => onChange(begun[on as PromptWhen['on']])}
      />
      {number && (
        <span className={classes['figure']}>
          <Figure
            label={number[0]}
            value={number[1]}
            least={number[2]}
            most={number[3]}
            onSet={(value) => onChange(number[4](value))}
          />
          <span aria-hidden="true">{number[0]}</span>
        </span>
      )}
    </div>
  );
}
interface WhenProps {
  when: PromptWhen;
  quiet: boolean;
  onChange: (when: PromptWhen) => void;
}

/** Which way, when, and how long a no holds. */
export function WayFields({ prompt, onChange }: FieldsProps) {
  const { kind, when, snoozeDays } = prompt;
  const comes = kind === 'banner' || kind === 'panel';
  const change = (value: string) => onChange({ kind: value as Prompt['kind'] });
  return (
    <Group
      title="Way"
      about="The browser itself is asked only after somebody has said yes here. Who has blocked notifications, or has left, is not asked again."
    >
      <Radio.Group aria-label="Way" value={kind} onChange={change}>
        <div className={classes['ways']}>
          {kinds.map(([value, label, description]) => (
            <Radio key={value} size="xs" {...{ value, label, description }} />
          ))}
        </div>
      </Radio.Group>
      {(comes || kind === 'bell') && (
        <WhenField when={when} quiet={!comes} onChange={(next) => onChange({ when: next })} />
      )}
      {comes && (
        <div className={classes['line']}>
          <Switch
            label="Comes back after a no"
            checked={snoozeDays !== null}
            onChange={(event) => onChange({ snoozeDays: event.currentTarget.checked ? 30 : null })}
          />
          {snoozeDays !== null && (
            <span className={classes['figure']}>
              <span aria-hidden="true">in</span>
              <Figure
                label="days until it comes back"
                value={snoozeDays}
                least={1}
                most={365}
                onSet={(days) => onChange({ snoozeDays: days })}
              />
              <span aria-hidden="true">{snoozeDays === 1 ? 'day' : 'days'}</span>
            </span>
          )}
        </div>
      )}
    </Group>
  );
}
