import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CampaignDetail, OutcomeGroup } from '../../main/contract/campaigns.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { reasonWords } from '../parts/campaign-words.ts';
import { people, pushServiceName } from '../parts/format.ts';
import classes from './campaigns.module.css';

/** Sends a campaign again to those for whom it failed, or was refused, for one reason at one push service. */
export function Resend({ campaign, group }: { campaign: CampaignDetail; group: OutcomeGroup }) {
  const { id, state: campaignState, startedAt, outcomes } = campaign;
  const { state, reason, pushService } = group;
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const resend = useMutation({
    mutationFn: (to: { state: 'rejected' | 'failed'; count: number }) =>
      client.campaigns.resend({ id, pushService, state: to.state, reason }),
    onSuccess: (_, { count }) => toast(`It is sent again to ${people(count)}.`),
    onError: (error) => toastError('It was not sent again', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.campaigns.key() }),
  });
  if (state !== 'rejected' && state !== 'failed') return null;
  if (campaignState === 'cancelled' || startedAt === null) return null;
  const ask = async () => {
    // one reason may have come with several answers; it is sent again for all of them
    const count = outcomes
      .filter((one) => one.state === state && one.reason === reason && one.pushService === pushService)
      .reduce((sum, one) => sum + one.count, 0);
    const yes = await confirm({
      title: 'Send it again?',
      body: `The message goes again to ${people(count)} at ${pushServiceName(pushService)}, where it ${state === 'failed' ? 'failed' : 'was refused'}: ${reasonWords(reason).toLowerCase()}. Nobody else gets it twice. Where the cause is not mended it ends the same way.`,
      action: `Send again to ${people(count)}`,
      grave: true,
    });
    if (yes) resend.mutate({ state, count });
  };
  return (
    <Button
      className={classes['resend']}
      variant="default"
      size="compact-sm"
      loading={resend.isPending}
      onClick={() => void ask()}
    >
      Send again…
    </Button>
  );
}
