import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useApi } from '../frame/api.tsx';
import { useLive } from '../frame/connection.tsx';
import { useSite } from '../frame/site.tsx';
import { Chart, type LegendEntry } from '../parts/charts/chart.tsx';
import { formatDay, formatDayFully, formatNumber, operatorTimeZone } from '../parts/format.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { readOverviewSearch, spans } from './address.ts';
import classes from './overview.module.css';
import { cameWords, periodsOf, pointsOf, signed, sumOf } from './people-days.ts';

/** How long the chart waits before it asks again while people come and go, in milliseconds. */
const CALM = 5000;

/** Asks for the days anew when people came or went, but not with each of them. */
function usePeopleDays(site: string, days: number) {
  const api = useApi();
  const query = useQuery(
    api.subscribers.days.queryOptions({
      input: { site, days, timeZone: operatorTimeZone() },
      placeholderData: keepPreviousData,
      staleTime: CALM,
    }),
  );
  const pause = useRef<ReturnType<typeof setTimeout> | null>(null);
  useLive((event) => {
    if (event.type !== 'subscribers' || event.site !== site) return;
    pause.current ??= setTimeout(() => {
      pause.current = null;
      void query.refetch();
    }, CALM);
  });
  useEffect(
    () => () => {
      if (pause.current !== null) clearTimeout(pause.current);
    },
    [],
  );
  return query;
}

/** People over time: how many there were, who came and who went, by the day. */
export function PeopleChart() {
  const site = useSite();
  const { days: span = 30 } = useSearch({ from: '/sites/$site/' });
  const navigate = useNavigate();
  const query = usePeopleDays(site.id, span);
  const control = (
    <SegmentedControl
      size="xs"
      aria-label="How far back"
      value={String(span)}
      data={spans.map(([days, label]) => ({ value: String(days), label }))}
      onChange={(value) => {
        const { days } = readOverviewSearch({ days: value === '30' ? undefined : value });
        void navigate({ to: '/sites/$site', params: { site: site.id }, search: { days }, replace: true });
      }}
    />
  );
  const items = query.data?.items;
  if (!items) {
    return (
      <section className={classes['waiting']} aria-label="People over time">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </section>
    );
  }
  const sum = sumOf(items);
  const net = sum.joined + sum.returned + sum.imported - sum.left - sum.expired;
  const came = cameWords(sum);
  const legend: LegendEntry[] = [
    {
      mark: 'line',
      tone: 'accent',
      name: 'People',
      value: `${formatNumber(items.at(-1)?.people ?? 0)} (${signed(net)})`,
    },
    ...came.map(
      ([name, value], i): LegendEntry => ({
        mark: 'up',
        tone: 'accent',
        name: i === 0 ? name : name.toLowerCase(),
        value: formatNumber(value),
      }),
    ),
    { mark: 'down', tone: 'bronze', name: 'Left', value: formatNumber(sum.left) },
    { mark: 'hatched', tone: 'quiet', name: 'Expired', value: formatNumber(sum.expired) },
  ];
  const periods = periodsOf(items).reverse();
  const weekly = periods.some(({ key, from }) => key !== from);
  const columns = cameWords({ ...sum, joined: 1 }).map(([name]) => name);
  return (
    <Chart
      title="People over time"
      control={control}
      summary={`People over ${spans.find(([days]) => days === span)?.[1]}: ${formatNumber(items[0]?.people ?? 0)} on ${formatDayFully(
        items[0]?.date ?? '',
      )}, ${formatNumber(items.at(-1)?.people ?? 0)} now. ${legend
        .slice(1)
        .map(({ name, value }) => `${name} ${value}`)
        .join(', ')}.`}
      legend={legend}
      height={288}
      stale={query.isPlaceholderData}
      note={`${weekly ? 'By the week, in days' : 'Days'} of your time zone (${operatorTimeZone()}). Left counts those whom you removed, too.`}
      table={{
        head: [weekly ? 'Week until' : 'Day', 'People', ...columns, 'Left', 'Expired'],
        rows: periods.map(({ key, people, ...period }) => ({
          key,
          head: weekly ? formatDayFully(key) : `${formatDay(key)}`,
          cells: [
            people,
            period.joined,
            ...(sum.returned > 0 ? [period.returned] : []),
            ...(sum.imported > 0 ? [period.imported] : []),
            period.left,
            period.expired,
          ].map(formatNumber),
        })),
      }}
      plot={({ PeoplePlot }) => <PeoplePlot points={pointsOf(items)} />}
    />
  );
}
