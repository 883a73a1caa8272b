import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { BulkChange } from '../../main/contract/changes.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { toastError } from '../frame/toasts.tsx';
import { Note } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import classes from './jobs.module.css';

function Change({ change, siteName }: { change: BulkChange; siteName: string | undefined }) {
  const client = useClient();
  const undo = useMutation({
    mutationFn: () => client.changes.undo({ id: change.id }),
    onError: (error) => toastError('It could not be taken back', error),
  });
  const { title, result, state, finishedAt, undoable } = change;
  return (
    <li>
      <div className={classes['what']}>
        <span className={classes['title']} dir="auto">
          {title}
        </span>
        {state === 'failed' ? <Note tone="bad">{result}</Note> : <p className="dim">{result}</p>}
        <p className="dim small">
          {[siteName, state === 'undone' && 'Taken back'].filter(Boolean).join(' · ')}
        </p>
      </div>
      <div className={classes['side']}>
        <span className="dim">
          <Time at={finishedAt} />
        </span>
        {undoable && (
          <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
            Take back
          </Button>
        )}
      </div>
    </li>
  );
}

/** Changes to many people that are over, of the days in which they can be taken back. */
export function Changes({ nameOf }: { nameOf: (site: string) => string | undefined }) {
  const api = useApi();
  const changes = useQuery(api.changes.list.queryOptions({ input: { limit: 50 } }));
  const over = changes.data?.items.filter(({ finishedAt }) => finishedAt !== null) ?? [];
  if (over.length === 0) return null;
  return (
    <section>
      <h2>Changes to many people in the last 7 days</h2>
      <ul>
        {over.map((change) => (
          <Change key={change.id} change={change} siteName={nameOf(change.site)} />
        ))}
      </ul>
    </section>
  );
}
