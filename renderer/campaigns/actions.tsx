import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { toastError } from '../frame/toasts.tsx';
import { people } from '../parts/format.ts';

const icon = { size: 15, stroke: 1.5 };
const failed = {
  start: 'It could not be started',
  pause: 'It could not be paused',
  resume: 'It could not be resumed',
  cancel: 'It could not be cancelled',
};

/** What can be done with a campaign in its present state. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const { id, site, state, counts, message, audience, at } = campaign;
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const act = useMutation({
    mutationFn: async (action: keyof typeof failed) => {
      // a time in the campaign would make starting it mean: at that time
      if (action === 'start' && at !== null) await client.campaigns.update({ id, at: null });
      return client.campaigns[action]({ id });
    },
    onSuccess: (fresh) => {
      queries.setQueryData<CampaignDetail>(api.campaigns.get.queryKey({ input: { id } }), (before) =>
        before ? { ...before, ...fresh } : before,
      );
      void queries.invalidateQueries({ queryKey: api.campaigns.key() });
    },
    onError: (error, action) => {
      toastError(failed[action], error);
      void queries.invalidateQueries({ queryKey: api.campaigns.key() });
    },
  });
  const remove = useMutation({
    mutationFn: () => client.campaigns.remove({ id }),
    onSuccess: async () => {
      await navigate({ to: '/sites/$site/campaigns', params: { site } });
      void queries.invalidateQueries({ queryKey: api.campaigns.key() });
    },
    onError: (error) => toastError('The draft could not be deleted', error),
  });
  const askStart = async () => {
    const check = await client.campaigns.check({ site, message, audience }).catch(() => null);
    const to = check ? people(check.people) : 'everyone it is meant for';
    const yes = await confirm({
      title: 'Send it now?',
      body: `“${message.title}” goes to ${to} at once.`,
      action: `Send to ${to}`,
      grave: true,
    });
    if (yes) act.mutate('start');
  };
  const askCancel = async () => {
    const yes = await confirm({
      title: 'Cancel the rest?',
      body:
        state === 'scheduled'
          ? 'It will not be sent. You can send it again later as a new message.'
          : `${people(counts.pending)} who wait for it will not get it. What was sent stays sent.`,
      action: state === 'scheduled' ? 'Cancel it' : `Cancel for ${people(counts.pending)}`,
      danger: true,
    });
    if (yes) act.mutate('cancel');
  };
  const askRemove = async () => {
    const yes = await confirm({
      title: 'Delete this draft?',
      body: '1 draft is deleted. Nothing of it was sent.',
      action: 'Delete the draft',
      danger: true,
    });
    if (yes) remove.mutate();
  };
  const busy = act.isPending;
  const over = state === 'finished' || state === 'cancelled';
  const again = (key: 'draft' | 'from') => (props: Record<string, unknown>) => (
    <Link {...props} to="/sites/$site/compose" params={{ site }} search={{ [key]: id }} />
  );
  return (
    <>
      {(state === 'draft' || state === 'scheduled') && (
        <>
          <Button variant="default" leftSection={<IconPencil {...icon} />} renderRoot={again('draft')}>
            Edit
          </Button>
          <Button
            color="bronze"
            loading={busy}
            leftSection={<IconSend {...icon} />}
            onClick={() => void askStart()}
          >
            Send now
          </Button>
        </>
      )}
      {state === 'sending' && (
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconPlayerPause {...icon} />}
          onClick={() => act.mutate('pause')}
        >
          Pause
        </Button>
      )}
      {(state === 'paused' || state === 'halted') && (
        <Button
          loading={busy}
          leftSection={<IconPlayerPlay {...icon} />}
          onClick={() => act.mutate('resume')}
        >
          Resume
        </Button>
      )}
      {over && (
        <Button variant="default" leftSection={<IconCopy {...icon} />} renderRoot={again('from')}>
          Use again
        </Button>
      )}
      {!over && (
        <Menu position="bottom-end" width={180}>
          <Menu.Target>
            <ActionIcon aria-label="More for this campaign">
              <IconDots size={17} stroke={1.5} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconCopy {...icon} />} renderRoot={again('from')}>
              Use again
            </Menu.Item>
            {state === 'draft' ? (
              <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={() => void askRemove()}>
                Delete the draft…
              </Menu.Item>
            ) : (
              <Menu.Item color="red" leftSection={<IconX {...icon} />} onClick={() => void askCancel()}>
                {state === 'scheduled' ? 'Cancel it…' : 'Cancel the rest…'}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}
