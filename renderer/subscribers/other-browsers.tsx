import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { useApi } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { Time } from '../parts/values.tsx';
import classes from './subscriber.module.css';

const MOST = 20;

/** The other browsers of a person whom the site knows by an external id. */
export function OtherBrowsers({ person }: { person: Subscriber & { externalId: string } }) {
  const api = useApi();
  const site = useSite();
  const { externalId, id } = person;
  const all = useQuery(
    api.subscribers.list.queryOptions({
      input: { site: site.id, externalId, state: 'all', limit: MOST + 2 },
    }),
  );
  const others = all.data?.items.filter((one) => one.id !== id);
  return (
    <section>
      <h2>Other browsers of this person</h2>
      {all.isPending && <Skeleton lines={2} />}
      {all.error && <ErrorState error={all.error} onRetry={() => void all.refetch()} />}
      {others?.length === 0 && <p className="dim">None: no one else here has this external id.</p>}
      {others && others.length > 0 && (
        <ul className={classes['others']}>
          {others.slice(0, MOST).map((one) => (
            <li key={one.id}>
              <Link
                to="/sites/$site/subscribers/$subscriber"
                params={{ site: site.id, subscriber: one.id }}
                dir="auto"
              >
                {[one.browser ?? 'A browser', one.system && `on ${one.system}`].filter(Boolean).join(' ')}
              </Link>
              <StateBadge state={one.state} />
              <span className="dim small">
                seen <Time at={one.lastSeen} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {others && others.length > MOST && (
        <Link
          to="/sites/$site/subscribers"
          params={{ site: site.id }}
          search={{
            state: 'all',
            matching: JSON.stringify({ all: [{ field: 'externalId', is: [externalId] }] }),
          }}
        >
          Show all in the list
        </Link>
      )}
    </section>
  );
}
