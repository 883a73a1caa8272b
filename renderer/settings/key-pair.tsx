import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toastError } from '../frame/toasts.tsx';
import { CodeBlock, CopyLine } from '../parts/code-block.tsx';
import { people } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { Section } from './section.tsx';

/** The key pair that subscriptions are bound to, and how to take it elsewhere. */
export function KeyPair() {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const confirm = useConfirm();
  const system = useQuery(api.system.get.queryOptions());
  const [shown, setShown] = useState<string | null>(null);
  const exportKey = useMutation({
    mutationFn: () => client.sites.exportVapidKey({ id: site.id, confirm: true }),
    onSuccess: (pair) => setShown(JSON.stringify(pair, null, 2)),
    onError: (error) => toastError('The key pair could not be shown', error),
  });
  const ask = async () => {
    const yes = await confirm({
      title: 'Show the private key?',
      body: `Whoever has it can send to all ${people(site.subscribers.active)} in your name. Keep the copy where only you can read it.`,
      action: 'Show the private key',
      danger: true,
    });
    if (yes) exportKey.mutate();
  };
  const store = system.data?.keyStore;
  return (
    <Section
      title="Key pair (VAPID)"
      about="Browsers subscribe with this key pair, and each subscription works with no other. Keep a copy: without it nobody can be reached from another machine."
    >
      <CopyLine text={site.vapidPublicKey} label="the public key" />
      {store?.warning ? (
        <Note>{store.warning}</Note>
      ) : (
        store && <p className="dim">The private half is kept in: {store.kind}.</p>
      )}
      {shown ? (
        <>
          <CodeBlock label="Key pair" code={shown} />
          <Button variant="default" onClick={() => setShown(null)}>
            Hide it
          </Button>
        </>
      ) : (
        <Button variant="default" loading={exportKey.isPending} onClick={() => void ask()}>
          Export the key pair…
        </Button>
      )}
    </Section>
  );
}
