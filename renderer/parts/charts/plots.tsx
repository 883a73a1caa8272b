import '@mantine/charts/styles.css';
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import { formatNumber } from '../format.ts';
import classes from './chart.module.css';

/** One place on the time axis: what stands under it, and what is told where the pointer is. */
export interface Point {
  /** Unlike every other point's. */
  key: string;
  /** On the axis; empty: none. */
  tick: string;
  title: string;
  told: [name: string, value: string][];
}

const axis = (points: Point[]) => ({
  ticks: points.filter(({ tick }) => tick !== '').map(({ key }) => key),
  tickFormatter: (key: string) => points.find((point) => point.key === key)?.tick ?? '',
  interval: 'preserveEnd' as const,
  tickMargin: 6,
  height: 24,
});
/** A round number above, so that the axis needs few words. */
const values = (max: number, format: (value: number) => string) => ({
  width: 52,
  tickCount: 3,
  domain: [0, max],
  allowDecimals: false,
  tickFormatter: format,
});

const tip = (points: Point[]) => ({
  isAnimationActive: false,
  wrapperStyle: { zIndex: 5 },
  content: ({ active, label }: { active?: boolean; label?: string | number }) => {
    const point = active ? points.find(({ key }) => key === label) : undefined;
    if (!point || point.told.length === 0) return null;
    return (
      <div className={classes['tip']}>
        <p dir="auto">{point.title}</p>
        <dl>
          {point.told.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    );
  },
});

const common = <P extends Point>(data: P[]) => ({
  data: data as unknown as Record<string, unknown>[],
  dataKey: 'key',
  accessibilityLayer: false,
  textColor: 'var(--dim)',
  gridColor: 'var(--line)',
  strokeDasharray: '0',
  tickLine: 'none' as const,
  tooltipProps: tip(data),
});
const still = { isAnimationActive: false };
const margin = { top: 8, right: 4, bottom: 0, left: 0 };

/** The next number of the kind 1, 2, 5, 10, 20 … that is at least `value`; 4 at the least, so that steps are whole. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const found = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= value) ?? value;
  return Math.max(4, Math.ceil(found));
}

export interface PeoplePoint extends Point {
  people: number;
  came: number;
  /** Both negative: they are drawn downward. */
  left: number;
  expired: number;
}

/** How many people there were, and under it who came (upward) and who went (downward). */
export function PeoplePlot({ points }: { points: PeoplePoint[] }) {
  const most = roundUp(Math.max(...points.map(({ people }) => people)));
  const up = roundUp(Math.max(...points.map(({ came }) => came)));
  // a little room at least, so that the words of the axis do not touch
  const went = Math.max(...points.map(({ left, expired }) => -(left + expired)));
  const down = roundUp(Math.max(went, up * 0.3));
  return (
    <>
      <AreaChart
        {...common(points)}
        h={168}
        series={[{ name: 'people', label: 'People', color: 'var(--accentMark)' }]}
        curveType="linear"
        withDots={false}
        withGradient={false}
        fillOpacity={0.12}
        areaProps={still}
        areaChartProps={{ margin: { ...margin, bottom: 12 }, syncId: 'people' }}
        withXAxis={false}
        xAxisProps={{ scale: 'band' }}
        yAxisProps={values(most, formatNumber)}
      />
      <BarChart
        {...common(points)}
        h={120}
        type="stacked"
        series={[
          { name: 'came', label: 'Came', color: 'var(--accentMark)' },
          { name: 'left', label: 'Left', color: 'var(--bronzeMark)' },
          { name: 'expired', label: 'Expired', color: 'var(--quietMark)' },
        ]}
        barProps={({ name }) => ({
          ...still,
          stackId: 'moves',
          ...(name === 'expired' && { fill: 'url(#hatch)', stroke: 'var(--quietMark)', strokeWidth: 0.75 }),
        })}
        barChartProps={{ margin, stackOffset: 'sign', syncId: 'people', barCategoryGap: '20%' }}
        maxBarWidth={18}
        tooltipProps={{ content: () => null, isAnimationActive: false }}
        referenceLines={[{ y: 0, color: 'var(--lineStrong)' }]}
        xAxisProps={axis(points)}
        yAxisProps={{
          ...values(up, (value) => formatNumber(Math.abs(value))),
          domain: [-down, up],
          ticks: [-down, 0, up],
          interval: 0,
        }}
      >
        <defs>
          <pattern
            id="hatch"
            width="4"
            height="4"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <path d="M1 0v4" stroke="var(--quietMark)" strokeWidth="1.4" />
          </pattern>
        </defs>
      </BarChart>
    </>
  );
}

export interface SharePoint extends Point {
  /** Percent, from 0 to 100. */
  share: number;
}

/** A share of each of several campaigns, oldest at the left. */
export function SharePlot({ points, tone }: { points: SharePoint[]; tone: 'accent' | 'bronze' }) {
  const most = Math.min(100, roundUp(Math.max(...points.map(({ share }) => share))));
  return (
    <BarChart
      {...common(points)}
      h={132}
      series={[{ name: 'share', label: 'Share', color: `var(--${tone}Mark)` }]}
      barProps={still}
      barChartProps={{ margin, barCategoryGap: '30%' }}
      maxBarWidth={22}
      minBarSize={1}
      xAxisProps={axis(points)}
      yAxisProps={values(most, (value) => `${value}\u202f%`)}
    />
  );
}

/** Null: that time has not come yet. */
export interface CoursePoint extends Point {
  accepted: number | null;
  shown: number | null;
  clicked: number | null;
}

/** How the numbers of a campaign grew. */
export function CoursePlot({ points }: { points: CoursePoint[] }) {
  const most = roundUp(Math.max(...points.map(({ accepted, shown }) => Math.max(accepted ?? 0, shown ?? 0))));
  return (
    <LineChart
      {...common(points)}
      h={180}
      series={[
        { name: 'accepted', label: 'Accepted', color: 'var(--quietMark)', strokeDasharray: '2 3' },
        { name: 'shown', label: 'Shown', color: 'var(--accentMark)' },
        { name: 'clicked', label: 'Clicked', color: 'var(--bronzeMark)', strokeDasharray: '6 3' },
      ]}
      curveType="linear"
      withDots={false}
      lineProps={still}
      lineChartProps={{ margin }}
      xAxisProps={axis(points)}
      yAxisProps={values(most, formatNumber)}
    />
  );
}
