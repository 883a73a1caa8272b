import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Prompt } from '../../main/contract/prompts.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { toast } from '../frame/toasts.tsx';
import { sentence } from '../parts/errors.ts';
import { ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { cleaned, keepDraft, problemOf, recallDraft } from './draft.ts';
import { LookFields } from './look-fields.tsx';
import { Preview } from './preview.tsx';
import classes from './prompts.module.css';
import { TopicFields } from './topic-fields.tsx';
import { WayFields } from './way-fields.tsx';
import { WelcomeFields } from './welcome-fields.tsx';
import { WordFields } from './word-fields.tsx';

/** How visitors are asked: chosen, worded and coloured here, and shown by every page without a change to the site. */
export function Prompts(): ReactNode {
  const site = useSite();
  const api = useApi();
  const prompt = useQuery(api.prompts.get.queryOptions({ input: { site: site.id } }));
  if (!prompt.data) {
    return (
      <Screen title="Ways to ask">
        {prompt.error ? (
          <ErrorState error={prompt.error} onRetry={() => void prompt.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )}
      </Screen>
    );
  }
  // another site is another form
  return <Editor key={site.id} stored={prompt.data} />;
}

/** What every group of fields is given. */
export interface FieldsProps {
  prompt: Prompt;
  /** The language whose words are being written. */
  language: string;
  onChange: (some: Partial<Prompt>) => void;
}

function Editor({ stored }: { stored: Prompt }) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => recallDraft(site.id, stored) ?? stored);
  const [language, setLanguage] = useState(stored.language);
  const differs = (one: Prompt) => JSON.stringify(cleaned(one)) !== JSON.stringify(cleaned(stored));
  const changed = differs(draft);
  const problem = problemOf(draft);
  const save = useMutation({
    mutationFn: () => client.prompts.set({ site: site.id, prompt: cleaned(draft) }),
    onSuccess: (prompt) => {
      queries.setQueryData(api.prompts.get.queryKey({ input: { site: site.id } }), prompt);
      setDraft(prompt);
      keepDraft(site.id, null);
      toast('Saved. Pages that are opened from now on have it within a minute.');
    },
  });
  const fields: FieldsProps = {
    prompt: draft,
    language,
    onChange: (some) => {
      const next = { ...draft, ...some };
      setDraft(next);
      keepDraft(site.id, differs(next) ? next : null);
    },
  };
  return (
    <Screen
      title="Ways to ask"
      layout="fill"
      actions={
        changed && (
          <>
            <Button
              variant="subtle"
              color="gray"
              onClick={() => {
                save.reset();
                setDraft(stored);
                keepDraft(site.id, null);
              }}
            >
              Leave it as it was
            </Button>
            <Button loading={save.isPending} disabled={problem !== undefined} onClick={() => save.mutate()}>
              Save
            </Button>
          </>
        )
      }
    >
      <div className={classes['desk']}>
        <form
          className={classes['form']}
          aria-label="Ways to ask"
          noValidate
          onSubmit={(event) => event.preventDefault()}
        >
          {changed && problem && <Note>{problem}</Note>}
          {save.error !== null && <Note tone="bad">{sentence(save.error)}</Note>}
          <WayFields {...fields} />
          <WordFields {...fields} onLanguage={setLanguage} />
          <TopicFields {...fields} />
          <LookFields {...fields} />
          <WelcomeFields {...fields} />
        </form>
        <Preview prompt={draft} language={language} onLanguage={setLanguage} />
      </div>
    </Screen>
  );
}
