import { Menu } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { toast, toastError } from '../frame/toasts.tsx';

/** Makes a subscriber one of the operator's own, to which test messages go, or takes that back. */
export function TestDeviceItem({ person: { id, testDevice } }: { person: Subscriber }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (on: boolean) => client.subscribers.update({ id, testDevice: on }),
    onSuccess: (_, on) =>
      toast(
        on ? 'Test messages go to this device, too.' : 'Test messages do not go to this device any more.',
      ),
    onError: (error) => toastError('It was not changed', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.subscribers.key() }),
  });
  return (
    <Menu.Item
      leftSection={<IconDeviceMobile size={15} stroke={1.5} />}
      onClick={() => change.mutate(!testDevice)}
    >
      {testDevice ? 'No longer a test device' : 'Use as a test device'}
    </Menu.Item>
  );
}
