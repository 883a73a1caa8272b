import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useApi } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { draftOf, emptyDraft, recallDraft } from './draft.ts';
import { Editor } from './editor.tsx';

/** Write a message, see how it looks, say to whom, and send it. */
export function Compose(): ReactNode {
  const { to, segment, draft, from } = useSearch({ from: '/sites/$site/compose' });
  const site = useSite();
  // another address is another message: nothing of the one before stays in the fields
  return <Loaded key={`${site.id} ${to} ${segment} ${draft} ${from}`} />;
}

function Loaded() {
  const site = useSite();
  const api = useApi();
  const { to, segment, draft, from } = useSearch({ from: '/sites/$site/compose' });
  const source = draft ?? from;
  const campaign = useQuery(
    api.campaigns.get.queryOptions({ input: { id: source ?? '' }, enabled: source !== undefined }),
  );
  const [recalled] = useState(() => recallDraft(site.id));
  if (source !== undefined && !campaign.data) {
    return (
      <Screen title="Compose">
        {campaign.error ? (
          <ErrorState error={campaign.error} onRetry={() => void campaign.refetch()} />
        ) : (
          <Skeleton />
        )}
      </Screen>
    );
  }
  const begun = campaign.data
    ? draftOf(campaign.data.message, campaign.data.audience, campaign.data.pace, campaign.data.ignoreCap)
    : (recalled ?? emptyDraft);
  const initial = to
    ? { ...begun, audience: { subscriber: to } }
    : segment
      ? { ...begun, audience: { segment } }
      : begun;
  const kept = draft !== undefined && campaign.data ? campaign.data : undefined;
  // what has begun in the meantime can only be used again
  const editable = kept?.state === 'draft' || kept?.state === 'scheduled' ? kept : undefined;
  return <Editor initial={initial} campaign={editable} />;
}
