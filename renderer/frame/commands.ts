import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconAdjustments,
  IconFileImport,
  IconFilter,
  IconHelp,
  IconLayoutDashboard,
  IconMasksTheater,
  IconMessageQuestion,
  IconMoon,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlug,
  IconPlus,
  IconProgress,
  IconSend,
  IconStairs,
  IconSun,
  IconSwitchHorizontal,
  IconTags,
  IconUsers,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { sections } from '../settings/sections.ts';
import { useClient } from './api.tsx';
import { usePreferences } from './preferences.tsx';
import { useSwitchSite } from './site.tsx';
import { toast, toastError } from './toasts.tsx';

/** One line of the command palette. */
export interface Entry {
  id: string;
  label: string;
  detail?: string;
  keys?: readonly string[];
  Icon: ComponentType<{ size: number; stroke: number }>;
  run: () => void;
}

const screens = [
  ['/compose', 'Compose a message', IconPencil, ['C'], undefined],
  ['', 'Overview', IconLayoutDashboard, ['G', 'O'], undefined],
  ['/subscribers', 'Subscribers', IconUsers, ['G', 'S'], undefined],
  [
    '/import',
    'Import subscribers',
    IconFileImport,
    undefined,
    'From a file of another service, or of another Belfry',
  ],
  ['/segments', 'Segments', IconFilter, ['G', 'E'], 'Groups of people by what is known of them'],
  ['/attributes', 'Attributes', IconTags, undefined, 'Rename, merge, change the type, delete'],
  ['/campaigns', 'Campaigns', IconSend, ['G', 'C'], undefined],
  ['/prompts', 'Ways to ask', IconMessageQuestion, ['G', 'A'], 'Bell, banner, panel, topics, welcome'],
  ['/setup', 'Set up', IconPlug, ['G', 'U'], 'Snippet, worker, public address'],
  ['/settings', 'Settings', IconAdjustments, ['G', 'T'], 'API keys, contact, key pair, hosts'],
] as const;

/**
 * What can be gone to and done from anywhere. `commands` are offered at once; `findable` are too many for that, and
 * show when their words are typed.
 */
export function useCommands(
  site: Site | undefined,
  sites: Site[],
  onHelp: () => void,
): { commands: Entry[]; findable: Entry[] } {
  const navigate = useNavigate();
  const switchTo = useSwitchSite();
  const { preferences, change } = usePreferences();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  const params = { site: site?.id ?? '' };
  const practice = sites.find((one) => one.practice);

  const here: Entry[] = (site ? screens : []).map(([path, label, Icon, keys, detail]) => ({
    id: label,
    label,
    ...(keys && { keys }),
    Icon,
    ...(detail && { detail }),
    run: () => void navigate({ to: `/sites/$site${path}`, params }),
  }));
  if (site?.practice)
    here.push({
      id: 'rehearsal',
      label: 'Rehearsal',
      detail: 'How push services behave, what people saw, remove it',
      keys: ['G', 'R'],
      Icon: IconMasksTheater,
      run: () => void navigate({ to: '/sites/$site/rehearsal', params }),
    });
  const switches = sites
    .filter(({ id }) => id !== site?.id)
    .map(
      (one): Entry => ({
        id: `site ${one.id}`,
        label: `Switch to ${one.name}`,
        Icon: IconSwitchHorizontal,
        run: () => switchTo(one),
      }),
    );
  const commands: Entry[] = [
    ...here,
    ...switches.slice(0, 5),
    {
      id: 'jobs',
      label: 'What is under way',
      detail: 'Campaigns and other long work',
      keys: ['G', 'W'],
      Icon: IconProgress,
      run: () => void navigate({ to: '/jobs' }),
    },
    { id: 'new site', label: 'New site', Icon: IconPlus, run: () => void navigate({ to: '/new-site' }) },
    {
      id: 'scheme',
      label: `Change to the ${other} scheme`,
      Icon: scheme === 'dark' ? IconSun : IconMoon,
      run: () => setColorScheme(other),
    },
    { id: 'shortcuts', label: 'Shortcuts', keys: ['?'], Icon: IconHelp, run: onHelp },
  ];
  const findable: Entry[] = [
    ...switches.slice(5),
    ...(site ? sections : []).map(
      ({ id, title, about }): Entry => ({
        id: `settings ${id}`,
        label: `Settings: ${title}`,
        detail: about,
        Icon: IconAdjustments,
        run: () => void navigate({ to: '/sites/$site/settings', params, search: { section: id } }),
      }),
    ),
    practice
      ? {
          id: 'end rehearsal',
          label: 'Remove the practice site',
          detail: 'End the rehearsal',
          Icon: IconMasksTheater,
          run: () => void navigate({ to: '/sites/$site/rehearsal', params: { site: practice.id } }),
        }
      : {
          id: 'begin rehearsal',
          label: 'Begin a rehearsal',
          detail: 'A practice site with simulated people',
          Icon: IconMasksTheater,
          run: () => void navigate({ to: '/new-site' }),
        },
    {
      id: 'system scheme',
      label: 'Take the scheme from the system',
      Icon: IconSun,
      run: () => setColorScheme('auto'),
    },
  ];
  if (site && !site.practice && preferences.stepsHidden.includes(site.id))
    findable.push({
      id: 'first steps',
      label: 'Show the first steps',
      detail: 'From a site to a first notification',
      Icon: IconStairs,
      run: () => change({ stepsHidden: preferences.stepsHidden.filter((id) => id !== site.id) }),
    });
  return { commands, findable };
}

/** What can be done with a campaign without going to it. */
export function useCampaignCommands(): (campaign: Campaign) => Entry[] {
  const client = useClient();
  const act = (campaign: Campaign, what: 'pause' | 'resume') => {
    const back = what === 'pause' ? 'resume' : 'pause';
    client.campaigns[what]({ id: campaign.id }).then(
      () =>
        toast(
          `“${campaign.message.title}” ${what === 'pause' ? 'is paused.' : 'goes on.'}`,
          what === 'pause'
            ? { undo: () => void client.campaigns[back]({ id: campaign.id }).catch(() => {}) }
            : {},
        ),
      (error) => toastError(`It could not be ${what}d`, error),
    );
  };
  return (campaign) => {
    const { id, state, message } = campaign;
    if (state === 'sending')
      return [
        {
          id: `pause ${id}`,
          label: `Pause “${message.title}”`,
          Icon: IconPlayerPause,
          run: () => act(campaign, 'pause'),
        },
      ];
    if (state === 'paused' || state === 'halted')
      return [
        {
          id: `resume ${id}`,
          label: `Resume “${message.title}”`,
          Icon: IconPlayerPlay,
          run: () => act(campaign, 'resume'),
        },
      ];
    return [];
  };
}
