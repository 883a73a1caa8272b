import { IconMasksTheater } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import type { Site } from '../../main/contract/sites.ts';
import { progressWords } from '../jobs/words.ts';
import { people } from '../parts/format.ts';
import classes from './frame.module.css';
import { useRehearsal } from './use-rehearsal.ts';

/** Says on every screen of a practice site that its numbers are of simulated people, and how far its making is. */
export function PracticeBand({ site }: { site: Site | undefined }) {
  const { data } = useRehearsal();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // the start says it with more room
  const working =
    (data?.state === 'making' || data?.state === 'removing') && path !== '/new-site' && path !== '/jobs';
  if (!site && !working) return null;
  return (
    // elsewhere the sidebar says it, where there is one
    <aside className={classes['practice']} aria-label="Practice" data-elsewhere={!site || undefined}>
      <IconMasksTheater size={15} stroke={1.5} aria-hidden="true" />
      {working && data ? (
        <span className="tabular">
          {site && <strong>Practice. </strong>}
          {data.state === 'making'
            ? `A practice site with ${people(data.people)} is being made: `
            : 'The practice site is being removed: '}
          {progressWords(data.progress)}.{' '}
          <Link to="/jobs">{data.state === 'making' ? 'See it, or cancel' : 'See it'}</Link>
        </span>
      ) : (
        site && (
          <span>
            <strong>Practice.</strong> These people are simulated, and nothing you send here leaves this
            machine.{' '}
            <Link to="/sites/$site/rehearsal" params={{ site: site.id }}>
              Rehearsal
            </Link>
          </span>
        )
      )}
    </aside>
  );
}
