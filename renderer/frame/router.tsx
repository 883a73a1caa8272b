import { Button } from '@mantine/core';
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  Outlet,
  useParams,
  useRouter,
  useRouterState,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { readCampaignSearch, readCampaignsSearch } from '../campaigns/address.ts';
import { readComposeSearch } from '../compose/address.ts';
import { readImportSearch } from '../import/address.ts';
import { readOverviewSearch } from '../overview/address.ts';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { readSegmentSearch } from '../segments/address.ts';
import { readSettingsSearch } from '../settings/sections.ts';
import { readSetupSearch } from '../setup/address.ts';
import { readSubscribersSearch } from '../subscribers/address.ts';
import { Frame } from './frame.tsx';
import { lazyScreen, preloadWhenIdle } from './lazy-screen.tsx';
import { usePreferences } from './preferences.tsx';
import { Screen, ScreenSkeleton } from './screen.tsx';
import { SiteProvider, useSites } from './site.tsx';

const named = [
  'subscribers',
  'segments',
  'attributes',
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
  // null while another screen is on its way: this one still stands here then, and must not lead away from it
  const path = useRouterState({
    select: ({ location, isLoading }) => (isLoading ? null : location.pathname),
  });
  if (!sites.data || path === null) return <Waiting />;
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

/**
 * The screens, the most visited first: each is a file of its own in the build, and comes when it is gone to or when
 * nothing else is to be done.
 */
const screens = {
  overview: lazyScreen(() => import('../overview/overview.tsx').then(({ Overview }) => Overview)),
  subscribers: lazyScreen(() =>
    import('../subscribers/subscribers.tsx').then(({ Subscribers }) => Subscribers),
  ),
  subscriber: lazyScreen(() => import('../subscribers/subscriber.tsx').then(({ Subscriber }) => Subscriber)),
  campaigns: lazyScreen(() => import('../campaigns/campaigns.tsx').then(({ Campaigns }) => Campaigns)),
  campaign: lazyScreen(() => import('../campaigns/campaign.tsx').then(({ Campaign }) => Campaign)),
  compose: lazyScreen(() => import('../compose/compose.tsx').then(({ Compose }) => Compose)),
  segments: lazyScreen(() => import('../segments/segments.tsx').then(({ Segments }) => Segments)),
  segment: lazyScreen(() => import('../segments/segment.tsx').then(({ Segment }) => Segment)),
  attributes: lazyScreen(() => import('../attributes/attributes.tsx').then(({ Attributes }) => Attributes)),
  import: lazyScreen(() => import('../import/import.tsx').then(({ Import }) => Import)),
  prompts: lazyScreen(() => import('../prompts/prompts.tsx').then(({ Prompts }) => Prompts)),
  setup: lazyScreen(() => import('../setup/setup.tsx').then(({ Setup }) => Setup)),
  rehearsal: lazyScreen(() => import('../rehearsal/rehearsal.tsx').then(({ Rehearsal }) => Rehearsal)),
  settings: lazyScreen(() => import('../settings/settings.tsx').then(({ Settings }) => Settings)),
  jobs: lazyScreen(() => import('../jobs/jobs.tsx').then(({ Jobs }) => Jobs)),
  newSite: lazyScreen(() => import('../setup/new-site.tsx').then(({ NewSite }) => NewSite)),
};

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: Home });
const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: Home });
const newSiteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new-site',
  component: screens.newSite,
});
const jobsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/jobs', component: screens.jobs });
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
  component: screens.overview,
  validateSearch: readOverviewSearch,
});
const subscribers = createRoute({
  getParentRoute: ofSite,
  path: '/subscribers',
  component: screens.subscribers,
  validateSearch: readSubscribersSearch,
});
const subscriber = createRoute({
  getParentRoute: ofSite,
  path: '/subscribers/$subscriber',
  component: screens.subscriber,
});
const segments = createRoute({ getParentRoute: ofSite, path: '/segments', component: screens.segments });
const segment = createRoute({
  getParentRoute: ofSite,
  path: '/segments/$segment',
  component: screens.segment,
  validateSearch: readSegmentSearch,
});
const attributes = createRoute({
  getParentRoute: ofSite,
  path: '/attributes',
  component: screens.attributes,
});
const importScreen = createRoute({
  getParentRoute: ofSite,
  path: '/import',
  component: screens.import,
  validateSearch: readImportSearch,
});
const compose = createRoute({
  getParentRoute: ofSite,
  path: '/compose',
  component: screens.compose,
  validateSearch: readComposeSearch,
});
const campaigns = createRoute({
  getParentRoute: ofSite,
  path: '/campaigns',
  component: screens.campaigns,
  validateSearch: readCampaignsSearch,
});
const campaign = createRoute({
  getParentRoute: ofSite,
  path: '/campaigns/$campaign',
  component: screens.campaign,
  validateSearch: readCampaignSearch,
});
const prompts = createRoute({ getParentRoute: ofSite, path: '/prompts', component: screens.prompts });
const setup = createRoute({
  getParentRoute: ofSite,
  path: '/setup',
  component: screens.setup,
  validateSearch: readSetupSearch,
});
const rehearsal = createRoute({ getParentRoute: ofSite, path: '/rehearsal', component: screens.rehearsal });
const settings = createRoute({
  getParentRoute: ofSite,
  path: '/settings',
  component: screens.settings,
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
    attributes,
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

/** The code of a screen did not come, or failed. */
function NotShown(): ReactNode {
  const router = useRouter();
  return (
    <Screen title="Belfry">
      <div role="alert">
        <EmptyState
          title="This screen could not be shown"
          action={
            <Button variant="default" onClick={() => void router.invalidate()}>
              Try again
            </Button>
          }
        >
          Its code did not come from Belfry’s core, or failed. Nothing was changed by it.
        </EmptyState>
      </div>
    </Screen>
  );
}

/** The console's screens by their addresses, kept behind the `#`, so that any door can serve them. */
export function createConsoleRouter() {
  const router = createRouter({
    routeTree,
    history: createHashHistory(),
    defaultPreload: 'intent',
    defaultPendingComponent: ScreenSkeleton,
    defaultErrorComponent: NotShown,
    scrollRestoration: false,
  });
  const stop = router.subscribe('onRendered', () => {
    stop();
    preloadWhenIdle(Object.values(screens));
  });
  return router;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
