import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite, useSites } from '../frame/site.tsx';
import { useRehearsal } from '../frame/use-rehearsal.ts';
import { formatCount, people } from '../parts/format.ts';
import { EmptyState, ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { Section } from '../settings/section.tsx';
import settings from '../settings/settings.module.css';
import { BehaviourFields } from './behaviour-fields.tsx';
import { useRehearsalEnd } from './use-rehearsal-end.ts';
import { Witness } from './witness.tsx';

/** Removes the practice site, after a question that counts what goes. */
function End() {
  const site = useSite();
  const sites = useSites();
  const client = useClient();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const end = useRehearsalEnd();
  const all = people(Object.values(site.subscribers).reduce((sum, count) => sum + count, 0));
  const ask = async () => {
    const listed = await client.campaigns.list({ site: site.id, limit: 500 }).catch(() => null);
    const campaigns = listed
      ? `${formatCount(listed.items.length, 'campaign', 'campaigns')}${listed.nextCursor ? ' and more' : ''}`
      : 'every campaign';
    const yes = await confirm({
      title: 'End the rehearsal?',
      body: `1 practice site, ${all}, all of them simulated, and ${campaigns} are removed. Your own sites stay as they are. It leaves no trace, and cannot be undone.`,
      action: `Remove it with ${all}`,
      danger: true,
    });
    if (!yes) return;
    end.mutate();
    // its screens are about to have nothing to show
    const other = sites.data?.items.find(({ practice }) => !practice);
    if (other) await navigate({ to: '/sites/$site', params: { site: other.id } });
    else await navigate({ to: '/new-site' });
  };
  return (
    <Section
      title="End the rehearsal"
      about="With its people, campaigns and push services. It leaves no trace, and you can always begin another."
    >
      <Button variant="light" color="red" loading={end.isPending} onClick={() => void ask()}>
        Remove the practice site…
      </Button>
    </Section>
  );
}

/** The rehearsal behind a practice site: how its push services behave, what its people saw, and its end. */
export function Rehearsal(): ReactNode {
  const site = useSite();
  const rehearsal = useRehearsal();
  if (!site.practice) {
    return (
      <Screen title="Rehearsal">
        <EmptyState title="This is no practice site">
          Its people are real. A rehearsal is begun under “New site”, at the top left.
        </EmptyState>
      </Screen>
    );
  }
  if (!rehearsal.data) {
    return (
      <Screen title="Rehearsal">
        {rehearsal.error ? (
          <ErrorState error={rehearsal.error} onRetry={() => void rehearsal.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )}
      </Screen>
    );
  }
  const { problem, totals } = rehearsal.data;
  return (
    <Screen title="Rehearsal">
      <div className={settings['settings']}>
        {problem && <Note tone="bad">{problem}</Note>}
        <BehaviourFields behaviour={rehearsal.data.behaviour} />
        <Section
          title="What the people saw"
          about="The rehearsal counts for itself what arrives and what people do, whatever Belfry believes. Both columns should say the same, once the last reactions have come in. It counts since Belfry was last started."
        >
          {totals ? (
            <Witness rehearsal={rehearsal.data} totals={totals} />
          ) : (
            <p className="dim">It counts once all people are there.</p>
          )}
        </Section>
        <End />
      </div>
    </Screen>
  );
}
