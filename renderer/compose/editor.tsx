import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { Screen } from '../frame/screen.tsx';
import { commandKey, Keys } from '../frame/shortcuts.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { paceWords } from '../parts/campaign-words.ts';
import { explain } from '../parts/errors.ts';
import { formatAppointment, formatNumber, people } from '../parts/format.ts';
import { Previews } from '../parts/previews.tsx';
import { Note } from '../parts/states.tsx';
import { AudienceField } from './audience-field.tsx';
import { CapField, hasCap, useCapped } from './cap-field.tsx';
import { CheckLine, useCheck } from './check-line.tsx';
import classes from './compose.module.css';
import { type Draft, emptyDraft, keepDraft, messageOf, paceOf, problemsOf } from './draft.ts';
import { MessageFields } from './message-fields.tsx';
import { PaceField } from './pace-field.tsx';
import { ScheduleButton } from './schedule-button.tsx';
import { SendTest } from './send-test.tsx';

type Intent = { kind: 'send' } | { kind: 'schedule'; at: string } | { kind: 'save' };
const failures = {
  send: 'It was not sent',
  schedule: 'It was not scheduled',
  save: 'The draft was not saved',
};

/**
 * Hands a draft to the core: as a draft, for a time, or at once. What is scheduled already keeps its time when it is
 * saved. Gives the campaign's id.
 */
function useDeliver(campaign: Campaign | undefined) {
  const site = useSite();
  const client = useClient();
  return async (draft: Draft, intent: Intent): Promise<string> => {
    const message = messageOf(draft);
    const audience = draft.audience ?? { everyone: true };
    const pace = paceOf(draft);
    const { ignoreCap } = draft;
    if (campaign === undefined) {
      const made = await client.campaigns.create({
        site: site.id,
        message,
        audience,
        pace: pace ?? undefined,
        ignoreCap: ignoreCap || undefined,
        at: intent.kind === 'schedule' ? intent.at : undefined,
        draft: intent.kind === 'save' || undefined,
      });
      return made.id;
    }
    const { id } = campaign;
    const at = { send: null, schedule: intent.kind === 'schedule' ? intent.at : null, save: undefined };
    await client.campaigns.update({ id, message, audience, pace, ignoreCap, at: at[intent.kind] });
    if (intent.kind !== 'save') await client.campaigns.start({ id });
    return id;
  };
}

