import { Button, Group, Switch } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { CopyLine } from '../parts/code-block.tsx';
import { Note } from '../parts/states.tsx';
import { Section } from './section.tsx';
import { useSiteUpdate } from './use-site-update.ts';

/** Whether a site must sign the ids it gives its visitors, and the secret it signs them with. */
export function Identity() {
  const site = useSite();
  const client = useClient();
  const confirm = useConfirm();
  const update = useSiteUpdate();
  const [secret, setSecret] = useState<string | null>(null);
  const signed = site.settings.requireSignedExternalId;
  const show = useMutation({
    mutationFn: () => client.sites.identitySecret({ id: site.id }),
    onSuccess: (answer) => setSecret(answer.secret),
    onError: (error) => toastError('The secret could not be shown', error),
  });
  const rotate = useMutation({
    mutationFn: () => client.sites.rotateIdentitySecret({ id: site.id }),
    onSuccess: (answer) => {
      setSecret(answer.secret);
      toast('There is a new secret. The old one signs nothing any more.');
    },
    onError: (error) => toastError('The secret could not be changed', error),
  });
  const setSigned = async (on: boolean) => {
    const yes =
      on ||
      (await confirm({
        title: 'Accept unsigned ids?',
        body: 'Anyone could then claim to be any of your customers and get what is meant for them. Switch it off only while you try things.',
        action: 'Accept unsigned ids',
        danger: true,
      }));
    if (yes) update.mutate({ settings: { requireSignedExternalId: on } });
  };
  const askRotate = async () => {
    const yes = await confirm({
      title: 'Make a new secret?',
      body: 'Your server’s signatures made with the old one are refused from this moment on. People who are subscribed stay so.',
      action: 'Make a new secret',
      danger: true,
    });
    if (yes) rotate.mutate();
  };
  return (
    <Section
      title="Who a visitor is"
      about="Your pages may give a visitor’s own id with the subscription. Your server signs it with this secret (HMAC-SHA256, in hex), so that nobody can pass for somebody else."
    >
      <Switch
        label="Only signed ids are accepted"
        checked={signed}
        onChange={(event) => void setSigned(event.currentTarget.checked)}
      />
      {!signed && <Note>Anyone can claim to be any of your customers while this is off.</Note>}
      {secret && <CopyLine text={secret} label="the secret" />}
      <Group gap="sm">
        <Button
          variant="default"
          loading={show.isPending}
          onClick={() => (secret ? setSecret(null) : show.mutate())}
        >
          {secret ? 'Hide the secret' : 'Show the secret'}
        </Button>
        <Button variant="subtle" color="gray" loading={rotate.isPending} onClick={() => void askRotate()}>
          Make a new one…
        </Button>
      </Group>
    </Section>
  );
}
