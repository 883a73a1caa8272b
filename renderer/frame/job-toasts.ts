import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { useClient } from './api.tsx';
import { useLive } from './connection.tsx';
import { toast, toastError } from './toasts.tsx';

/** Says what came of a job, on whatever screen one is. Who cancelled it knows. */
export function useJobToasts() {
  const told = useRef(new Set<string>());
  const navigate = useNavigate();
  const client = useClient();
  /** A change to many people offers to be taken back. */
  const tellChange = async (id: string, result: string) => {
    const undo = () =>
      void client.changes.undo({ id }).catch((error) => toastError('It could not be taken back', error));
    const change = await client.changes.get({ id }).catch(() => null);
    toast(result, change?.undoable ? { undo } : {});
  };
  useLive((event) => {
    if (event.type !== 'job' || event.job.endedAt === null || told.current.has(event.id)) return;
    told.current.add(event.id);
    const { state, title, result, kind, about } = event.job;
    if (kind === 'people.change' && about !== null && state !== 'failed')
      return void tellChange(about, result ?? title);
    if (state === 'failed') toastError(`${title}: it failed`, new Error(result ?? ''), result ?? undefined);
    else if (state === 'done' && result)
      toast(result, { action: { label: 'See', run: () => void navigate({ to: '/jobs' }) } });
  });
}
