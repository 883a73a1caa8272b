import { ActionIcon, Button, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type GroupKind, MAX_DEPTH } from '../../main/contract/expression-tree.ts';
import { useApi } from '../frame/api.tsx';
import {
  type ConditionDraft,
  type Draft,
  firstHow,
  type GroupDraft,
  newCondition,
  newGroup,
  replaced,
} from './draft.ts';
import classes from './segments.module.css';
import { ValueField } from './value-field.tsx';
import { abouts, choiceOf, choices, readChoice } from './words.ts';

const groupLabels: { value: GroupKind; label: string }[] = [
  { value: 'all', label: 'All of these are true' },
  { value: 'any', label: 'Any of these is true' },
  { value: 'none', label: 'None of these is true' },
];

interface Props {
  site: string;
  draft: GroupDraft;
  onChange: (draft: GroupDraft) => void;
}

/** Says who is meant, condition by condition; groups may lie in each other. All of it can be done by keyboard. */
export function Builder({ site, draft, onChange }: Props) {
  const api = useApi();
  const attributes = useQuery(api.segments.attributes.queryOptions({ input: { site } }));
  const known = new Map(attributes.data?.items.map(({ name, kinds }) => [name, kinds]));
  // one that nobody has any more stays a choice while it is in the draft
  for (const name of attributesOf(draft)) if (!known.has(name)) known.set(name, []);
  const place = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | 'add' | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const selector = wanted.current === 'add' ? '[data-add]' : `[data-condition="${wanted.current}"] input`;
    place.current?.querySelector<HTMLElement>(selector)?.focus();
    wanted.current = null;
  });
  const change = (key: number, by: Draft | null) => {
    // what had the focus is gone: it goes on at the place to add
    if (by === null) wanted.current = 'add';
    onChange(key === draft.key ? (by as GroupDraft) : replaced(draft, key, by));
  };
  const add = (to: GroupDraft, node: Draft) => {
    const first = 'group' in node ? node.members[0] : node;
    wanted.current = first?.key ?? null;
    change(to.key, { ...to, members: [...to.members, node] });
  };
  return (
    <div ref={place}>
      <Group {...{ site, known, change, add }} group={draft} depth={1} outermost />
    </div>
  );
}

const attributesOf = (draft: Draft): string[] =>
  'group' in draft
    ? draft.members.flatMap(attributesOf)
    : draft.about.startsWith('attribute:')
      ? [draft.about.slice('attribute:'.length)]
      : [];

interface Shared {
  site: string;
  known: Map<string, ('text' | 'number' | 'boolean' | 'date')[]>;
  change: (key: number, by: Draft | null) => void;
  add: (to: GroupDraft, node: Draft) => void;
}

function Group({
  group,
  depth,
  outermost,
  ...shared
}: Shared & { group: GroupDraft; depth: number; outermost?: boolean }) {
  const { change, add } = shared;
  return (
    <fieldset className={classes['group']} data-outermost={outermost || undefined}>
      <legend className="visually-hidden">Conditions, level {depth}</legend>
      <div className={classes['line']}>
        <Select
          className={classes['kind']}
          size="xs"
          aria-label="How these belong together"
          allowDeselect={false}
          value={group.group}
          data={groupLabels}
          onChange={(kind) => change(group.key, { ...group, group: (kind ?? 'all') as GroupKind })}
        />
        {!outermost && (
          <ActionIcon aria-label="Remove this group" onClick={() => change(group.key, null)}>
            <IconX size={15} stroke={1.5} />
          </ActionIcon>
        )}
      </div>
      <div className={classes['members']}>
        {group.members.map((member) =>
          'group' in member ? (
            <Group key={member.key} {...shared} group={member} depth={depth + 1} />
          ) : (
            <Condition key={member.key} {...shared} condition={member} />
          ),
        )}
        <div className={classes['line']}>
          <Button
            variant="subtle"
            size="compact-sm"
            data-add={outermost || undefined}
            leftSection={<IconPlus size={14} stroke={1.5} />}
            onClick={() => add(group, newCondition())}
          >
            Condition
          </Button>
          {/* a condition that is turned round is a level of its own */}
          {depth < MAX_DEPTH - 1 && (
            <Button
              variant="subtle"
              size="compact-sm"
              color="gray"
              leftSection={<IconPlus size={14} stroke={1.5} />}
              onClick={() => add(group, newGroup(group.group === 'any' ? 'all' : 'any'))}
            >
              Group
            </Button>
          )}
        </div>
      </div>
    </fieldset>
  );
}

function Condition({ site, known, condition, change }: Shared & { condition: ConditionDraft }) {
  const { about, how, not } = condition;
  const kinds = known.get(about.slice(about.indexOf(':') + 1)) ?? [];
  const groups = abouts([...known.keys()]);
  const label = groups.flatMap(({ items }) => items).find(({ value }) => value === about)?.label ?? about;
  const set = (some: Partial<ConditionDraft>) => change(condition.key, { ...condition, ...some });
  return (
    <div className={classes['condition']} data-condition={condition.key}>
      <div className={classes['said']}>
        <Select
          className={classes['about']}
          size="xs"
          aria-label="What it is about"
          searchable
          allowDeselect={false}
          maxDropdownHeight={320}
          value={about}
          data={groups}
          onChange={(chosen) => {
            if (chosen === null || chosen === about) return;
            const of = known.get(chosen.slice(chosen.indexOf(':') + 1)) ?? [];
            const fresh = newCondition(chosen);
            set({ ...fresh, key: condition.key, how: firstHow(chosen, of) });
          }}
        />
        <Select
          className={classes['how']}
          size="xs"
          aria-label={`How ${label} compares`}
          allowDeselect={false}
          value={choiceOf(how, not)}
          data={choices(about, kinds)}
          onChange={(choice) => {
            if (choice === null) return;
            const next = readChoice(choice);
            // the opposite keeps its values, another comparison asks for others
            set(next.how === how ? next : { ...next, values: [] });
          }}
        />
        <ValueField site={site} condition={condition} label={label} onChange={(values) => set({ values })} />
      </div>
      <ActionIcon
        aria-label={`Remove the condition about ${label}`}
        onClick={() => change(condition.key, null)}
      >
        <IconX size={15} stroke={1.5} />
      </ActionIcon>
    </div>
  );
}
