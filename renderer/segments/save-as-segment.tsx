import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Expression } from '../../main/contract/expressions.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { toast } from '../frame/toasts.tsx';
import { sentence } from '../parts/errors.ts';
import classes from './segments.module.css';

interface Props {
  site: string;
  expression: Expression;
  onSaved: (segment: string) => void;
}

/** Keeps what was built in place as a segment of the site, so that it can be used again. */
export function SaveAsSegment({ site, expression, onSaved }: Props) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => client.segments.create({ site, name: name.trim(), expression }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: api.segments.list.key() });
      setOpen(false);
      toast(`“${name.trim()}” is a segment now.`);
      onSaved(id);
    },
  });
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
        Save as a segment…
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title="Save as a segment"
        withCloseButton={false}
        size={440}
      >
        <form
          className={classes['dialog']}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') save.mutate();
          }}
        >
          <TextInput
            label="Name"
            data-autofocus
            maxLength={100}
            value={name}
            error={save.error ? sentence(save.error) : null}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" size="sm" onClick={() => setOpen(false)}>
              Not now
            </Button>
            <Button size="sm" type="submit" loading={save.isPending} disabled={name.trim() === ''}>
              Save
            </Button>
          </Group>
        </form>
      </Modal>
    </>
  );
}
