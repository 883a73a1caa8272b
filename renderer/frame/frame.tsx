import { Button, Drawer } from '@mantine/core';
import { createSpotlight } from '@mantine/spotlight';
import { Outlet, useParams, useRouter, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useEffect, useMemo, useState } from 'react';
import { FirstStepsBar } from '../first-steps/first-steps.tsx';
import { useConnection } from './connection.tsx';
import { keepFocus } from './focus.ts';
import classes from './frame.module.css';
import { useJobToasts } from './job-toasts.ts';
import { Palette } from './palette.tsx';
import { keepPlaces } from './places.ts';
import { PracticeBand } from './practice-band.tsx';
import { usePreferences } from './preferences.tsx';
import { NavigationContext } from './screen.tsx';
import { ShortcutsHelp, useShortcuts } from './shortcuts.tsx';
import { Sidebar } from './sidebar.tsx';
import { useSites } from './site.tsx';
import { useRehearsalFeed } from './use-rehearsal.ts';

/** Says that the core is away, and that nothing is lost by it. */
function Away() {
  const { state, retryNow } = useConnection();
  if (state !== 'lost' && state !== 'signed-out') return null;
  return (
    <div className={classes['away']} role="alert">
      {state === 'lost' ? (
        <>
          <span>Belfry’s core cannot be reached. What you see may be old; it comes back by itself.</span>
          <Button size="compact-sm" variant="default" onClick={retryNow}>
            Try now
          </Button>
        </>
      ) : (
        <span>You are signed out. Open the address that Belfry printed when it started.</span>
      )}
    </div>
  );
}

/** What surrounds every screen. */
export function Frame(): ReactNode {
  const params = useParams({ strict: false });
  const sites = useSites();
  const list = sites.data?.items ?? [];
  const { preferences, change } = usePreferences();
  const chosen = params.site ?? preferences.lastSite;
  const site = list.find(({ id }) => id === chosen) ?? list[0];
  const practice = params.site !== undefined && site?.id === params.site && site.practice;
  useRehearsalFeed(practice);
  useJobToasts();
  const router = useRouter();
  useEffect(() => keepFocus(), []);
  useEffect(() => keepPlaces(router), [router]);
  const [[search, palette]] = useState(createSpotlight);
  const [help, setHelp] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.href });
  useShortcuts(site?.id, { palette: palette.toggle, help: () => setHelp(true) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: any change of screen closes the drawer
  useEffect(() => setDrawer(false), [path]);
  useEffect(() => {
    if (params.site && params.site !== preferences.lastSite) change({ lastSite: params.site });
  });
  const navigation = useMemo(() => ({ opened: drawer, open: () => setDrawer(true) }), [drawer]);
  const sidebar = (
    <Sidebar {...{ site, sites: list }} onPalette={palette.open} onHelp={() => setHelp(true)} />
  );
  return (
    <NavigationContext value={navigation}>
      <div className={classes['frame']}>
        <button
          type="button"
          className={classes['skip']}
          onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}
        >
          Go to the content
        </button>
        <aside className={classes['sidebar']} aria-label="Navigation">
          {sidebar}
        </aside>
        <Drawer
          opened={drawer}
          onClose={() => setDrawer(false)}
          size={248}
          withCloseButton={false}
          title="Navigation"
          classNames={{ body: classes['drawer'] ?? '', header: 'visually-hidden' }}
        >
          {sidebar}
        </Drawer>
        <div className={classes['content']}>
          <Away />
          <PracticeBand site={practice ? site : undefined} />
          {site && params.site === site.id && <FirstStepsBar key={site.id} site={site} />}
          <Outlet />
        </div>
      </div>
      <Palette {...{ store: search, site, sites: list }} onHelp={() => setHelp(true)} />
      <ShortcutsHelp opened={help} onClose={() => setHelp(false)} />
    </NavigationContext>
  );
}
