import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Expression } from '../../main/contract/expressions.ts';
import { useSite } from '../frame/site.tsx';
import { Builder } from './builder.tsx';
import { draftOf, expressionOf, newCondition } from './draft.ts';
import { CountLine } from './findings.tsx';
import classes from './segments.module.css';

interface Props {
  title: string;
  /** The word on the button that takes it. */
  action: string;
  /** What is said so far. */
  begun: Expression | null;
  onClose: () => void;
  onBuilt: (expression: Expression) => void;
}

/** Builds an expression in place, counted while it is built. */
export function ExpressionDialog({ title, action, begun, onClose, onBuilt }: Props) {
  const site = useSite();
  const [draft, setDraft] = useState(() => {
    const first = draftOf(begun ?? { all: [] });
    return first.members.length > 0 ? first : { ...first, members: [newCondition()] };
  });
  const expression = expressionOf(draft);
  return (
    <Modal opened onClose={onClose} title={title} withCloseButton={false} size={720}>
      <form
        className={classes['dialog']}
        onSubmit={(event) => {
          event.preventDefault();
          if (expression !== null) onBuilt(expression);
        }}
      >
        <Builder site={site.id} draft={draft} onChange={setDraft} />
        <CountLine site={site} expression={expression} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" size="sm" onClick={onClose}>
            Not now
          </Button>
          <Button size="sm" type="submit" disabled={expression === null}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
