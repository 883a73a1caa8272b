import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Campaign, ServiceHold } from '../../main/contract/campaigns.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { reasonWords } from '../parts/campaign-words.ts';
import { pushServiceName } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';

const happened: Record<ServiceHold['kind'], string> = {
  pause: 'asked for a pause',
  halt: 'is stopped',
  ask: 'says that unusually many are gone',
};

/** The two answers to a push service that says too many are gone. */
function Answers({ campaign, pushService }: { campaign: string; pushService: string }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const answer = useMutation({
    mutationFn: (given: 'real' | 'mistake') =>
      client.campaigns.answerGone({ id: campaign, pushService, answer: given }),
    onSuccess: (_, given) =>
      toast(
        given === 'real'
          ? 'They count as expired, and sending goes on.'
          : 'They are back, and the message is sent to them again.',
      ),
    onError: (error) => toastError('Your answer was not taken', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.campaigns.key() }),
  });
  return (
    <Group gap="sm" mt="sm">
      <Button
        variant="default"
        disabled={answer.isPending}
        loading={answer.isPending && answer.variables === 'real'}
        onClick={() => answer.mutate('real')}
      >
        They are gone, go on
      </Button>
      <Button
        variant="default"
        disabled={answer.isPending}
        loading={answer.isPending && answer.variables === 'mistake'}
        onClick={() => answer.mutate('mistake')}
      >
        A mistake: bring them back and send again
      </Button>
    </Group>
  );
}

/** Push services that are not being sent to, why, and what to do about it. */
export function Holds({ campaign }: { campaign: Campaign }) {
  // another campaign has tried since, and lifted what had stopped this one
  if (campaign.state === 'halted' && campaign.holds.length === 0) {
    return (
      <Note>
        <strong>Nothing stops this campaign any more.</strong> Resume it to send to those who wait. Why it was
        stopped is under Results.
      </Note>
    );
  }
  return campaign.holds.map(({ pushService, kind, until, reason, advice }) => (
    <Note key={`${pushService} ${kind}`} tone={kind === 'halt' ? 'bad' : 'warn'}>
      <strong>
        {pushServiceName(pushService)} {happened[kind]}
        {until && (
          <>
            {' '}
            until <Time at={until} />
          </>
        )}
        .
      </strong>{' '}
      {reasonWords(reason)}. {advice}
      {kind === 'ask' && <Answers campaign={campaign.id} pushService={pushService} />}
    </Note>
  ));
}
