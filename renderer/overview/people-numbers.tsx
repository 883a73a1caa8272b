import { Link } from '@tanstack/react-router';
import { useSite } from '../frame/site.tsx';
import { Num } from '../parts/values.tsx';
import classes from './overview.module.css';

/** How many people there are now, by what became of them; each number leads to them. */
export function PeopleNumbers() {
  const site = useSite();
  const { active, foreign, expired, unsubscribed } = site.subscribers;
  const params = { site: site.id };
  const to = '/sites/$site/subscribers' as const;
  const others = [
    ['foreign', 'Imported, not yet seen', foreign],
    ['expired', 'Expired', expired],
    ['unsubscribed', 'Left', unsubscribed],
  ] as const;
  return (
    <dl className={classes['people']}>
      <div>
        <dt>
          <Link {...{ to, params }}>People you reach</Link>
        </dt>
        <dd>
          <Num value={active} />
        </dd>
      </div>
      {others.map(([state, name, value]) => (
        <div key={state} data-none={value === 0 || undefined}>
          <dt>
            <Link {...{ to, params }} search={{ state }}>
              {name}
            </Link>
          </dt>
          <dd>
            <Num value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
