import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Names } from '../../main/contract/expression-words.ts';
import { useApi } from '../frame/api.tsx';
import { countryName, formatDate, languageName, pushServiceName } from '../parts/format.ts';

/** The site's segments, by name. */
export function useSegments(site: string) {
  const api = useApi();
  return useQuery(api.segments.list.queryOptions({ input: { site, limit: 500 } }));
}

/** What segments, campaigns and the like are called on this site, for sentences about people. */
export function useNames(site: string): Names {
  const api = useApi();
  const segments = useSegments(site);
  const campaigns = useQuery(api.campaigns.list.queryOptions({ input: { site, limit: 100 } }));
  return useMemo(
    () => ({
      segment: (id) => segments.data?.items.find((one) => one.id === id)?.name ?? null,
      campaign: (id) => campaigns.data?.items.find((one) => one.id === id)?.message.title ?? null,
      language: languageName,
      country: countryName,
      pushService: pushServiceName,
      date: formatDate,
    }),
    [segments.data, campaigns.data],
  );
}
