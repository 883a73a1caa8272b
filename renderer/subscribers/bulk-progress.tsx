import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Job } from '../../main/contract/jobs.ts';
import { useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { toastError } from '../frame/toasts.tsx';
import { JobProgress } from '../jobs/progress.tsx';
import { useUnderWay } from '../jobs/use-jobs.ts';
import classes from './bulk.module.css';

/** Changes to many people of this site that are under way. */
export function BulkProgress() {
  const site = useSite();
  const { jobs } = useUnderWay();
  const mine = jobs.filter((job) => job.site === site.id && job.kind.startsWith('people.'));
  return mine.map((job) => <Line key={job.id} job={job} />);
}

function Line({ job }: { job: Job }) {
  const client = useClient();
  const cancel = useMutation({
    mutationFn: () => client.jobs.cancel({ id: job.id }),
    onError: (error) => toastError('It could not be cancelled', error),
  });
  return (
    <section className={classes['progress']} aria-label={job.title}>
      <span dir="auto">{job.title}</span>
      <JobProgress label={job.title} job={job} />
      {job.state === 'stopping' ? (
        <span className="dim">Stopping</span>
      ) : (
        <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel
        </Button>
      )}
    </section>
  );
}
