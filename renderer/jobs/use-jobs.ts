import { useQuery } from '@tanstack/react-query';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Job } from '../../main/contract/jobs.ts';
import { useApi } from '../frame/api.tsx';

/** Whether it is still being worked on. */
export const isUnderWay = ({ state }: Job) => state === 'running' || state === 'stopping';

/** Everything that takes long and is under way now, on every site, and the jobs that have ended. */
export function useUnderWay(): {
  jobs: Job[];
  ended: Job[];
  campaigns: Campaign[];
  /** Neither answer has come yet. */
  pending: boolean;
  error: unknown;
  retry(): void;
} {
  const api = useApi();
  const jobs = useQuery(api.jobs.list.queryOptions());
  const sending = useQuery(api.campaigns.list.queryOptions({ input: { state: 'sending', limit: 50 } }));
  const all = jobs.data?.items ?? [];
  return {
    jobs: all.filter(isUnderWay),
    ended: all.filter((job) => !isUnderWay(job)),
    campaigns: sending.data?.items ?? [],
    pending: jobs.isPending || sending.isPending,
    error: jobs.error ?? sending.error,
    retry() {
      void jobs.refetch();
      void sending.refetch();
    },
  };
}
