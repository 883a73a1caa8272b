import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { sentence } from '../parts/errors.ts';

let made = 0;

interface Options {
  /** Takes back what was done. The key Z does it too, for as long as this shows. */
  undo?: () => void;
  /** Another thing to do about it. */
  action?: { label: string; run: () => void };
}

/** Says what happened; with `undo`, offers to take it back for as long as it shows. */
export function toast(message: string, { undo, action }: Options = {}) {
  const id = `toast-${made++}`;
  const button = undo ? { label: 'Undo', run: undo } : action;
  notifications.show({
    id,
    withBorder: true,
    autoClose: button ? 10_000 : 5000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
    message: button ? (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <span>{message}</span>
        <Button
          variant="subtle"
          size="compact-sm"
          data-undo={undo ? true : undefined}
          onClick={() => {
            notifications.hide(id);
            button.run();
          }}
        >
          {button.label}
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** Takes back the last of what still offers it. @returns whether there was something */
export function undoLast(): boolean {
  const last = [...document.querySelectorAll<HTMLButtonElement>('[data-undo]')].at(-1);
  last?.click();
  return last !== undefined;
}

/** Says what went wrong, in the words the core gave, or in those given. */
export function toastError(what: string, error: unknown, words?: string) {
  notifications.show({
    withBorder: true,
    color: 'red',
    title: what,
    message: words ?? sentence(error),
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  });
}
