import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Message } from '../../main/contract/messages.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { formatCount, personName } from '../parts/format.ts';

/**
 * Sends the message as it is to the operator's own devices, before anybody else gets it.
 * @param ready whether the message is complete; shows what is missing when it is not
 */
export function SendTest({ message, ready }: { message: Message; ready: () => boolean }) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const devices = useQuery(api.subscribers.testDevices.queryOptions({ input: { site: site.id } }));
  const send = useMutation({
    mutationFn: () => client.campaigns.test({ site: site.id, message }),
    onSuccess: ({ counts }) => {
      toast(`The test is on its way to ${formatCount(counts.total, 'device', 'devices')} of yours.`);
      void queries.invalidateQueries({ queryKey: api.campaigns.key() });
    },
    onError: (error) => toastError('The test was not sent', error),
  });
  const press = async () => {
    if (!ready()) return;
    const { data } = await devices.refetch();
    if (data && data.items.length === 0) {
      await confirm({
        title: 'No test device yet',
        body: 'A test goes to devices of your own. Subscribe to your site with each of them, open it under Subscribers, and choose “Use as a test device” from its menu.',
        action: 'I see',
      });
      return;
    }
    const names = data?.items.map(personName) ?? [];
    const yes = await confirm({
      title: 'Send a test?',
      body: `It goes at once to ${names.length > 4 ? `${names.length} test devices` : names.join(', ')}, and counts in no other campaign.`,
      action: 'Send the test',
    });
    if (yes) send.mutate();
  };
  return (
    <Button variant="subtle" color="gray" loading={send.isPending} onClick={() => void press()}>
      Send a test…
    </Button>
  );
}
