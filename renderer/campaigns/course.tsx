import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CampaignDetail, CourseSpan } from '../../main/contract/campaigns.ts';
import { useApi } from '../frame/api.tsx';
import { Chart } from '../parts/charts/chart.tsx';
import type { CoursePoint } from '../parts/charts/plots.tsx';
import { formatDuration, formatNumber, formatTime } from '../parts/format.ts';
import { ErrorState } from '../parts/states.tsx';

const HOUR = 60 * 60 * 1000;
/** Spans from the start on, in hours. */
const spans = { '1': 'First hour', '6': '6 hours', '24': '24 hours', '168': '7 days' } as const;
type Span = keyof typeof spans;
/** So many spans the core answers with, when all of them are over. */
const SPANS = 60;
/** While it moves it is counted again, but it costs the database too much to do so with every event. */
const AGAIN = 15_000;

/** The longest span that a campaign has filled to a good part by now, a day at most. */
function usualSpan(startedAt: string, now: number): Span {
  const hours = (now - Date.parse(startedAt)) / HOUR;
  return hours < 1.5 ? '1' : hours < 8 ? '6' : '24';
}

const kinds = ['accepted', 'shown', 'clicked'] as const;
const words = { accepted: 'Accepted', shown: 'Shown', clicked: 'Clicked' };
/** Into how many parts the axis is cut by its words. */
const TICKS = 6;
interface Reached {
  title: string;
  counts: Record<(typeof kinds)[number], number>;
}

/** Added up from the start: what had happened by the end of each span so far. */
function reachedBy(items: CourseSpan[], seconds: number, now: Date): Reached[] {
  const counts = { accepted: 0, shown: 0, clicked: 0 };
  return items.map((span, i) => {
    for (const kind of kinds) counts[kind] += span[kind];
    const end = new Date(Date.parse(span.from) + seconds * 1000).toISOString();
    return {
      title: `${formatTime(end, now)} (+${formatDuration((i + 1) * seconds)})`,
      counts: { ...counts },
    };
  });
}

/** From the start, when nothing had happened, to the end of the time looked at, also where that is yet to come. */
function pointsOf(reached: Reached[], hours: number): CoursePoint[] {
  const start = { title: 'Start', counts: { accepted: 0, shown: 0, clicked: 0 } };
  return Array.from({ length: SPANS + 1 }, (_, i): CoursePoint => {
    const { title, counts } = (i === 0 ? start : reached[i - 1]) ?? { title: '', counts: null };
    const word = i === 0 ? 'Start' : `+${formatDuration((i / SPANS) * hours * 3600)}`;
    return {
      key: String(i),
      tick: i % (SPANS / TICKS) === 0 ? word : '',
      title,
      told: counts ? kinds.map((kind) => [words[kind], formatNumber(counts[kind])]) : [],
      accepted: counts?.accepted ?? null,
      shown: counts?.shown ?? null,
      clicked: counts?.clicked ?? null,
    };
  });
}

/** How a campaign went: what was accepted, shown and clicked by when. */
export function Course({ campaign }: { campaign: CampaignDetail & { startedAt: string } }) {
  const api = useApi();
  const now = new Date();
  const [chosen, setChosen] = useState<Span | null>(null);
  const span = chosen ?? usualSpan(campaign.startedAt, now.getTime());
  const moving =
    campaign.state === 'sending' || now.getTime() - Date.parse(campaign.startedAt) < Number(span) * HOUR;
  const query = useQuery(
    api.campaigns.course.queryOptions({
      input: { id: campaign.id, hours: Number(span) },
      placeholderData: keepPreviousData,
      refetchInterval: moving ? AGAIN : false,
    }),
  );
  const reached = query.data ? reachedBy(query.data.items, query.data.seconds, now) : [];
  const last = reached.at(-1)?.counts;
  if (query.error && !last) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const value = (kind: (typeof kinds)[number]) => (last ? formatNumber(last[kind]) : '…');
  const later = last !== undefined && kinds.some((kind) => campaign.counts[kind] > last[kind]);
  return (
    <Chart
      title="How it went"
      control={
        <SegmentedControl
          size="xs"
          aria-label="How long after the start"
          value={span}
          data={Object.entries(spans).map(([hours, label]) => ({ value: hours, label }))}
          onChange={(hours) => setChosen(hours as Span)}
        />
      }
      summary={`In the ${span === '1' ? 'first hour' : `first ${spans[span]}`}: accepted ${value('accepted')}, shown ${value('shown')}, clicked ${value('clicked')}.`}
      legend={[
        { mark: 'dotted', tone: 'quiet', name: 'Accepted', value: value('accepted') },
        { mark: 'line', tone: 'accent', name: 'Shown', value: value('shown') },
        { mark: 'dashed', tone: 'bronze', name: 'Clicked', value: value('clicked') },
      ]}
      height={180}
      stale={query.isPlaceholderData}
      note={
        later && !moving && !query.isPlaceholderData && span !== '168'
          ? 'More was reported later: choose a longer time to see it.'
          : undefined
      }
      table={{
        head: ['After', 'Accepted', 'Shown', 'Clicked'],
        rows: reached.map(({ title, counts }) => ({
          key: title,
          head: title,
          cells: kinds.map((kind) => formatNumber(counts[kind])),
        })),
      }}
      plot={({ CoursePlot }) => <CoursePlot points={pointsOf(reached, Number(span))} />}
    />
  );
}
