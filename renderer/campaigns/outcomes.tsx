import type { CampaignDetail, OutcomeGroup } from '../../main/contract/campaigns.ts';
import { reasonWords } from '../parts/campaign-words.ts';
import { formatCount, formatShare, pushServiceName } from '../parts/format.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Num } from '../parts/values.tsx';
import classes from './campaigns.module.css';
import { Course } from './course.tsx';
import { Resend } from './resend.tsx';

function Row({ group, campaign }: { group: OutcomeGroup; campaign: CampaignDetail }) {
  const { state, reason, pushService, status, count, advice } = group;
  return (
    <tr>
      <td data-align="end">
        <Num value={count} />
      </td>
      <td data-align="end" className="dim" data-wide>
        {formatShare(count, campaign.counts.total)}
      </td>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        {reasonWords(reason)}
        {advice && <p className="dim">{advice}</p>}
        <Resend campaign={campaign} group={group} />
      </td>
      <td data-wide data-nowrap>
        {pushServiceName(pushService)}
        {status !== null && <span className="dim"> {status}</span>}
      </td>
    </tr>
  );
}

/** Why deliveries ended as they did, and which button people pressed. */
export function Outcomes({ campaign }: { campaign: CampaignDetail }) {
  const { outcomes, clicks, counts, message } = campaign;
  const label = (action: string) =>
    action === ''
      ? 'The notification itself'
      : (message.actions?.find((one) => one.action === action)?.title ?? action);
  if (counts.total === 0) {
    return (
      <p className={classes['hint']}>
        What push services answered and what people did appears here once it is sent.
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes['results']} aria-label="Results" tabIndex={0}>
      {campaign.startedAt !== null && <Course campaign={{ ...campaign, startedAt: campaign.startedAt }} />}
      <section>
        <h2>What push services answered</h2>
        {outcomes.length === 0 && <p className="dim">Answers show here as they are counted.</p>}
        {outcomes.length > 0 && (
          <table className={classes['table']}>
            <thead>
              <tr>
                <th scope="col" data-align="end">
                  People
                </th>
                <th scope="col" data-align="end" data-wide>
                  Share
                </th>
                <th scope="col" data-column="state">
                  State
                </th>
                <th scope="col">Why</th>
                <th scope="col" data-wide data-column="service">
                  Push service
                </th>
              </tr>
            </thead>
            <tbody>
              {outcomes.map((group) => (
                <Row
                  key={`${group.state} ${group.reason} ${group.pushService} ${group.status}`}
                  {...{ group, campaign }}
                />
              ))}
            </tbody>
          </table>
        )}
        {counts.repeated > 0 && (
          <p className="dim">
            {formatCount(counts.repeated, 'message', 'messages')} may have been sent twice, because sending
            was interrupted. Most systems show it once all the same.
          </p>
        )}
      </section>
      <section>
        <h2>What people clicked</h2>
        {clicks.length === 0 ? (
          <p className="dim">No click was reported yet.</p>
        ) : (
          <table className={classes['table']}>
            <tbody>
              {clicks.map(({ action, count }) => (
                <tr key={action}>
                  <td data-align="end">
                    <Num value={count} />
                  </td>
                  <td dir="auto">{label(action)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <p className="dim">
        Accepted is the push service’s word: the message is on its way, not yet on a screen. Shown, clicked
        and closed are what browsers report; some report nothing.
      </p>
    </section>
  );
}
