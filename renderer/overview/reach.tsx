import type { Campaign } from '../../main/contract/campaigns.ts';
import { Chart } from '../parts/charts/chart.tsx';
import type { SharePoint } from '../parts/charts/plots.tsx';
import { formatNumber, formatShare, formatTime } from '../parts/format.ts';
import classes from './overview.module.css';

/** Fewer people say nothing about a share. */
const ENOUGH = 10;
/** So many campaigns stand beside one another. */
const SHOWN = 20;

/** Those whose shares can be compared, oldest first. */
export const comparable = (campaigns: Campaign[]) =>
  campaigns
    .filter(({ startedAt, counts }) => startedAt !== null && counts.accepted >= ENOUGH)
    .sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''))
    .slice(-SHOWN);

const kinds = {
  shown: { name: 'Shown', mark: 'up', tone: 'accent' },
  clicked: { name: 'Clicked', mark: 'up', tone: 'bronze' },
} as const;

function Share({ campaigns, kind }: { campaigns: Campaign[]; kind: keyof typeof kinds }) {
  const { name, mark, tone } = kinds[kind];
  const now = new Date();
  const points = campaigns.map(({ id, message, startedAt, counts }, i): SharePoint => {
    const when = formatTime(startedAt ?? '', now);
    const edge = i === 0 || i === campaigns.length - 1;
    return {
      key: id,
      tick: edge ? when : '',
      title: message.title,
      told: [
        ['Started', when],
        [name, `${formatShare(counts[kind], counts.accepted)} (${formatNumber(counts[kind])})`],
        ['Accepted', formatNumber(counts.accepted)],
      ],
      share: counts.accepted === 0 ? 0 : (counts[kind] / counts.accepted) * 100,
    };
  });
  const sum = (what: 'shown' | 'clicked' | 'accepted') =>
    campaigns.reduce((total, { counts }) => total + counts[what], 0);
  const overall = formatShare(sum(kind), sum('accepted'));
  return (
    <Chart
      title={name}
      summary={`${name}, of ${campaigns.length} recent campaigns: ${overall} of what was accepted.`}
      legend={[{ mark, tone, name: 'Of all that was accepted', value: overall }]}
      height={136}
      table={{
        head: ['Campaign', name, 'Share', 'Accepted'],
        rows: campaigns.toReversed().map(({ id, message, counts }) => ({
          key: id,
          head: message.title,
          cells: [
            formatNumber(counts[kind]),
            formatShare(counts[kind], counts.accepted),
            formatNumber(counts.accepted),
          ],
        })),
      }}
      plot={({ SharePlot }) => <SharePlot points={points} tone={tone} />}
    />
  );
}

/** The share of recent campaigns that browsers showed and people clicked, campaign by campaign. */
export function Reach({ campaigns }: { campaigns: Campaign[] }) {
  const compared = comparable(campaigns);
  if (compared.length < 2) return null;
  return (
    <section className={classes['reach']} aria-label="Reach">
      <div>
        <Share campaigns={compared} kind="shown" />
        <Share campaigns={compared} kind="clicked" />
      </div>
      <p className="dim small">
        The last {compared.length} campaigns that push services accepted for at least {ENOUGH} people. Shown
        and clicked are what browsers report; some report nothing, so more people may have seen a message.
      </p>
    </section>
  );
}
