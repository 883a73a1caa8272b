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
  const gone = state === 'expired';
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const resend = useMutation({
    mutationFn: (to: { state: 'rejected' | 'failed' | 'expired'; count: number }) =>
      client.campaigns.resend({ id, pushService, state: to.state, reason }),
    onSuccess: (_, { count }) => toast(`It is sent again to ${people(count)}.`),
    onError: (error) => toastError('It was not sent again', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.campaigns.key() }),
  });
  if (state !== 'rejected' && state !== 'failed' && state !== 'expired') return null;
  if (campaign.detailDroppedAt !== null) return null;
  if (campaignState === 'cancelled' || startedAt === null) return null;
  const ask = async () => {
    // one reason may have come with several answers; it is sent again for all of them
    const count = outcomes
      .filter((one) => one.state === state && one.reason === reason && one.pushService === pushService)
      .reduce((sum, one) => sum + one.count, 0);
    const yes = await confirm({
      title: gone ? 'Bring them back?' : 'Send it again?',
      body: gone
        ? `Those of ${people(count)} at ${pushServiceName(pushService)} who have not come back since are active again, and the message goes to them once more. Where the push service was right, they expire again.`
        : `The message goes again to ${people(count)} at ${pushServiceName(pushService)}, where it ${state === 'failed' ? 'failed' : 'was refused'}: ${reasonWords(reason).toLowerCase()}. Nobody else gets it twice. Where the cause is not mended it ends the same way.`,
      action: gone ? `Bring back and send to ${people(count)}` : `Send again to ${people(count)}`,
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
      {gone ? 'Bring back and send again…' : 'Send again…'}
    </Button>
  );
}
