import { IconMasksTheater } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import type { Site } from '../../main/contract/sites.ts';
import { people } from '../parts/format.ts';
import { progressWords } from '../rehearsal/words.ts';
import classes from './frame.module.css';
import { useRehearsal } from './use-rehearsal.ts';

/** Says on every screen of a practice site that its numbers are of simulated people, and how far its making is. */
export function PracticeBand({ site }: { site: Site | undefined }) {
  const { data } = useRehearsal();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // the start says it with more room
  const working = (data?.state === 'making' || data?.state === 'removing') && path !== '/new-site';
  if (!site && !working) return null;
  return (
    <aside className={classes['practice']} aria-label="Practice">
      <IconMasksTheater size={15} stroke={1.5} aria-hidden="true" />
      {working && data ? (
        <span className="tabular">
          {data.state === 'making'
            ? `A practice site with ${people(data.people)} is being made: `
            : 'The practice site is being removed: '}
          {progressWords(data.progress)}.{' '}
          {data.state === 'making' && <Link to="/new-site">See how far it is, or cancel</Link>}
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
