import { useQuery } from '@tanstack/react-query';
import type { CampaignCounts } from '../../main/contract/campaigns.ts';
import type { Rehearsal, RehearsalTotals } from '../../main/contract/rehearsal.ts';
import { useApi } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { formatCount } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import { Num } from '../parts/values.tsx';
import classes from './rehearsal.module.css';

/** Answers of these kinds, of all services. */
const answered = ({ answers }: RehearsalTotals, ...kinds: string[]) =>
  Object.values(answers).reduce(
    (sum, service) => sum + kinds.reduce((some, kind) => some + (service[kind] ?? 0), 0),
    0,
  );

/** What the rehearsal's own people and services counted, beside what Belfry says of the same campaigns. */
export function Witness({ rehearsal, totals }: { rehearsal: Rehearsal; totals: RehearsalTotals }) {
  const site = useSite();
  const api = useApi();
  const campaigns = useQuery(api.campaigns.list.queryOptions({ input: { site: site.id, limit: 500 } }));
  const begun = Date.parse(rehearsal.startedAt ?? '');
  // the campaigns of its invented past were never sent
  const real = campaigns.data?.items.filter(({ startedAt }) => Date.parse(startedAt ?? '') >= begun) ?? [];
  const said = (of: keyof CampaignCounts) => real.reduce((sum, { counts }) => sum + counts[of], 0);
  const rows: [name: string, seen: number, said: number | null][] = [
    ['Messages that reached a person', totals.received, said('accepted')],
    ['Arrived a second time', totals.duplicates, said('repeated')],
    ['People who were gone', answered(totals, 'gone', 'missing'), said('expired')],
    ['Shown', totals.shown, said('shown')],
    ['Clicked', totals.clicked, said('clicked')],
    ['Closed', totals.closed, said('closed')],
    ['Left', totals.left, said('unsubscribed')],
    ['Could not be read', totals.undecryptable, null],
    ['Requests', totals.requests, null],
    ['Requests that were not taken', totals.refused, null],
  ];
  return (
    <>
      <table className={classes['witness']}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">What</span>
            </th>
            <th scope="col">The rehearsal</th>
            <th scope="col">Belfry</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, seen, told]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <Num value={seen} />
              </td>
              <td>{told === null ? <span className="dim">–</span> : <Num value={told} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="dim" role="status">
        {totals.waiting > 0
          ? `${formatCount(totals.waiting, 'reaction is', 'reactions are')} still to come.`
          : 'No reaction is outstanding.'}
      </p>
      {totals.lost > 0 && (
        <Note>
          {formatCount(totals.lost, 'report was', 'reports were')} not taken by Belfry. What it says of shown,
          clicked and closed is that much too low.
        </Note>
      )}
    </>
  );
}
