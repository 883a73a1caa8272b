import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Job, JobState } from '../../main/contract/jobs.ts';
import { CampaignActions } from '../campaigns/actions.tsx';
import { useApi, useClient } from '../frame/api.tsx';
import { Screen } from '../frame/screen.tsx';
import { useSites } from '../frame/site.tsx';
import { Spoken } from '../frame/spoken.tsx';
import { toastError } from '../frame/toasts.tsx';
import { doneWords } from '../parts/campaign-words.ts';
import { formatDuration, formatNumber } from '../parts/format.ts';
import { Segments } from '../parts/segments.tsx';
import { EmptyState, ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import { Changes } from './changes.tsx';
import classes from './jobs.module.css';
import { JobProgress } from './progress.tsx';
import { useUnderWay } from './use-jobs.ts';
import { progressWords } from './words.ts';

function Running({ job }: { job: Job }) {
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.jobs.cancel({ id: job.id }),
    onError: (error) => toastError('It could not be cancelled', error),
    onSettled: () => queries.invalidateQueries({ queryKey: api.jobs.key() }),
  });
  return (
    <li>
      <div className={classes['what']}>
        <span className={classes['title']} dir="auto">
          {job.site !== null && job.kind.startsWith('people.') ? (
            <Link to="/sites/$site/subscribers" params={{ site: job.site }}>
              {job.title}
            </Link>
          ) : job.site !== null && job.kind.startsWith('import.') ? (
            <Link to="/sites/$site/import" params={{ site: job.site }}>
              {job.title}
            </Link>
          ) : (
            job.title
          )}
        </span>
        <JobProgress label={job.title} job={job} />
        <Spoken text={`${job.title}: ${progressWords(job)}`} state={job.state} />
      </div>
      <div className={classes['side']}>
        {job.state === 'stopping' ? (
          <span className="dim">Stopping</span>
        ) : (
          job.cancellable && (
            <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel
            </Button>
          )
        )}
      </div>
    </li>
  );
}

function Sending({ campaign, siteName }: { campaign: Campaign; siteName: string | undefined }) {
  const { id, site, message, counts, rate, secondsLeft } = campaign;
  return (
    <li>
      <div className={classes['what']}>
        <span className={classes['title']} dir="auto">
          <Link to="/sites/$site/campaigns/$campaign" params={{ site, campaign: id }}>
            {message.title}
          </Link>
        </span>
        <Segments counts={counts} />
        <p className="dim small tabular">
          {[
            doneWords(campaign),
            rate !== null && rate > 0 && `${formatNumber(rate)} a second`,
            secondsLeft !== null && `about ${formatDuration(secondsLeft)} left`,
            siteName,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <div className={classes['side']}>
        <CampaignActions campaign={campaign} />
      </div>
    </li>
  );
}

const ends: Partial<Record<JobState, string>> = { done: 'Done', cancelled: 'Cancelled', failed: 'Failed' };

/** A place for all that takes long: how far it is, how fast, how long it still takes, and a way to stop it. */
export function Jobs(): ReactNode {
  const { jobs, ended: over, campaigns, pending, error, retry } = useUnderWay();
  // those have a list of their own, which outlives the program
  const ended = over.filter(({ kind }) => !kind.startsWith('people.'));
  const sites = useSites();
  const several = (sites.data?.items.length ?? 0) > 1;
  const nameOf = (site: string) =>
    several ? sites.data?.items.find(({ id }) => id === site)?.name : undefined;
  const idle = jobs.length + campaigns.length === 0;
  return (
    <Screen title="Under way">
      <div className={classes['jobs']}>
        {error !== null && error !== undefined && <ErrorState error={error} onRetry={retry} />}
        {!error && pending && idle && <Skeleton lines={3} />}
        {!error && !pending && idle && ended.length === 0 && (
          <EmptyState title="Nothing is under way">
            What takes longer than a moment shows here, whatever screen you are on: campaigns being sent,
            files being imported, a practice site being made, a deleted site going.
          </EmptyState>
        )}
        {!idle && (
          <section aria-label="Under way">
            <ul>
              {jobs.map((job) => (
                <Running key={job.id} job={job} />
              ))}
              {campaigns.map((campaign) => (
                <Sending key={campaign.id} campaign={campaign} siteName={nameOf(campaign.site)} />
              ))}
            </ul>
          </section>
        )}
        <Changes nameOf={nameOf} />
        {ended.length > 0 && (
          <section>
            <h2>
              {idle ? 'Nothing is under way. Done since Belfry was started' : 'Done since Belfry was started'}
            </h2>
            <ul>
              {ended.map((job) => (
                <li key={job.id}>
                  <div className={classes['what']}>
                    <span className={classes['title']}>{job.title}</span>
                    {job.state === 'failed' ? (
                      <Note tone="bad">{job.result}</Note>
                    ) : (
                      job.result && <p className="dim">{job.result}</p>
                    )}
                  </div>
                  <span className="dim">
                    {ends[job.state]} <Time at={job.endedAt} />
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
