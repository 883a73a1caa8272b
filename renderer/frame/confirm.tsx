import { Button, Group, Modal, Text } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import classes from './frame.module.css';

interface Question {
  title: string;
  /** What will happen, counted. */
  body: ReactNode;
  /** The word on the button that does it. */
  action: string;
  danger?: boolean;
  /** Nothing brings it back: then Enter alone does not do it. */
  final?: boolean;
  /** For the few acts that matter most, such as sending. */
  grave?: boolean;
}
type Ask = (question: Question) => Promise<boolean>;
const ConfirmContext = createContext<Ask | null>(null);

/** Shows one question at a time, above everything. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState<(Question & { answer: (yes: boolean) => void }) | null>(null);
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((answer) => {
        setCurrent({ ...question, answer });
        setOpen(true);
      }),
    [],
  );
  const close = (yes: boolean) => {
    current?.answer(yes);
    setOpen(false);
  };
  return (
    <ConfirmContext value={ask}>
      {children}
      <Modal
        opened={open}
        onClose={() => close(false)}
        title={current?.title}
        withCloseButton={false}
        size={440}
      >
        <Text component="div" className={classes['question']}>
          {current?.body}
        </Text>
        <Group justify="flex-end" mt="xl" gap="sm">
          <Button
            variant="default"
            size="sm"
            data-autofocus={current?.final || undefined}
            onClick={() => close(false)}
          >
            Not now
          </Button>
          <Button
            size="sm"
            color={current?.danger ? 'red' : current?.grave ? 'bronze' : 'patina'}
            data-autofocus={!current?.final || undefined}
            onClick={() => close(true)}
          >
            {current?.action}
          </Button>
        </Group>
      </Modal>
    </ConfirmContext>
  );
}

/** Asks before something that cannot be taken back; resolves to whether to go on. */
export function useConfirm(): Ask {
  const ask = useContext(ConfirmContext);
  if (!ask) throw new Error('There is no ConfirmProvider above this component.');
  return ask;
}
