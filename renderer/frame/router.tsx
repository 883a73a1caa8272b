import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  Outlet,
  useParams,
  useRouterState,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { readCampaignSearch, readCampaignsSearch } from '../campaigns/address.ts';
import { Campaign } from '../campaigns/campaign.tsx';
import { Campaigns } from '../campaigns/campaigns.tsx';
import { readComposeSearch } from '../compose/address.ts';
import { Compose } from '../compose/compose.tsx';
import { readImportSearch } from '../import/address.ts';
import { Import } from '../import/import.tsx';
import { Jobs } from '../jobs/jobs.tsx';
import { readOverviewSearch } from '../overview/address.ts';
import { Overview } from '../overview/overview.tsx';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { Prompts } from '../prompts/prompts.tsx';
import { Rehearsal } from '../rehearsal/rehearsal.tsx';
import { readSegmentSearch } from '../segments/address.ts';
import { Segment } from '../segments/segment.tsx';
import { Segments } from '../segments/segments.tsx';
import { readSettingsSearch } from '../settings/sections.ts';
import { Settings } from '../settings/settings.tsx';
import { readSetupSearch } from '../setup/address.ts';
import { NewSite } from '../setup/new-site.tsx';
import { Setup } from '../setup/setup.tsx';
import { readSubscribersSearch } from '../subscribers/address.ts';
import { Subscriber } from '../subscribers/subscriber.tsx';
import { Subscribers } from '../subscribers/subscribers.tsx';
import { Frame } from './frame.tsx';
import { usePreferences } from './preferences.tsx';
import { Screen } from './screen.tsx';
import { SiteProvider, useSites } from './site.tsx';

const named = [
  'subscribers',
  'segments',
  'campaigns',
  'compose',
  'prompts',
  'setup',
  'rehearsal',
  'settings',
] as const;

/**
 * Where an address leads that names no site, or no screen that there is: to the screen whose name is in it, else to the
 * overview, of the site in the address or looked at last; to the start when there is no site.
 */
function Home(): ReactNode {
  const sites = useSites();
  const { preferences } = usePreferences();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (!sites.data) return <Waiting />;
  const parts = path.split('/');
  const list = sites.data.items;
  const site =
    list.find(({ id }) => parts.includes(id)) ??
    list.find(({ id }) => id === preferences.lastSite) ??
    list[0];
  if (!site) return <Navigate to="/new-site" replace />;
  const screen = named.find((name) => parts.includes(name));
  return (
    <Navigate to={screen ? `/sites/$site/${screen}` : '/sites/$site'} params={{ site: site.id }} replace />
  );
}

function Waiting(): ReactNode {
  const sites = useSites();
  return (
    <Screen title="Belfry">
      {sites.error ? <ErrorState error={sites.error} onRetry={() => void sites.refetch()} /> : <Skeleton />}
    </Screen>
  );
}

/** Finds the site that the address names. */
function SiteScreens(): ReactNode {
  const { site: id } = useParams({ strict: false });
  const sites = useSites();
  if (!sites.data) return <Waiting />;
  const site = sites.data.items.find((one) => one.id === id);
  if (!site) {
    return (
      <Screen title="Not here">
        <EmptyState title="This site is not here">
          It may have been deleted. Choose another at the top left.
        </EmptyState>
      </Screen>
    );
  }
  return (
    <SiteProvider site={site}>
      <Outlet />
    </SiteProvider>
  );
}

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: Home });
const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: Home });
const newSiteRoute = createRoute({ getParentRoute: () => rootRoute, path: '/new-site', component: NewSite });
const jobsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/jobs', component: Jobs });
const siteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sites/$site',
  component: SiteScreens,
});

/** A screen is one line here, one below, and one in the sidebar and the palette. */
const ofSite = () => siteRoute;
const overview = createRoute({
  getParentRoute: ofSite,
  path: '/',
  component: Overview,
  validateSearch: readOverviewSearch,
});
const subscribers = createRoute({
  getParentRoute: ofSite,
  path: '/subscribers',
  component: Subscribers,
  validateSearch: readSubscribersSearch,
});
const subscriber = createRoute({
  getParentRoute: ofSite,
  path: '/subscribers/$subscriber',
  component: Subscriber,
});
const segments = createRoute({ getParentRoute: ofSite, path: '/segments', component: Segments });
const segment = createRoute({
  getParentRoute: ofSite,
  path: '/segments/$segment',
  component: Segment,
  validateSearch: readSegmentSearch,
});
const importScreen = createRoute({
  getParentRoute: ofSite,
  path: '/import',
  component: Import,
  validateSearch: readImportSearch,
});
const compose = createRoute({
  getParentRoute: ofSite,
  path: '/compose',
  component: Compose,
  validateSearch: readComposeSearch,
});
const campaigns = createRoute({
  getParentRoute: ofSite,
  path: '/campaigns',
  component: Campaigns,
  validateSearch: readCampaignsSearch,
});
const campaign = createRoute({
  getParentRoute: ofSite,
  path: '/campaigns/$campaign',
  component: Campaign,
  validateSearch: readCampaignSearch,
});
const prompts = createRoute({ getParentRoute: ofSite, path: '/prompts', component: Prompts });
const setup = createRoute({
  getParentRoute: ofSite,
  path: '/setup',
  component: Setup,
  validateSearch: readSetupSearch,
});
const rehearsal = createRoute({ getParentRoute: ofSite, path: '/rehearsal', component: Rehearsal });
const settings = createRoute({
  getParentRoute: ofSite,
  path: '/settings',
  component: Settings,
  validateSearch: readSettingsSearch,
});

// each in a constant of its own: written inline, TypeScript widens their types to any
const routeTree = rootRoute.addChildren([
  homeRoute,
  newSiteRoute,
  jobsRoute,
  siteRoute.addChildren([
    overview,
    subscribers,
    subscriber,
    segments,
    segment,
    importScreen,
    compose,
    campaigns,
    campaign,
    prompts,
    setup,
    rehearsal,
    settings,
  ]),
]);

/** The console's screens by their addresses, kept behind the `#`, so that any door can serve them. */
export const createConsoleRouter = () =>
  createRouter({ routeTree, history: createHashHistory(), defaultPreload: false, scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
