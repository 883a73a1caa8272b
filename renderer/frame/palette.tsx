import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import {
  IconAdjustments,
  IconFileImport,
  IconLayoutDashboard,
  IconMasksTheater,
  IconMoon,
  IconPencil,
  IconPlug,
  IconPlus,
  IconSearch,
  IconSend,
  IconSun,
  IconSwitchHorizontal,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ComponentType, useState } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { personName } from '../parts/format.ts';
import { stateWord } from '../parts/state-badge.tsx';
import { useApi } from './api.tsx';
import classes from './palette.module.css';
import { Keys } from './shortcuts.tsx';

interface Entry {
  id: string;
  label: string;
  detail?: string;
  keys?: readonly string[];
  Icon: ComponentType<{ size: number; stroke: number }>;
  run: () => void;
}

const matches = (query: string, ...texts: (string | undefined)[]) => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = texts.join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

/** Screens, actions and the other sites, as entries of the palette. */
function useCommands(site: Site | undefined, sites: Site[]): Entry[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  const params = { site: site?.id ?? '' };
  const here: Entry[] = site
    ? [
        {
          id: 'compose',
          label: 'Compose a message',
          keys: ['C'],
          Icon: IconPencil,
          run: () => void navigate({ to: '/sites/$site/compose', params }),
        },
        {
          id: 'overview',
          label: 'Overview',
          keys: ['G', 'O'],
          Icon: IconLayoutDashboard,
          run: () => void navigate({ to: '/sites/$site', params }),
        },
        {
          id: 'subscribers',
          label: 'Subscribers',
          keys: ['G', 'S'],
          Icon: IconUsers,
          run: () => void navigate({ to: '/sites/$site/subscribers', params }),
        },
        {
          id: 'import',
          label: 'Import subscribers',
          detail: 'From a file of another service, or of another Belfry',
          Icon: IconFileImport,
          run: () => void navigate({ to: '/sites/$site/import', params }),
        },
        {
          id: 'campaigns',
          label: 'Campaigns',
          keys: ['G', 'C'],
          Icon: IconSend,
          run: () => void navigate({ to: '/sites/$site/campaigns', params }),
        },
        {
          id: 'setup',
          label: 'Set up',
          detail: 'Snippet, worker, public address',
          keys: ['G', 'U'],
          Icon: IconPlug,
          run: () => void navigate({ to: '/sites/$site/setup', params }),
        },
        {
          id: 'settings',
          label: 'Settings',
          detail: 'API keys, contact, key pair, hosts',
          keys: ['G', 'T'],
          Icon: IconAdjustments,
          run: () => void navigate({ to: '/sites/$site/settings', params }),
        },
      ]
    : [];
  if (site?.practice) {
    here.push({
      id: 'rehearsal',
      label: 'Rehearsal',
      detail: 'How push services behave, what people saw, remove it',
      Icon: IconMasksTheater,
      run: () => void navigate({ to: '/sites/$site/rehearsal', params }),
    });
  }
  const switches = sites
    .filter(({ id }) => id !== site?.id)
    .map(
      (one): Entry => ({
        id: `site ${one.id}`,
        label: `Switch to ${one.name}`,
        Icon: IconSwitchHorizontal,
        run: () => void navigate({ to: '/sites/$site', params: { site: one.id } }),
      }),
    );
  return [
    ...here,
    ...switches,
    { id: 'new site', label: 'New site', Icon: IconPlus, run: () => void navigate({ to: '/new-site' }) },
    {
      id: 'scheme',
      label: `Change to the ${other} scheme`,
      Icon: scheme === 'dark' ? IconSun : IconMoon,
      run: () => setColorScheme(other),
    },
  ];
}

function Group({ label, entries }: { label: string; entries: Entry[] }) {
  if (entries.length === 0) return null;
  return (
    <Spotlight.ActionsGroup label={label}>
      {entries.map(({ id, label: name, detail, keys, Icon, run }) => (
        <Spotlight.Action key={id} onClick={run} className={classes['entry']}>
          <Icon size={16} stroke={1.5} />
          <span className={classes['entryName']} dir="auto">
            {name}
          </span>
          {detail && (
            <span className={classes['entryDetail']} dir="auto">
              {detail}
            </span>
          )}
          {keys && <Keys keys={keys} />}
        </Spotlight.Action>
      ))}
    </Spotlight.ActionsGroup>
  );
}

/** The command palette: one field over screens, actions, people and campaigns. */
export function Palette({ site, sites }: { site: Site | undefined; sites: Site[] }) {
  const api = useApi();
  const navigate = useNavigate();
  const commands = useCommands(site, sites);
  const [query, setQuery] = useState('');
  const [settled] = useDebouncedValue(query.trim(), 90);
  const asked = site !== undefined && settled.length > 0;
  const found = useQuery(
    api.subscribers.list.queryOptions({
      input: { site: site?.id, state: 'all', search: settled, limit: 6 },
      enabled: asked,
      placeholderData: keepPreviousData,
    }),
  );
  const recent = useQuery(
    api.campaigns.list.queryOptions({ input: { site: site?.id, limit: 100 }, enabled: site !== undefined }),
  );
  const params = { site: site?.id ?? '' };
  const people = (asked && query.trim() ? (found.data?.items ?? []) : []).map(
    (person): Entry => ({
      id: person.id,
      label: personName(person),
      detail: [person.browser, person.system, person.state === 'active' ? '' : stateWord(person.state)]
        .filter(Boolean)
        .join(' · '),
      Icon: IconUser,
      run: () =>
        void navigate({
          to: '/sites/$site/subscribers/$subscriber',
          params: { ...params, subscriber: person.id },
        }),
    }),
  );
  const campaigns = (query.trim() ? (recent.data?.items ?? []) : [])
    .filter(({ message, state }) => matches(query, message.title, message.body, stateWord(state)))
    .slice(0, 6)
    .map(
      ({ id, message, state }): Entry => ({
        id,
        label: message.title,
        detail: stateWord(state),
        Icon: IconSend,
        run: () =>
          void navigate({ to: '/sites/$site/campaigns/$campaign', params: { ...params, campaign: id } }),
      }),
    );
  const actions = commands.filter(({ label, detail }) => matches(query, label, detail));
  const nothing = people.length + campaigns.length + actions.length === 0;
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      attributes={{ content: { 'aria-label': 'Search' } }}
      shortcut={null}
      size={620}
      yOffset="12vh"
      radius="lg"
      shadow="xl"
      transitionProps={{ duration: 80, transition: 'fade' }}
      overlayProps={{ backgroundOpacity: 0.3 }}
      scrollable
      maxHeight={440}
      classNames={{
        search: classes['paletteSearch'] ?? '',
        actionsGroup: classes['paletteGroup'] ?? '',
        actionsList: classes['paletteList'] ?? '',
      }}
    >
      <Spotlight.Search
        placeholder="Search people, campaigns and actions"
        aria-label="Search people, campaigns and actions"
        leftSection={<IconSearch size={17} stroke={1.5} />}
      />
      <Spotlight.ActionsList>
        <Group label="Go and do" entries={actions} />
        <Group label="People" entries={people} />
        <Group label="Campaigns" entries={campaigns} />
        {nothing && <Spotlight.Empty>Nothing has that in its name.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
