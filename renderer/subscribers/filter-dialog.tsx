import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Expression } from '../../main/contract/expressions.ts';
import { useSite } from '../frame/site.tsx';
import { Builder } from '../segments/builder.tsx';
import { draftOf, expressionOf, newCondition } from '../segments/draft.ts';
import { CountLine } from '../segments/findings.tsx';
import classes from './bulk.module.css';

interface Props {
  /** What the list is narrowed to now. */
  begun: Expression | null;
  onClose: () => void;
  onNarrow: (expression: Expression) => void;
}

/** Builds an expression to narrow the list to, counted while it is built. */
export function FilterDialog({ begun, onClose, onNarrow }: Props) {
  const site = useSite();
  const [draft, setDraft] = useState(() => {
    const first = draftOf(begun ?? { all: [] });
    return first.members.length > 0 ? first : { ...first, members: [newCondition()] };
  });
  const expression = expressionOf(draft);
  return (
    <Modal opened onClose={onClose} title="Show only people of whom" withCloseButton={false} size={720}>
      <form
        className={classes['builder']}
        onSubmit={(event) => {
          event.preventDefault();
          if (expression !== null) onNarrow(expression);
        }}
      >
        <Builder site={site.id} draft={draft} onChange={setDraft} />
        <CountLine site={site} expression={expression} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button size="sm" type="submit" disabled={expression === null}>
            Show them
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
