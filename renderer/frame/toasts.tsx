import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { sentence } from '../parts/errors.ts';

let made = 0;

/** Says what happened; with `undo`, offers to take it back for as long as it shows. */
export function toast(message: string, options: { undo?: () => void } = {}) {
  const { undo } = options;
  const id = `toast-${made++}`;
  notifications.show({
    id,
    withBorder: true,
    autoClose: undo ? 10_000 : 5000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
    message: undo ? (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <span>{message}</span>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** Says what went wrong, in the words the core gave. */
export function toastError(what: string, error: unknown) {
  notifications.show({
    withBorder: true,
    color: 'red',
    title: what,
    message: sentence(error),
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  });
}
