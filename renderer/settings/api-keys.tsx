import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../main/contract/access.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import { NewApiKey } from './new-api-key.tsx';
import { Section } from './section.tsx';
import classes from './settings.module.css';

/** The keys with which other programs use Belfry for this site. */
export function ApiKeys() {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [making, setMaking] = useState(false);
  const keys = useQuery(api.apiKeys.list.queryOptions({ input: { site: site.id, limit: 500 } }));
  const valid = keys.data?.items.filter(({ revokedAt }) => revokedAt === null) ?? [];
  const revoke = useMutation({
    mutationFn: (id: string) => client.apiKeys.revoke({ id }),
    onSuccess: () => toast('The key is revoked.'),
    onError: (error) => toastError('The key could not be revoked', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.apiKeys.key() }),
  });
  const ask = async ({ id, name }: ApiKey) => {
    const yes = await confirm({
      title: `Revoke “${name}”?`,
      body: '1 key stops working at once, for every program that uses it. It cannot be brought back.',
      action: 'Revoke 1 key',
      danger: true,
    });
    if (yes) revoke.mutate(id);
  };
  return (
    <Section
      title="API keys"
      about="For your own server: to send, to read, to manage subscribers. Each key is for this site only."
    >
      {keys.isPending && <Skeleton lines={2} />}
      {keys.error && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
      {valid.length > 0 && (
        <ul className={classes['keys']}>
          {valid.map((key) => (
            <li key={key.id}>
              <div>
                <strong dir="auto">{key.name}</strong> <code className="dim small">{key.hint}…</code>
                <p className="dim small">
                  {key.scopes.join(', ')} ·{' '}
                  {key.lastUsedAt === null ? (
                    'never used'
                  ) : (
                    <>
                      last used <Time at={key.lastUsedAt} />
                    </>
                  )}
                </p>
              </div>
              <Tooltip label="Revoke">
                <ActionIcon aria-label={`Revoke ${key.name}`} onClick={() => void ask(key)}>
                  <IconX size={16} stroke={1.5} />
                </ActionIcon>
              </Tooltip>
            </li>
          ))}
        </ul>
      )}
      {keys.data && valid.length === 0 && <p className="dim">There is none yet.</p>}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} stroke={1.5} />}
        onClick={() => setMaking(true)}
      >
        New key
      </Button>
      <NewApiKey opened={making} onClose={() => setMaking(false)} />
    </Section>
  );
}
