import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { useLive } from './connection.tsx';
import { toast, toastError } from './toasts.tsx';

/** Says what came of a job, on whatever screen one is. Who cancelled it knows. */
export function useJobToasts() {
  const told = useRef(new Set<string>());
  const navigate = useNavigate();
  useLive((event) => {
    if (event.type !== 'job' || event.job.endedAt === null || told.current.has(event.id)) return;
    told.current.add(event.id);
    const { state, title, result } = event.job;
    if (state === 'failed') toastError(`${title}: it failed`, new Error(result ?? ''), result ?? undefined);
    else if (state === 'done' && result)
      toast(result, { action: { label: 'See', run: () => void navigate({ to: '/jobs' }) } });
  });
}
