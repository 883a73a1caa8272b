import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Campaign, CampaignDetail, CampaignState } from '../../main/contract/campaigns.ts';
import type { Page } from '../../main/contract/common.ts';
import type { Job } from '../../main/contract/jobs.ts';
import type { LiveEvent } from '../../main/contract/system.ts';
import type { Api } from './api.tsx';

type CampaignEvent = Extract<LiveEvent, { type: 'campaign' }>;
type CampaignList = Page<Campaign> | InfiniteData<Page<Campaign>>;

const patched = <T extends Campaign>(
  campaign: T,
  { state, counts, preparing, rate, secondsLeft }: CampaignEvent,
): T => ({
  ...campaign,
  state,
  counts,
  preparing,
  rate,
  secondsLeft,
});

function patchPage(page: Page<Campaign>, event: CampaignEvent): Page<Campaign> {
  const index = page.items.findIndex(({ id }) => id === event.id);
  const campaign = page.items[index];
  if (!campaign) return page;
  return { ...page, items: page.items.with(index, patched(campaign, event)) };
}

function patchList(list: CampaignList, event: CampaignEvent): CampaignList {
  if (!('pages' in list)) return patchPage(list, event);
  const pages = list.pages.map((page) => patchPage(page, event));
  return pages.some((page, index) => page !== list.pages[index]) ? { ...list, pages } : list;
}

const find = (list: CampaignList, id: string) =>
  ('pages' in list ? list.pages.flatMap(({ items }) => items) : list.items).find((item) => item.id === id);

/**
 * Puts live events into the query cache. Numbers are patched in place, so that nothing flickers; what an event only
 * hints at (reasons, timelines, counts of people) is asked for again, and no more than once in a while.
 */
export function createCachePatcher(queries: QueryClient, api: Api) {
  const waiting = new Map<string, { timer: ReturnType<typeof setTimeout>; again: boolean }>();
  /** Runs at once and then at most once in `milliseconds`, the last call never lost. */
  const sparingly = (name: string, milliseconds: number, run: () => void) => {
    const entry = waiting.get(name);
    if (entry) {
      entry.again = true;
      return;
    }
    run();
    const timer = setTimeout(() => {
      const again = waiting.get(name)?.again;
      waiting.delete(name);
      if (again) sparingly(name, milliseconds, run);
    }, milliseconds);
    waiting.set(name, { timer, again: false });
  };
  // what is being asked already is left alone: under a stream of events a fetch that is cancelled each time never ends
  const refresh = (queryKey: readonly unknown[]) =>
    void queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  const states = new Map<string, CampaignState>();

  const applyCampaign = (event: CampaignEvent) => {
    let known: Campaign | undefined;
    queries.setQueriesData<CampaignList>({ queryKey: api.campaigns.list.key() }, (list) => {
      if (!list) return list;
      known ??= find(list, event.id);
      return patchList(list, event);
    });
    const detailKey = api.campaigns.get.key({ input: { id: event.id } });
    queries.setQueriesData<CampaignDetail>({ queryKey: detailKey }, (detail) => {
      if (!detail) return detail;
      known ??= detail;
      return patched(detail, event);
    });
    const moved = (states.get(event.id) ?? known?.state) !== event.state;
    states.set(event.id, event.state);
    sparingly('first steps', 1000, () => refresh(api.sites.firstSteps.key()));
    // an answer that is on its way was asked for before the move, and would put the old state back
    if (moved) void queries.invalidateQueries({ queryKey: api.campaigns.list.key() });
    if (moved) void queries.invalidateQueries({ queryKey: detailKey });
    else sparingly(`detail ${event.id}`, 2000, () => refresh(detailKey));
  };

  const applyJob = (job: Job) => {
    const queryKey = api.jobs.list.queryKey();
    // not known yet, or never asked for: then the list is asked for
    if (!queries.getQueryData(queryKey)) return refresh(queryKey);
    queries.setQueryData(queryKey, (list) => {
      if (!list) return list;
      const index = list.items.findIndex(({ id }) => id === job.id);
      return { items: index < 0 ? [job, ...list.items] : list.items.with(index, job) };
    });
  };

  return {
    apply(event: LiveEvent) {
      if (event.type === 'sites') {
        refresh(api.sites.key());
        refresh(api.rehearsal.get.key()); // a practice site came or went
      }
      if (event.type === 'system') refresh(api.system.get.key());
      if (event.type === 'segments') {
        refresh(api.segments.list.key());
        refresh(api.segments.get.key());
      }
      if (event.type === 'attributes') {
        refresh(api.attributes.key());
        refresh(api.segments.attributes.key());
      }
      if (event.type === 'subscribers') {
        sparingly(`people ${event.site}`, 500, () => {
          refresh(api.subscribers.counts.key());
          refresh(api.sites.list.key());
          refresh(api.sites.firstSteps.key());
        });
        sparingly(`person ${event.site}`, 1000, () => {
          refresh(api.subscribers.get.key());
          refresh(api.subscribers.timeline.key());
        });
      }
      if (event.type === 'import')
        sparingly(`import ${event.id}`, 300, () => {
          refresh(api.imports.get.key());
          refresh(api.imports.list.key());
        });
      if (event.type === 'campaign') applyCampaign(event);
      if (event.type === 'job') {
        applyJob(event.job);
        if (event.job.kind.startsWith('people.') && event.job.endedAt !== null)
          refresh(api.changes.list.key());
      }
    },
    stop() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
