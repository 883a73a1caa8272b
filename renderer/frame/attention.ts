import { useQuery } from '@tanstack/react-query';
import type { Site } from '../../main/contract/sites.ts';
import { reasonWords } from '../parts/campaign-words.ts';
import { pushServiceName } from '../parts/format.ts';
import { useApi } from './api.tsx';

/** Something that a person should look at, and where. */
export interface Attention {
  id: string;
  title: string;
  detail: string;
  to: '/sites/$site/settings' | '/sites/$site/setup' | '/sites/$site/campaigns/$campaign';
  campaign?: string;
}

/** What needs the operator on this site, the most pressing first. */
export function useAttention(site: Site | undefined): Attention[] {
  const api = useApi();
  const system = useQuery(api.system.get.queryOptions());
  const id = site?.id ?? '';
  const listed = { enabled: site !== undefined } as const;
  const halted = useQuery(
    api.campaigns.list.queryOptions({ input: { site: id, state: 'halted', limit: 20 }, ...listed }),
  );
  const sending = useQuery(
    api.campaigns.list.queryOptions({ input: { site: id, state: 'sending', limit: 20 }, ...listed }),
  );
  const found: Attention[] = [];
  // each leads to a screen of a site
  if (site === undefined) return found;
  for (const { id: trouble, title, detail } of system.data?.troubles ?? [])
    found.push({ id: `trouble ${trouble}`, title, detail, to: '/sites/$site/settings' });
  for (const campaign of [...(halted.data?.items ?? []), ...(sending.data?.items ?? [])]) {
    for (const hold of campaign.holds.filter(({ kind }) => kind !== 'pause')) {
      found.push({
        id: `${campaign.id} ${hold.pushService}`,
        title: `“${campaign.message.title}” is stopped at ${pushServiceName(hold.pushService)}`,
        detail: `${reasonWords(hold.reason)}. ${hold.advice}`,
        to: '/sites/$site/campaigns/$campaign',
        campaign: campaign.id,
      });
    }
  }
  for (const campaign of halted.data?.items ?? []) {
    if (campaign.holds.some(({ kind }) => kind !== 'pause')) continue;
    found.push({
      id: campaign.id,
      title: `“${campaign.message.title}” was stopped`,
      detail: 'Open it to see why, and what to do.',
      to: '/sites/$site/campaigns/$campaign',
      campaign: campaign.id,
    });
  }
  if (site.subjectWarning) {
    found.push({
      id: 'subject',
      title: 'Push services may refuse the contact address',
      detail: site.subjectWarning,
      to: '/sites/$site/settings',
    });
  }
  if (system.data?.keyStore.warning) {
    found.push({
      id: 'key store',
      title: 'Keys are not in a system key store',
      detail: system.data.keyStore.warning,
      to: '/sites/$site/settings',
    });
  }
  return found;
}