/** The screen on which a message is written. */
export function Editor({ initial, campaign }: { initial: Draft; campaign: Campaign | undefined }) {
  const draftId = campaign?.id;
  const scheduledAt = campaign?.state === 'scheduled' ? campaign.at : null;
  const site = useSite();
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const client = useClient();
  const deliver = useDeliver(campaign);
  const [draft, setDraft] = useState(initial);
  const [touched, setTouched] = useState(false);
  const message = useMemo(() => messageOf(draft), [draft]);
  const shown = useDeferredValue(message);
  const problems = problemsOf(draft);
  const check = useCheck(site.id, message, draft.audience, problems.size === 0);
  const cap = site.settings.frequencyCap;
  const capped = useCapped(site.id, draft.audience, hasCap(cap) && !draft.ignoreCap);
  const refused = new Map(explain(check.error).fields.map(({ pointer, detail }) => [pointer, detail]));

  const change = (some: Partial<Draft>) => {
    const next = { ...draft, ...some };
    setDraft(next);
    if (draftId === undefined) keepDraft(site.id, next);
  };
  const done = useMutation({
    mutationFn: (intent: Intent) => deliver(draft, intent),
    onSuccess: async (id, intent) => {
      keepDraft(site.id, null);
      void queries.invalidateQueries({ queryKey: api.campaigns.key() });
      if (intent.kind === 'save' && scheduledAt !== null) {
        toast(`Saved. It is still sent on ${formatAppointment(scheduledAt)}.`);
      } else if (intent.kind === 'save') {
        toast('The draft is saved.');
        await navigate({
          to: '/sites/$site/compose',
          params: { site: site.id },
          search: { draft: id },
          replace: true,
        });
        return;
      }
      if (intent.kind === 'schedule') toast('It will be sent at its time.');
      await navigate({ to: '/sites/$site/campaigns/$campaign', params: { site: site.id, campaign: id } });
    },
    onError: (error, { kind }) => {
      toastError(failures[kind], error);
    },
  });

  /** Shows what is missing and goes to the first of it. */
  const complete = () => {
    if (problems.size === 0) return true;
    setTouched(true);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
    return false;
  };
  const ask = async (intent: Extract<Intent, { kind: 'send' | 'schedule' }>) => {
    if (done.isPending || !complete()) return;
    const fresh =
      check.settled && check.data && !check.isPlaceholderData
        ? check.data
        : await client.campaigns
            .check({ site: site.id, message, audience: draft.audience ?? { everyone: true } })
            .catch(() => null);
    const to = fresh ? people(fresh.people) : 'everyone it is meant for';
    const pace = paceOf(draft);
    const yes = await confirm({
      title: intent.kind === 'send' ? 'Send it now?' : 'Schedule it?',
      body: (
        <>
          <p>
            <span dir="auto">“{message.title}”</span> goes to {to}
            {intent.kind === 'schedule'
              ? `, on ${formatAppointment(intent.at)}`
              : pace === null
                ? ' at once'
                : ', from now on'}
            {pace !== null && `, ${paceWords(pace)}`}.
          </p>
          {capped !== undefined && capped > 0 && (
            <p>
              {formatNumber(capped)} of them will be skipped: they have had as many as the settings allow.
            </p>
          )}
          {fresh?.warnings.map((warning) => (
            <Note key={warning}>{warning}</Note>
          ))}
        </>
      ),
      action: intent.kind === 'send' ? `Send to ${to}` : `Schedule for ${to}`,
      grave: true,
    });
    if (yes) done.mutate(intent);
  };
  const save = () => {
    if (!done.isPending && complete()) done.mutate({ kind: 'save' });
  };

  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || document.querySelector('[role=dialog]')) return;
    if (event.key === 'Enter') void ask({ kind: 'send' });
    else if (event.key.toLowerCase() === 's') save();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  const errorOf = (pointer: string) => {
    const said = refused.get(pointer) ?? problems.get(pointer);
    const early = pointer.endsWith('/title') || pointer === '/audience';
    return touched || (!early && refused.has(pointer)) ? said : undefined;
  };
  const blank = JSON.stringify(draft) === JSON.stringify(emptyDraft);
  const hint = problems.has('/message/title')
    ? 'Write a title to begin with.'
    : problems.size > 0
      ? [...problems.values()][0]
      : undefined;
  return (
    <Screen
      title={scheduledAt !== null ? 'Edit scheduled message' : draftId ? 'Edit draft' : 'Compose'}
      layout="fill"
      actions={
        !blank && !draftId ? (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              const before = draft;
              change(emptyDraft);
              toast('Everything was emptied.', { undo: () => change(before) });
            }}
          >
            Start over
          </Button>
        ) : null
      }
    >
      <div className={classes['desk']}>
        <form
          className={classes['form']}
          aria-label="Message"
          noValidate
          onSubmit={(event) => event.preventDefault()}
          onBlur={(event) => {
            if (event.target.matches('input[type=url]') && problems.size > 0 && draft.title) setTouched(true);
          }}
        >
          <AudienceField
            site={site.id}
            active={site.subscribers.active}
            audience={draft.audience}
            error={errorOf('/audience')}
            onChange={(audience) => change({ audience })}
          />
          <MessageFields draft={draft} errorOf={errorOf} onChange={change} />
          {draft.audience !== null && !('subscriber' in draft.audience) && (
            <PaceField pace={draft.pace} people={check.data?.people} onChange={(pace) => change({ pace })} />
          )}
          {hasCap(cap) && (
            <CapField cap={cap} ignored={draft.ignoreCap} onChange={(ignoreCap) => change({ ignoreCap })} />
          )}
        </form>
        <div className={classes['side']}>
          <Previews message={shown} origin={site.origins[0] ?? ''} />
        </div>
      </div>
      {!hint && check.data && check.data.warnings.length > 0 && (
        <div className={classes['warnings']}>
          {check.data.warnings.map((warning) => (
            <Note key={warning}>{warning}</Note>
          ))}
        </div>
      )}
      <footer className={classes['foot']}>
        <div aria-live="polite" className={classes['checkPlace']}>
          <CheckLine check={check} hint={hint} capped={capped} />
        </div>
        <Button
          variant="subtle"
          color="gray"
          loading={done.isPending && done.variables?.kind === 'save'}
          onClick={save}
        >
          {scheduledAt !== null ? 'Save changes' : 'Save draft'}
        </Button>
        <SendTest message={message} ready={complete} />
        <ScheduleButton
          at={scheduledAt}
          ready={complete}
          onSchedule={(at) => void ask({ kind: 'schedule', at })}
        />
        <Button
          color="bronze"
          loading={done.isPending && done.variables?.kind !== 'save'}
          rightSection={
            <span className={classes['sendKeys']} aria-hidden="true">
              <Keys keys={[commandKey, '↵']} />
            </span>
          }
          onClick={() => void ask({ kind: 'send' })}
        >
          Send now
        </Button>
      </footer>
    </Screen>
  );
}
