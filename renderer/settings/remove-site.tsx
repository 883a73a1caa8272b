import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { people } from '../parts/format.ts';
import { Section } from './section.tsx';

/** Deletes the site with all that belongs to it. */
export function RemoveSite() {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const remove = useMutation({
    mutationFn: () => client.sites.remove({ id: site.id }),
    onSuccess: async () => {
      toast(`${site.name} is deleted.`);
      await queries.invalidateQueries({ queryKey: api.sites.key() });
      await navigate({ to: '/' });
    },
    onError: (error) => toastError('The site could not be deleted', error),
  });
  const { active, foreign, expired, unsubscribed } = site.subscribers;
  const all = people(active + foreign + expired + unsubscribed);
  const ask = async () => {
    const yes = await confirm({
      title: `Delete ${site.name}?`,
      body: `1 site, its key pair, ${all} and every campaign are deleted. ${people(active)} can never be reached with this key again. It cannot be undone.`,
      action: `Delete it with ${all}`,
      danger: true,
      final: true,
    });
    if (yes) remove.mutate();
  };
  return (
    <Section title="Delete this site" about="With its people, campaigns and keys.">
      <Button variant="light" color="red" loading={remove.isPending} onClick={() => void ask()}>
        Delete {site.name}…
      </Button>
    </Section>
  );
}
