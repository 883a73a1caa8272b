import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../main/contract/access.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { CopyLine } from '../parts/code-block.tsx';
import { sentence } from '../parts/errors.ts';
import { Note } from '../parts/states.tsx';
import classes from './settings.module.css';

type Scope = ApiKey['scopes'][number];
const scopes: [scope: Scope, label: string, description: string][] = [
  ['send', 'Send', 'Make, start, pause and cancel campaigns'],
  ['read', 'Read', 'See subscribers, campaigns and their numbers'],
  ['manage', 'Manage', 'Add, change and remove subscribers, and change the site'],
];

/** Makes a key, and shows its secret this once. */
export function NewApiKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Scope[]>(['send']);
  const create = useMutation({
    mutationFn: () => client.apiKeys.create({ site: site.id, name: name.trim(), scopes: chosen }),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.apiKeys.key() }),
  });
  const close = () => {
    onClose();
    create.reset();
    setName('');
    setChosen(['send']);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={create.data ? 'Your new key' : 'New API key'}
      size={440}
      closeOnClickOutside={!create.data}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <div className={classes['controls']}>
          <p>Copy it now. It is shown this once, and Belfry keeps only a fingerprint of it.</p>
          <CopyLine text={create.data.secret} label="the key" />
          <Group justify="flex-end">
            <Button size="sm" onClick={close}>
              I have it
            </Button>
          </Group>
        </div>
      ) : (
        <form
          className={classes['controls']}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '' && chosen.length > 0) create.mutate();
          }}
        >
          <TextInput
            label="What is it for?"
            placeholder="Shop server"
            data-autofocus
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox.Group label="It may" value={chosen} onChange={setChosen}>
            <div className={classes['scopes']}>
              {scopes.map(([value, label, description]) => (
                <Checkbox key={value} {...{ value, label, description }} />
              ))}
            </div>
          </Checkbox.Group>
          {create.error && <Note tone="bad">{sentence(create.error)}</Note>}
          <Group justify="flex-end">
            <Button variant="default" size="sm" onClick={close}>
              Not now
            </Button>
            <Button
              type="submit"
              size="sm"
              loading={create.isPending}
              disabled={name.trim() === '' || chosen.length === 0}
            >
              Make the key
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
