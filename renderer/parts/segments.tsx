import type { CampaignCounts } from '../../main/contract/campaigns.ts';
import { formatNumber } from './format.ts';
import classes from './segments.module.css';

/** How deliveries may have ended, in the order that bars and legends show them. */
export const outcomes = ['accepted', 'expired', 'rejected', 'failed', 'skipped'] as const;

/** A campaign's deliveries as one bar: what was settled and how, and what is left. */
export function Segments({ counts, thin = false }: { counts: CampaignCounts; thin?: boolean }) {
  const { total } = counts;
  const settled = total - counts.pending;
  return (
    <div
      className={classes['bar']}
      data-thin={thin || undefined}
      role="progressbar"
      aria-label="Deliveries settled"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={settled}
      aria-valuetext={`${formatNumber(settled)} of ${formatNumber(total)}`}
    >
      {outcomes.map((outcome) => (
        <i
          key={outcome}
          data-outcome={outcome}
          hidden={counts[outcome] === 0}
          style={{ width: `${total === 0 ? 0 : (counts[outcome] / total) * 100}%` }}
        />
      ))}
    </div>
  );
}
