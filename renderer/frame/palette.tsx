import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightStore } from '@mantine/spotlight';
import { IconSearch, IconSend, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { personName } from '../parts/format.ts';
import { stateWord } from '../parts/state-badge.tsx';
import { useApi } from './api.tsx';
import { type Entry, useCampaignCommands, useCommands } from './commands.ts';
import classes from './palette.module.css';
import { Keys } from './shortcuts.tsx';

const matches = (query: string, ...texts: (string | undefined)[]) => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = texts.join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
};

/** Whether a query names what an action does, with the beginning of its first word: “res” for “Resume …”. */
const saysWhat = (query: string, label: string) => {
  const what = label.split(' ', 1)[0]?.toLowerCase() ?? '';
  return query
    .toLowerCase()
    .split(/\s+/)
    .some((word) => word !== '' && what.startsWith(word));
};

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

interface Props {
  /** Whether it is open, and what of it is selected. */
  store: SpotlightStore;
  site: Site | undefined;
  sites: Site[];
  onHelp: () => void;
}

/** The command palette: one field over screens, actions, people and campaigns. */
export function Palette({ store, site, sites, onHelp }: Props) {
  const api = useApi();
  const navigate = useNavigate();
  const { commands, findable } = useCommands(site, sites, onHelp);
  const campaignCommands = useCampaignCommands();
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
    api.campaigns.list.queryOptions({
      input: { site: site?.id, limit: 500 },
      enabled: site !== undefined && query.trim() !== '',
      placeholderData: keepPreviousData,
    }),
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
  const listed = query.trim() ? (recent.data?.items ?? []) : [];
  const campaigns = listed
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
  const actions = (query.trim() ? [...commands, ...findable] : commands)
    .filter(({ label, detail }) => matches(query, label, detail))
    // who types a campaign's title wants to see it: what changes it is offered to who says so
    .concat(
      listed.flatMap(campaignCommands).filter(({ label }) => matches(query, label) && saysWhat(query, label)),
    )
    .slice(0, 14);
  const nothing = people.length + campaigns.length + actions.length === 0;
  const list = useRef<HTMLDivElement>(null);
  // Spotlight selects the first when a key is pressed; what is found only later would stay unselected, and Enter idle
  useEffect(() => {
    if (query.trim() === '' || !list.current || list.current.querySelector('[data-selected]')) return;
    list.current.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
    store.updateState((state) => ({ ...state, selected: 0 }));
  });
  return (
    <Spotlight.Root
      store={store}
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
      <Spotlight.ActionsList ref={list}>
        <Group label="Go and do" entries={actions} />
        <Group label="People" entries={people} />
        <Group label="Campaigns" entries={campaigns} />
        {nothing && <Spotlight.Empty>Nothing has that in its name.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
