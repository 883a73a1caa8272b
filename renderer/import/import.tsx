import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Import as File } from '../../main/contract/imports.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSite } from '../frame/site.tsx';
import { toastError } from '../frame/toasts.tsx';
import { JobProgress } from '../jobs/progress.tsx';
import { people } from '../parts/format.ts';
import { ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import { ChooseFile } from './choose-file.tsx';
import classes from './import.module.css';
import { Plan } from './plan.tsx';
import { Result } from './result.tsx';
import { importStateWords } from './words.ts';

/** Brings subscribers in from a file: choose it, say what its columns are, try it, import it. */
export function Import(): ReactNode {
  const site = useSite();
  const api = useApi();
  const navigate = useNavigate({ from: '/sites/$site/import' });
  const { file: id } = useSearch({ from: '/sites/$site/import' });
  const list = useQuery(api.imports.list.queryOptions({ input: { site: site.id } }));
  const params = { site: site.id };
  const trail = [
    <Link key="list" to="/sites/$site/subscribers" params={params}>
      Subscribers
    </Link>,
  ];
  if (id !== undefined) return <OneImport key={id} id={id} trail={trail} />;
  const open = (file: string) => void navigate({ search: { file } });
  const earlier = list.data?.items ?? [];
  return (
    <Screen title="Import" trail={trail}>
      <div className={classes['page']}>
        <p>
          Bring subscribers in from another service, or from another Belfry. They stay <em>imported</em> until
          their browser visits your site with Belfry’s service worker; until then only the former service’s
          worker would receive a message, so campaigns to everyone leave them out.
        </p>
        {site.practice ? (
          <Note>This is a practice site: real people never come into it.</Note>
        ) : (
          <ChooseFile onChosen={open} />
        )}
        {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {earlier.length > 0 && (
          <section className={classes['section']} aria-labelledby="earlier">
            <h2 id="earlier">Files so far</h2>
            <ul className={classes['list']}>
              {earlier.map((file) => (
                <li key={file.id}>
                  <Link to="/sites/$site/import" params={params} search={{ file: file.id }} dir="auto">
                    {file.name}
                  </Link>
                  <span className="dim">
                    {importStateWords[file.state]}, <Time at={file.finishedAt ?? file.createdAt} />
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Screen>
  );
}

function OneImport({ id, trail }: { id: string; trail: ReactNode[] }) {
  const site = useSite();
  const api = useApi();
  const file = useQuery(api.imports.get.queryOptions({ input: { id } }));
  const whole = [
    ...trail,
    <Link key="import" to="/sites/$site/import" params={{ site: site.id }}>
      Import
    </Link>,
  ];
  return (
    <Screen title={file.data?.name ?? 'File'} trail={whole}>
      <div className={classes['page']}>
        {file.data ? (
          <Steps file={file.data} />
        ) : file.error ? (
          <ErrorState error={file.error} onRetry={() => void file.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </div>
    </Screen>
  );
}

function Steps({ file }: { file: File }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.imports.cancel({ id: file.id }),
    onSuccess: (now) => queries.setQueryData(api.imports.get.queryKey({ input: { id: file.id } }), now),
    onError: (error) => toastError('It could not be cancelled', error),
  });
  if (file.job)
    return (
      <div className={classes['section']} role="status">
        <h2>{importStateWords[file.state]}</h2>
        <JobProgress label={file.job.title} job={file.job} />
        {file.job.cancellable && (
          <div className={classes['row']}>
            <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel
            </Button>
          </div>
        )}
      </div>
    );
  if (file.state === 'receiving')
    return (
      <>
        <Note>
          Only a part of this file is here. Choose the same file again, and it goes on where it stopped.
        </Note>
        <AfterWards file={file} />
      </>
    );
  if (file.state === 'finished' || file.state === 'undone')
    return (
      <>
        {file.problem && <Note tone="bad">{file.problem}</Note>}
        {file.state === 'undone' && <p>It was taken back: whoever has not been seen since is gone again.</p>}
        {file.counts && <Result file={file} counts={file.counts} isDone />}
        {file.state === 'finished' && (file.counts?.added ?? 0) > 0 && <NextSteps />}
        <AfterWards file={file} />
      </>
    );
  return (
    <>
      {(file.state === 'cancelled' || file.state === 'interrupted') && (
        <Note>
          {importStateWords[file.state]}.{' '}
          {file.counts
            ? `${people(file.counts.added)} came in before that. Import it again to go on: nobody comes in twice.`
            : 'Nothing was changed. It can be run again.'}
        </Note>
      )}
      {file.state === 'failed' && file.checked && <Result file={file} counts={file.checked} isDone={false} />}
      <Plan file={file} />
      <AfterWards file={file} />
    </>
  );
}

/** What makes imported people reachable: the worker in its place, the script on the pages. */
function NextSteps() {
  const site = useSite();
  const params = { site: site.id };
  return (
    <section className={classes['section']} aria-labelledby="next">
      <h2 id="next">So that they can be reached</h2>
      <ol className={classes['steps']}>
        <li>
          Find where the former service’s worker lies: in a browser’s developer tools on your site, under
          Application, Service workers. A browser keeps a subscription with the worker at that path and scope.
        </li>
        <li>
          Serve Belfry’s worker at the same path: the file that{' '}
          <Link to="/sites/$site/setup" params={params}>
            Set up
          </Link>{' '}
          shows. Then enter that path in{' '}
          <Link to="/sites/$site/settings" params={params}>
            Settings
          </Link>
          ; it is <code>{site.settings.workerPath}</code> now.
        </li>
        <li>
          Put Belfry’s script on your pages in place of the former one. Everyone turns from imported to active
          on their next visit.
        </li>
      </ol>
    </section>
  );
}

/** What can be done with an import when nothing is under way. */
function AfterWards({ file }: { file: File }) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const params = { site: site.id };
  const undo = useMutation({
    mutationFn: () => client.imports.undo({ id: file.id }),
    onSuccess: (now) => queries.setQueryData(api.imports.get.queryKey({ input: { id: file.id } }), now),
    onError: (error) => toastError('It could not be taken back', error),
  });
  const remove = useMutation({
    mutationFn: () => client.imports.remove({ id: file.id }),
    onSuccess: async () => {
      await navigate({ to: '/sites/$site/import', params });
      void queries.invalidateQueries({ queryKey: api.imports.list.key() });
    },
    onError: (error) => toastError('It could not be deleted', error),
  });
  const added = file.counts?.added ?? 0;
  const askUndo = async () => {
    const yes = await confirm({
      title: 'Take this import back?',
      body: `This deletes the ${people(added)} whom it added, but for those whose browsers have been seen since.`,
      action: `Take ${people(added)} back`,
      danger: true,
    });
    if (yes) undo.mutate();
  };
  return (
    <div className={classes['row']}>
      {added > 0 && file.state !== 'undone' && (
        <>
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link {...props} to="/sites/$site/subscribers" params={params} search={{ state: 'foreign' }} />
            )}
          >
            See who was imported
          </Button>
          <Button variant="default" loading={undo.isPending} onClick={() => void askUndo()}>
            Take it back…
          </Button>
        </>
      )}
      <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
        {file.state === 'finished' || file.state === 'undone' ? 'Take it off the list' : 'Delete the file'}
      </Button>
    </div>
  );
}
