import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconAdjustments,
  IconBell,
  IconCheck,
  IconFilter,
  IconHelp,
  IconLayoutDashboard,
  IconMasksTheater,
  IconMessageQuestion,
  IconMoon,
  IconPencil,
  IconPlug,
  IconPlus,
  IconProgress,
  IconSearch,
  IconSelector,
  IconSend,
  IconSun,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { JobProgress } from '../jobs/progress.tsx';
import { useUnderWay } from '../jobs/use-jobs.ts';
import { doneWords } from '../parts/campaign-words.ts';
import { formatNumber } from '../parts/format.ts';
import { Mark } from '../parts/mark.tsx';
import { Segments } from '../parts/segments.tsx';
import { useAttention } from './attention.ts';
import { useConnection } from './connection.tsx';
import { commandKey } from './shortcuts.tsx';
import classes from './sidebar.module.css';
import { useSwitchSite } from './site.tsx';

const icon = { size: 17, stroke: 1.5, 'aria-hidden': true } as const;

const screens = [
  ['/sites/$site', 'Overview', IconLayoutDashboard],
  ['/sites/$site/subscribers', 'Subscribers', IconUsers],
  ['/sites/$site/segments', 'Segments', IconFilter],
  ['/sites/$site/campaigns', 'Campaigns', IconSend],
  ['/sites/$site/prompts', 'Ways to ask', IconMessageQuestion],
  ['/sites/$site/setup', 'Set up', IconPlug],
  ['/sites/$site/rehearsal', 'Rehearsal', IconMasksTheater],
  ['/sites/$site/settings', 'Settings', IconAdjustments],
] as const;

function SiteSwitcher({ site, sites }: { site: Site | undefined; sites: Site[] }) {
  const switchTo = useSwitchSite();
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
      <Menu.Dropdown className={classes['found'] ?? ''}>
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
            onClick={() => switchTo(one)}
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

/** What is under way now, wherever one is: progress, rate, and the way to it. */
function UnderWay() {
  const { jobs, campaigns } = useUnderWay();
  const many = jobs.length + campaigns.length;
  if (many === 0) return null;
  return (
    <section className={classes['underWay']} aria-label="Under way now">
      {jobs.slice(0, 2).map((job) => (
        <Link key={job.id} to="/jobs">
          <span className={classes['jobTitle']}>{job.title}</span>
          <JobProgress label={job.title} job={job} thin />
        </Link>
      ))}
      {campaigns.slice(0, 3 - Math.min(2, jobs.length)).map((campaign) => (
        <Link
          key={campaign.id}
          to="/sites/$site/campaigns/$campaign"
          params={{ site: campaign.site, campaign: campaign.id }}
        >
          <span className={classes['jobTitle']} dir="auto">
            {campaign.message.title}
          </span>
          <Segments counts={campaign.counts} thin />
          <span className={classes['jobLine']}>
            {doneWords(campaign)}
            {campaign.rate ? ` · ${formatNumber(campaign.rate)}/s` : ''}
          </span>
        </Link>
      ))}
      {many > 3 && (
        <Link to="/jobs">
          <span className={classes['jobLine']}>and {many - 3} more</span>
        </Link>
      )}
    </section>
  );
}

/** What needs the operator, on any site; each entry leads to where it is solved. */
function Bell({ sites }: { sites: Site[] }) {
  const navigate = useNavigate();
  const found = useAttention(null);
  const label = found.length === 0 ? 'Nothing needs you' : `Needs you: ${found.length}`;
  const nameOf = (id: string) => (sites.length > 1 ? sites.find((one) => one.id === id)?.name : undefined);
  return (
    <Menu width={340} position="top-start">
      <Menu.Target>
        <ActionIcon aria-label={label} className={classes['bell']} data-some={found.length > 0 || undefined}>
          <IconBell {...icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={classes['found'] ?? ''}>
        {found.length === 0 && <Menu.Label>Nothing needs you just now.</Menu.Label>}
        {found.map((one) => (
          <Menu.Item
            key={one.id}
            onClick={() =>
              void navigate({ to: one.to, params: { site: one.site, campaign: one.campaign ?? '' } })
            }
          >
            <strong className={classes['need']} dir="auto">
              {one.title}
            </strong>
            <span className="dim small">{one.detail}</span>
            {one.to !== '/jobs' && nameOf(one.site) && (
              <span className={classes['whose']} dir="auto">
                {nameOf(one.site)}
              </span>
            )}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The way to the place for long work; says how much of it there is. */
function JobsLink() {
  const { jobs, campaigns } = useUnderWay();
  const many = jobs.length + campaigns.length;
  return (
    <Tooltip label="Under way">
      <ActionIcon
        aria-label={many === 0 ? 'Under way: nothing' : `Under way: ${many}`}
        className={classes['bell']}
        data-some={many > 0 || undefined}
        data-calm
        renderRoot={(props) => <Link {...props} to="/jobs" />}
      >
        <IconProgress {...icon} />
      </ActionIcon>
    </Tooltip>
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
      <UnderWay />
      <div className={classes['foot']}>
        <Bell sites={sites} />
        <JobsLink />
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
