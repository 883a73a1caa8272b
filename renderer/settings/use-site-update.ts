import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SiteSettings } from '../../main/contract/sites.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { toast } from '../frame/toasts.tsx';

interface Change {
  name?: string;
  origins?: string[];
  subject?: string;
  settings?: Partial<SiteSettings>;
}

/** Changes the site on screen, and says so. */
export function useSiteUpdate() {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) => client.sites.update({ id: site.id, ...change }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: api.sites.key() });
      toast('Saved.');
    },
  });
}
