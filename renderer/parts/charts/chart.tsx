import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import classes from './chart.module.css';

/** How a series is drawn, and so how its key in the legend looks: never by its colour alone. */
export type Mark = 'line' | 'dashed' | 'dotted' | 'up' | 'down' | 'hatched';
export interface LegendEntry {
  mark: Mark;
  tone: 'accent' | 'bronze' | 'quiet';
  name: string;
  /** What it comes to, so that the picture can be read without measuring it. */
  value: string;
}

function Key({ mark }: { mark: Mark }) {
  const dash = { line: undefined, dashed: '5 3', dotted: '1.5 2.5' };
  return (
    <svg viewBox="0 0 16 10" width="16" height="10" aria-hidden="true">
      {mark === 'up' && <path d="M4 9V4.5L8 1l4 3.5V9Z" fill="currentColor" />}
      {mark === 'down' && <path d="M4 1v4.5L8 9l4-3.5V1Z" fill="currentColor" />}
      {mark === 'hatched' && (
        <>
          <path d="M4.5 1.5h7v7h-7Z" fill="none" stroke="currentColor" />
          <path d="m5 5 3.5-3.5M5 8.5l6.5-6.5M8 8.5 11.5 5" fill="none" stroke="currentColor" />
        </>
      )}
      {(mark === 'line' || mark === 'dashed' || mark === 'dotted') && (
        <path d="M0 5h16" stroke="currentColor" strokeWidth="2" strokeDasharray={dash[mark]} />
      )}
    </svg>
  );
}

export interface Row {
  key: string;
  head: string;
  cells: string[];
}
interface Props {
  title: string;
  /** What chooses the span of time, beside the title. */
  control?: ReactNode;
  /** What the picture says, in a sentence: for those who do not see it. */
  summary: string;
  legend: LegendEntry[];
  /** The same numbers as a table, newest first. */
  table: { head: string[]; rows: Row[] };
  /** Heights of the pictures together, in pixels: kept free while they load. */
  height: number;
  /** What is shown belongs to an earlier question. */
  stale?: boolean;
  /** Something honest about the numbers. */
  note?: ReactNode;
  plot: (plots: Plots) => ReactNode;
}

const load = () => import('./plots.tsx');
export type Plots = Awaited<ReturnType<typeof load>>;

/** The picture. What draws it comes by itself, after the first screen. */
function Picture({ summary, plot }: Pick<Props, 'summary' | 'plot'>) {
  const plots = useQuery({
    queryKey: ['plots'],
    queryFn: load,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  if (plots.error) {
    return (
      <div className={classes['missing']} role="alert">
        <p>The chart could not be loaded. Its numbers are in the table.</p>
        <Button variant="default" onClick={() => void plots.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div role="img" aria-label={summary} data-chart>
      {plots.data && plot(plots.data)}
    </div>
  );
}

function NumbersTable({ title, table: { head, rows } }: Pick<Props, 'title' | 'table'>) {
  return (
    <table className={classes['table']}>
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, head: first, cells }) => (
          <tr key={key}>
            <th scope="row">{first}</th>
            {cells.map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
              <td key={i}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A chart with its legend, which says what it comes to, and the same numbers as a table at a click. */
export function Chart(props: Props) {
  const { title, control, summary, legend, table, height, stale, note, plot } = props;
  const [asTable, setAsTable] = useState(false);
  return (
    <section className={classes['chart']} aria-label={title}>
      <header className={classes['head']}>
        <h2>{title}</h2>
        {control}
        <Tooltip label={asTable ? 'Show the chart' : 'Show the numbers as a table'}>
          <ActionIcon
            aria-label={`${title} as a table`}
            aria-pressed={asTable}
            onClick={() => setAsTable((before) => !before)}
          >
            {asTable ? <IconChartLine size={16} stroke={1.5} /> : <IconTable size={16} stroke={1.5} />}
          </ActionIcon>
        </Tooltip>
      </header>
      <ul className={classes['legend']}>
        {legend.map(({ mark, tone, name, value }) => (
          <li key={name} data-tone={tone}>
            <Key mark={mark} />
            <span>
              {name} <strong>{value}</strong>
            </span>
          </li>
        ))}
      </ul>
      <div className={classes['picture']} style={{ height }} data-stale={stale || undefined}>
        {asTable ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          <section className={classes['scroller']} tabIndex={0} aria-label={`${title}, as a table`}>
            <NumbersTable {...{ title, table }} />
          </section>
        ) : (
          <Picture {...{ summary, plot }} />
        )}
      </div>
      {note && <p className={classes['note']}>{note}</p>}
    </section>
  );
}
