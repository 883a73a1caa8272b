import { Button, Checkbox, Group, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SiteKey } from '../../main/contract/sites.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { CopyLine } from '../parts/code-block.tsx';
import { sentence } from '../parts/errors.ts';
import { people } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import { Section } from './section.tsx';
import classes from './settings.module.css';

/** How many people belong to a key, in words. */
function keyWords({ current, active, foreign, others }: SiteKey): string {
  const reachable = active + foreign;
  const who = reachable === 0 ? 'nobody' : people(reachable);
  const imported = foreign > 0 ? `, of whom ${foreign === reachable ? 'all' : people(foreign)} imported` : '';
  const left = reachable === 0 && others > 0 ? `, and ${people(others)} who left or expired` : '';
  return `${current ? 'Browsers subscribe with this one' : 'Former key'}: ${who}${imported}${left}.`;
}

/** All keys of the site: how many people are left on each, bringing one in, and changing to another. */
export function Keys() {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const keys = useQuery(api.sites.keys.queryOptions({ input: { id: site.id } }));
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [isCurrent, setCurrent] = useState(false);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: api.sites.key() });
  };
  const add = useMutation({
    mutationFn: (given: { key?: string; current: boolean }) => client.sites.addKey({ id: site.id, ...given }),
    onSuccess: ({ current }) => {
      setOpen(false);
      setText('');
      setCurrent(false);
      toast(current ? 'Browsers subscribe with the new key from their next visit.' : 'The key is here.');
    },
    onSettled: refresh,
  });
  const use = useMutation({
    mutationFn: (publicKey: string) => client.sites.chooseKey({ id: site.id, publicKey }),
    onSuccess: () => toast('Browsers subscribe with this key from their next visit.'),
    onError: (error) => toastError('The key could not be changed', error),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (publicKey: string) => client.sites.removeKey({ id: site.id, publicKey }),
    onError: (error) => toastError('The key could not be removed', error),
    onSettled: refresh,
  });
  const moving = people(site.subscribers.active);
  const change = async (act: () => void) => {
    const yes = await confirm({
      title: 'Let browsers subscribe with another key?',
      body: `${moving} move over one by one, each when they next visit your site. Until then they are sent to with the key that they have. A browser that refuses to subscribe anew is lost.`,
      action: 'Change the key',
      danger: true,
    });
    if (yes) act();
  };
  const items = keys.data?.items ?? [];
  return (
    <Section
      title="Keys of this site"
      about="A subscription works with the key that it was made with, and no other. People who come from another service bring its key along; people move over to the current key as they visit."
    >
      {keys.error && <Note tone="bad">{sentence(keys.error)}</Note>}
      <ul className={classes['keys']}>
        {items.map((key) => (
          <li key={key.publicKey}>
            <div>
              <CopyLine text={key.publicKey} label="the public key" />
              <p className="dim small">
                {keyWords(key)} Here since <Time at={key.createdAt} />.
              </p>
            </div>
            {!key.current && !site.practice && (
              <Group gap="xs" wrap="nowrap">
                <Button
                  variant="default"
                  size="compact-sm"
                  onClick={() => void change(() => use.mutate(key.publicKey))}
                >
                  Use it
                </Button>
                {key.active + key.foreign + key.others === 0 && (
                  <Button variant="default" size="compact-sm" onClick={() => remove.mutate(key.publicKey)}>
                    Remove
                  </Button>
                )}
              </Group>
            )}
          </li>
        ))}
      </ul>
      {isOpen && (
        <>
          <Textarea
            label="The key pair"
            description="PEM, a JWK, web-push’s JSON, or both halves in base64url. It is kept sealed."
            autosize
            minRows={4}
            maxRows={12}
            spellCheck={false}
            autoComplete="off"
            value={text}
            error={add.error ? sentence(add.error) : null}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Checkbox
            label="Let browsers subscribe with it from now on"
            description="Choose this where the people of a former service are to keep their subscription."
            checked={isCurrent}
            onChange={(event) => setCurrent(event.currentTarget.checked)}
          />
          <Group gap="sm">
            <Button
              loading={add.isPending}
              disabled={text.trim() === ''}
              onClick={() => add.mutate({ key: text, current: isCurrent })}
            >
              Bring it in
            </Button>
            <Button variant="subtle" color="gray" onClick={() => setOpen(false)}>
              Not now
            </Button>
          </Group>
        </>
      )}
      {!isOpen && !site.practice && (
        <Group gap="sm">
          <Button variant="default" onClick={() => setOpen(true)}>
            Bring a key in…
          </Button>
          <Button
            variant="default"
            loading={add.isPending}
            onClick={() => void change(() => add.mutate({ current: true }))}
          >
            Change to a fresh key…
          </Button>
        </Group>
      )}
    </Section>
  );
}
