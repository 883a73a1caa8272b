import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import type { Expression } from '../../main/contract/expressions.ts';
import type { Segment as Saved, SegmentUsers } from '../../main/contract/segments.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { explain } from '../parts/errors.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Builder } from './builder.tsx';
import { draftOf, expressionOf, readExpression } from './draft.ts';
import { Findings } from './findings.tsx';
import classes from './segments.module.css';
import { useNames } from './use-names.ts';

/** One segment, or a new one: what it is called and whom it means, counted while it is said. */
export function Segment(): ReactNode {
  const api = useApi();
  const { segment: id } = useParams({ from: '/sites/$site/segments/$segment' });
  const { matching } = useSearch({ from: '/sites/$site/segments/$segment' });
  const isNew = id === 'new';
  const saved = useQuery(api.segments.get.queryOptions({ input: { id }, enabled: !isNew }));
  if (isNew) return <Editor key={`new ${matching}`} saved={null} begun={readExpression(matching)} />;
  if (!saved.data)
    return (
      <Screen title="Segment" trail={[<Trail key="list" />]}>
        {saved.error ? (
          <ErrorState error={saved.error} onRetry={() => void saved.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </Screen>
    );
  return <Editor key={id} saved={saved.data} begun={saved.data.expression} />;
}

function Trail() {
  const site = useSite();
  return (
    <Link to="/sites/$site/segments" params={{ site: site.id }}>
      Segments
    </Link>
  );
}

interface Props {
  saved: (Saved & { usedBy: SegmentUsers }) | null;
  begun: Expression | null;
}

function Editor({ saved, begun }: Props) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const names = useNames(site.id);
  const [name, setName] = useState(saved?.name ?? '');
  const [draft, setDraft] = useState(() => draftOf(begun ?? { all: [] }));
  const [touched, setTouched] = useState(false);
  const expression = expressionOf(draft);
  const refresh = () => queries.invalidateQueries({ queryKey: api.segments.key() });
  const at = (segment: string) =>
    ({ to: '/sites/$site/segments/$segment', params: { site: site.id, segment } }) as const;

  const save = useMutation({
    mutationFn: (said: Expression) =>
      saved === null
        ? client.segments.create({ site: site.id, name, expression: said })
        : client.segments.update({ id: saved.id, name, expression: said }),
    onSuccess: async ({ id }) => {
      await refresh();
      toast('The segment is saved.');
      if (saved === null) await navigate({ ...at(id), replace: true });
    },
    onError: (error) => {
      setTouched(true);
      toastError('It was not saved', error);
    },
  });
  const duplicate = useMutation({
    mutationFn: (id: string) => client.segments.duplicate({ id }),
    onSuccess: async ({ id }) => {
      await refresh();
      await navigate(at(id));
    },
    onError: (error) => toastError('It was not duplicated', error),
  });
  const restore = (gone: Saved) =>
    client.segments
      .create({ site: site.id, name: gone.name, expression: gone.expression })
      .then(refresh, (error) => toastError('It could not be brought back', error));
  const remove = useMutation({
    mutationFn: (one: Saved) => client.segments.remove({ id: one.id }),
    onSuccess: async (_, one) => {
      await navigate({ to: '/sites/$site/segments', params: { site: site.id }, replace: true });
      queries.removeQueries({ queryKey: api.segments.get.key({ input: { id: one.id } }) });
      await refresh();
      toast(`“${one.name}” is deleted.`, { undo: () => void restore(one) });
    },
    onError: (error) => toastError('It was not deleted', error),
  });

  const nameError = touched && name.trim() === '' ? 'Give it a name.' : fieldError(save.error, '/name');
  const trySave = () => {
    setTouched(true);
    if (name.trim() === '' || expression === null) {
      const missing = name.trim() === '' ? '[data-segment-name]' : '[data-condition] input[value=""]';
      document.querySelector<HTMLElement>(missing)?.focus();
      return;
    }
    if (!save.isPending) save.mutate(expression);
  };
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
    if (document.querySelector('[role=dialog]')) return;
    event.preventDefault();
    trySave();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  const users = saved ? [...saved.usedBy.segments, ...saved.usedBy.campaigns].length : 0;
  const askRemove = async (one: Saved) => {
    // the core says who needs it
    if (users > 0) return remove.mutate(one);
    const yes = await confirm({
      title: 'Delete this segment?',
      body: `“${one.name}” is not used by a draft, a scheduled campaign or another segment. The people in it stay.`,
      action: 'Delete the segment',
      danger: true,
    });
    if (yes) remove.mutate(one);
  };

  return (
    <Screen
      title={saved?.name ?? 'New segment'}
      trail={[<Trail key="list" />]}
      layout="fill"
      actions={
        <>
          {saved && (
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  {...props}
                  to="/sites/$site/compose"
                  params={{ site: site.id }}
                  search={{ segment: saved.id }}
                />
              )}
            >
              Send to them
            </Button>
          )}
          <Button loading={save.isPending} onClick={trySave}>
            Save
          </Button>
          {saved && (
            <Menu position="bottom-end" width={200}>
              <Menu.Target>
                <ActionIcon aria-label="More for this segment">
                  <IconDots size={17} stroke={1.5} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  leftSection={<IconCopy size={15} stroke={1.5} />}
                  onClick={() => duplicate.mutate(saved.id)}
                >
                  Duplicate
                </Menu.Item>
                <Menu.Item
                  color="red"
                  leftSection={<IconTrash size={15} stroke={1.5} />}
                  onClick={() => void askRemove(saved)}
                >
                  Delete…
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </>
      }
    >
      <div className={classes['desk']}>
        <form
          className={classes['form']}
          aria-label="Segment"
          noValidate
          onSubmit={(event) => event.preventDefault()}
        >
          <TextInput
            label="Name"
            data-segment-name
            maxLength={100}
            value={name}
            error={nameError}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <div>
            <h2 className={classes['heading']}>Active people of whom</h2>
            <Builder site={site.id} draft={draft} onChange={setDraft} />
          </div>
          {touched && expression === null && (
            <p className={classes['bad']} role="alert">
              A condition still lacks something.
            </p>
          )}
        </form>
        <div className={classes['side']}>
          <Findings site={site} expression={expression} names={names} />
          {expression !== null && (
            <Link
              to="/sites/$site/subscribers"
              params={{ site: site.id }}
              search={{ matching: JSON.stringify(expression) }}
            >
              Show them in the list
            </Link>
          )}
          {saved && <UsedBy users={saved.usedBy} site={site.id} />}
        </div>
      </div>
    </Screen>
  );
}

const fieldError = (error: unknown, pointer: string) =>
  error ? explain(error).fields.find((field) => field.pointer === pointer)?.detail : undefined;

function UsedBy({ users, site }: { users: SegmentUsers; site: string }) {
  const { segments, campaigns } = users;
  return (
    <section>
      <h2 className={classes['heading']}>Used by</h2>
      {segments.length + campaigns.length === 0 && (
        <p className="dim">No draft, scheduled campaign or other segment.</p>
      )}
      <ul className={classes['newest']}>
        {segments.map(({ id, name }) => (
          <li key={id}>
            <Link to="/sites/$site/segments/$segment" params={{ site, segment: id }}>
              <span dir="auto">{name}</span>
            </Link>
            <span className="dim small">Segment</span>
          </li>
        ))}
        {campaigns.map(({ id, title, state }) => (
          <li key={id}>
            <Link to="/sites/$site/campaigns/$campaign" params={{ site, campaign: id }}>
              <span dir="auto">{title}</span>
            </Link>
            <span className="dim small">{state === 'draft' ? 'Draft' : 'Scheduled'}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
