import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  Outlet,
  useParams,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { readCampaignSearch, readCampaignsSearch } from '../campaigns/address.ts';
import { Campaign } from '../campaigns/campaign.tsx';
import { Campaigns } from '../campaigns/campaigns.tsx';
import { readComposeSearch } from '../compose/address.ts';
import { Compose } from '../compose/compose.tsx';
import { Overview } from '../overview/overview.tsx';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { Settings } from '../settings/settings.tsx';
import { NewSite } from '../setup/new-site.tsx';
import { Setup } from '../setup/setup.tsx';
import { readSubscribersSearch } from '../subscribers/address.ts';
import { Subscriber } from '../subscribers/subscriber.tsx';
import { Subscribers } from '../subscribers/subscribers.tsx';
import { Frame } from './frame.tsx';
import { usePreferences } from './preferences.tsx';
import { Screen } from './screen.tsx';
import { SiteProvider, useSites } from './site.tsx';

/** Where no screen is named: the site looked at last, or the start when there is none. */
function Home(): ReactNode {
  const sites = useSites();
  const { preferences } = usePreferences();
  if (!sites.data) return <Waiting />;
  const site = sites.data.items.find(({ id }) => id === preferences.lastSite) ?? sites.data.items[0];
  return site ? (
    <Navigate to="/sites/$site" params={{ site: site.id }} replace />
  ) : (
    <Navigate to="/new-site" replace />
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

function NotFound(): ReactNode {
  return (
    <Screen title="Not here">
      <EmptyState title="There is nothing at this address">Choose a screen at the left.</EmptyState>
    </Screen>
  );
}

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: Home });
const newSiteRoute = createRoute({ getParentRoute: () => rootRoute, path: '/new-site', component: NewSite });
const siteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sites/$site',
  component: SiteScreens,
});

/** A screen is one line here, one below, and one in the sidebar and the palette. */
const ofSite = () => siteRoute;
const overview = createRoute({ getParentRoute: ofSite, path: '/', component: Overview });
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
const setup = createRoute({ getParentRoute: ofSite, path: '/setup', component: Setup });
const settings = createRoute({ getParentRoute: ofSite, path: '/settings', component: Settings });

// each in a constant of its own: written inline, TypeScript widens their types to any
const routeTree = rootRoute.addChildren([
  homeRoute,
  newSiteRoute,
  siteRoute.addChildren([overview, subscribers, subscriber, compose, campaigns, campaign, setup, settings]),
]);

/** The console's screens by their addresses, kept behind the `#`, so that any door can serve them. */
export const createConsoleRouter = () =>
  createRouter({ routeTree, history: createHashHistory(), defaultPreload: false, scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
