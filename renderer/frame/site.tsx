import { useQuery } from '@tanstack/react-query';
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
