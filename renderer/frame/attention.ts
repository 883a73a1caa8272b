import { useQueries, useQuery } from '@tanstack/react-query';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { isUnderWay } from '../jobs/use-jobs.ts';
import { reasonWords } from '../parts/campaign-words.ts';
import { pushServiceName } from '../parts/format.ts';
import { useApi } from './api.tsx';
import { useSites } from './site.tsx';

/** Something that a person should look at, and where it is solved. */
export interface Attention {
  id: string;
  title: string;
  detail: string;
  to:
    | '/sites/$site/settings'
    | '/sites/$site/setup'
    | '/sites/$site/campaigns/$campaign'
    | '/sites/$site/rehearsal'
    | '/jobs';
  /** The site that it is about. */
  site: string;
  campaign?: string;
}

const aMinute = 60_000;

const loopback = (url: string) => /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(url);

function ofCampaign(campaign: Campaign): Attention[] {
  const { id, site, state, message, holds } = campaign;
  const place = { to: '/sites/$site/campaigns/$campaign', site, campaign: id } as const;
  const stopped = holds.filter(({ kind }) => kind !== 'pause');
  if (stopped.length > 0)
    return stopped.map(({ pushService, reason, advice, kind }) => ({
      ...place,
      id: `${id} ${pushService}`,
      title:
        kind === 'ask'
          ? `“${message.title}” asks you about ${pushServiceName(pushService)}`
          : `“${message.title}” is stopped at ${pushServiceName(pushService)}`,
      detail: `${reasonWords(reason)}. ${advice}`,
    }));
  if (state !== 'halted') return [];
  return [
    { ...place, id, title: `“${message.title}” was stopped`, detail: 'Open it to see why, and what to do.' },
  ];
}

/** What needs the operator: of `site` and of Belfry itself, the most pressing first. Null: of every site. */
export function useAttention(site: Site | undefined | null): Attention[] {
  const api = useApi();
  const sites = useSites();
  const all = site === null ? (sites.data?.items ?? []) : site ? [site] : [];
  const [first] = all;
  const system = useQuery({ ...api.system.get.queryOptions(), refetchInterval: aMinute });
  const jobs = useQuery(api.jobs.list.queryOptions());
  const stopped = useQueries({
    queries: (['halted', 'sending'] as const).map((state) => ({
      ...api.campaigns.list.queryOptions({ input: { ...(site && { site: site.id }), state, limit: 50 } }),
      enabled: first !== undefined,
    })),
  });
  const outside = all.find(({ practice }) => !practice);
  // an address on this machine answers, or nothing here would
  const asked = outside !== undefined && system.data !== undefined && !loopback(system.data.publicUrl);
  const reach = useQuery({
    ...api.sites.check.queryOptions({ input: { id: outside?.id ?? '', live: false }, retry: false }),
    enabled: asked,
    staleTime: 5 * aMinute,
    refetchInterval: 5 * aMinute,
  });

  const found: Attention[] = [];
  // each leads to a screen of a site
  if (first === undefined) return found;
  for (const { id, title, detail } of system.data?.troubles ?? [])
    found.push({ id: `trouble ${id}`, title, detail, to: '/sites/$site/settings', site: first.id });
  for (const { data } of stopped)
    for (const campaign of data?.items ?? []) found.push(...ofCampaign(campaign));
  const unreachable = asked ? (reach.data?.findings.find(({ verdict }) => verdict === 'bad') ?? null) : null;
  if (unreachable && outside)
    found.push({
      id: 'public address',
      title: 'Visitors cannot reach Belfry',
      detail: [unreachable.detail, unreachable.remedy].filter(Boolean).join(' '),
      to: '/sites/$site/setup',
      site: outside.id,
    });
  for (const one of all)
    if (one.subjectWarning)
      found.push({
        id: `subject ${one.id}`,
        title: 'Push services may refuse the contact address',
        detail: one.subjectWarning,
        to: '/sites/$site/settings',
        site: one.id,
      });
  for (const job of jobs.data?.items ?? [])
    if (!isUnderWay(job) && job.state === 'failed')
      found.push({
        id: job.id,
        title: `${job.title}: it failed`,
        detail: job.result ?? '',
        to: '/jobs',
        site: first.id,
      });
  if (system.data?.keyStore.warning)
    found.push({
      id: 'key store',
      title: 'Keys are not in a system key store',
      detail: system.data.keyStore.warning,
      to: '/sites/$site/settings',
      site: first.id,
    });
  return found;
}
