import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatNumber, people } from '../parts/format.ts';
import classes from './bulk.module.css';

interface Props {
  count: number;
  onClose: () => void;
  onDo: () => void;
}

/** Asks for the number of those who are to be erased: it cannot be taken back. */
export function EraseDialog({ count, onClose, onDo }: Props) {
  const [typed, setTyped] = useState('');
  const isRight = typed.replaceAll(/\D/g, '') === `${count}`;
  return (
    <Modal opened onClose={onClose} title={`Erase ${people(count)}?`} withCloseButton={false} size={440}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) onDo();
        }}
      >
        <p className={classes['warning']}>
          This deletes them with everything known of them: attributes, tags and what they clicked. The counts
          of past campaigns stay. It cannot be undone, and their browsers cannot come back by themselves.
        </p>
        <TextInput
          label={`Type ${formatNumber(count)} to confirm`}
          data-autofocus
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="xl" gap="sm">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button size="sm" color="red" type="submit" disabled={!isRight}>
            Erase {people(count)}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
