import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconAdjustments,
  IconBell,
  IconCheck,
  IconFilter,
  IconHelp,
  IconLayoutDashboard,
  IconMasksTheater,
  IconMoon,
  IconPencil,
  IconPlug,
  IconPlus,
  IconSearch,
  IconSelector,
  IconSend,
  IconSun,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { formatNumber } from '../parts/format.ts';
import { Mark } from '../parts/mark.tsx';
import { Segments } from '../parts/segments.tsx';
import { useApi } from './api.tsx';
import { type Attention, useAttention } from './attention.ts';
import { useConnection } from './connection.tsx';
import { commandKey } from './shortcuts.tsx';
import classes from './sidebar.module.css';

const icon = { size: 17, stroke: 1.5, 'aria-hidden': true } as const;

const screens = [
  ['/sites/$site', 'Overview', IconLayoutDashboard],
  ['/sites/$site/subscribers', 'Subscribers', IconUsers],
  ['/sites/$site/segments', 'Segments', IconFilter],
  ['/sites/$site/campaigns', 'Campaigns', IconSend],
  ['/sites/$site/setup', 'Set up', IconPlug],
  ['/sites/$site/rehearsal', 'Rehearsal', IconMasksTheater],
  ['/sites/$site/settings', 'Settings', IconAdjustments],
] as const;

function SiteSwitcher({ site, sites }: { site: Site | undefined; sites: Site[] }) {
  const navigate = useNavigate();
  return (
    <Menu width={220}>
      <Menu.Target>
        <button type="button" className={classes['switcher']}>
          <Mark />
          <span className={classes['siteName']} dir="auto">
            {site?.name ?? 'Belfry'}
          </span>
          {site?.practice && (
            <IconMasksTheater className={classes['practice']} size={16} stroke={1.5} aria-label="practice" />
          )}
          <span className="visually-hidden">, change the site</span>
          <IconSelector size={15} stroke={1.5} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {sites.map((one) => (
          <Menu.Item
            key={one.id}
            leftSection={
              one.practice && (
                <IconMasksTheater
                  className={classes['practice']}
                  size={15}
                  stroke={1.5}
                  aria-label="practice"
                />
              )
            }
            rightSection={
              one.id === site?.id ? <IconCheck size={15} stroke={1.5} aria-label="chosen" /> : null
            }
            onClick={() => void navigate({ to: '/sites/$site', params: { site: one.id } })}
          >
            <span dir="auto">{one.name}</span>
          </Menu.Item>
        ))}
        {sites.length > 0 && <Menu.Divider />}
        <Menu.Item
          leftSection={<IconPlus size={15} stroke={1.5} />}
          onClick={() => void navigate({ to: '/new-site' })}
        >
          New site
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ to, site, label, Icon, count }: ItemProps) {
  return (
    <Link
      to={to}
      params={{ site }}
      className={classes['item']}
      activeOptions={{ exact: to === '/sites/$site', includeSearch: false }}
    >
      <Icon {...icon} />
      <span>{label}</span>
      {count !== undefined && <span className={classes['count']}>{formatNumber(count)}</span>}
    </Link>
  );
}
interface ItemProps {
  to: (typeof screens)[number][0];
  site: string;
  label: string;
  Icon: ComponentType<typeof icon>;
  count: number | undefined;
}

/** What is being sent now, wherever one is: progress, rate, and the way to it. */
function UnderWay({ site }: { site: Site }) {
  const api = useApi();
  const { data } = useQuery(
    api.campaigns.list.queryOptions({ input: { site: site.id, state: 'sending', limit: 20 } }),
  );
  if (!data || data.items.length === 0) return null;
  return (
    <section className={classes['underWay']} aria-label="Being sent now">
      {data.items.slice(0, 3).map(({ id, message, counts, rate }) => (
        <Link key={id} to="/sites/$site/campaigns/$campaign" params={{ site: site.id, campaign: id }}>
          <span className={classes['jobTitle']} dir="auto">
            {message.title}
          </span>
          <Segments counts={counts} thin />
          <span className={classes['jobLine']}>
            {formatNumber(counts.total - counts.pending)} of {formatNumber(counts.total)}
            {rate === null || rate === 0 ? '' : ` · ${formatNumber(rate)}/s`}
          </span>
        </Link>
      ))}
      {data.items.length > 3 && (
        <Link to="/sites/$site/campaigns" params={{ site: site.id }} search={{ state: 'sending' }}>
          <span className={classes['jobLine']}>and {data.items.length - 3} more</span>
        </Link>
      )}
    </section>
  );
}

function Bell({ site, found }: { site: Site | undefined; found: Attention[] }) {
  const navigate = useNavigate();
  const label = found.length === 0 ? 'Nothing needs you' : `Needs you: ${found.length}`;
  return (
    <Menu width={340} position="top-start">
      <Menu.Target>
        <ActionIcon aria-label={label} className={classes['bell']} data-some={found.length > 0 || undefined}>
          <IconBell {...icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {found.length === 0 && <Menu.Label>Nothing needs you just now.</Menu.Label>}
        {site &&
          found.map((one) => (
            <Menu.Item
              key={one.id}
              onClick={() =>
                void navigate({ to: one.to, params: { site: site.id, campaign: one.campaign ?? '' } })
              }
            >
              <strong className={classes['need']} dir="auto">
                {one.title}
              </strong>
              <span className="dim small">{one.detail}</span>
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface Props {
  site: Site | undefined;
  sites: Site[];
  onPalette: () => void;
  onHelp: () => void;
}

/** The left side of every screen: which site, where to go, what is under way, what needs attention. */
export function Sidebar({ site, sites, onPalette, onHelp }: Props) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const { state } = useConnection();
  const found = useAttention(site);
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <>
      <SiteSwitcher site={site} sites={sites} />
      <button type="button" className={classes['search']} onClick={onPalette}>
        <IconSearch size={15} stroke={1.5} aria-hidden="true" />
        <span>Search</span>
        <kbd>{commandKey} K</kbd>
      </button>
      {site && (
        <nav aria-label="Screens" className={classes['nav']}>
          <Link
            to="/sites/$site/compose"
            params={{ site: site.id }}
            className={classes['compose']}
            activeOptions={{ includeSearch: false }}
          >
            <IconPencil {...icon} />
            <span>Compose</span>
          </Link>
          {screens
            .filter(([to]) => site.practice || to !== '/sites/$site/rehearsal')
            .map(([to, label, Icon]) => (
              <Item
                key={to}
                {...{ to, label, Icon }}
                site={site.id}
                count={label === 'Subscribers' ? site.subscribers.active : undefined}
              />
            ))}
        </nav>
      )}
      <div className={classes['gap']} />
      {site && <UnderWay site={site} />}
      <div className={classes['foot']}>
        <Bell site={site} found={found} />
        <Tooltip label={`Change to ${other}`}>
          <ActionIcon aria-label={`Change to the ${other} scheme`} onClick={() => setColorScheme(other)}>
            {scheme === 'dark' ? <IconSun {...icon} /> : <IconMoon {...icon} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Shortcuts (?)">
          <ActionIcon aria-label="Shortcuts" onClick={onHelp}>
            <IconHelp {...icon} />
          </ActionIcon>
        </Tooltip>
        <span className={classes['link']} data-state={state} role="status">
          {state === 'live' ? 'Live' : state === 'connecting' ? 'Connecting' : 'Not reachable'}
        </span>
      </div>
    </>
  );
}
