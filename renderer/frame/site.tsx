import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { createContext, type ReactNode, useContext } from 'react';
import type { Site } from '../../main/contract/sites.ts';
import { useApi } from './api.tsx';

const SiteContext = createContext<Site | null>(null);
export const SiteProvider = ({ site, children }: { site: Site; children: ReactNode }) => (
  <SiteContext value={site}>{children}</SiteContext>
);

/** The site that the screens are about; only below the site's route. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  if (!site) throw new Error('This screen is not below a site.');
  return site;
}

/** All sites with their counts of people, kept fresh by live events. */
export function useSites() {
  const api = useApi();
  return useQuery(api.sites.list.queryOptions({ input: { limit: 500 } }));
}

const kept = ['subscribers', 'campaigns', 'compose', 'setup', 'settings'] as const;

/** Goes to another site, to the screen of the same name there. */
export function useSwitchSite(): (site: Site) => void {
  const navigate = useNavigate();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  return ({ id }) => {
    const [, , , name] = path.split('/');
    const screen = kept.find((one) => one === name);
    void navigate({ to: screen ? `/sites/$site/${screen}` : '/sites/$site', params: { site: id } });
  };
}
