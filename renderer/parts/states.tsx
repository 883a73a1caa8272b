import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { explain } from './errors.ts';
import classes from './states.module.css';

/** Grey lines in the shape of a list that is on its way; they appear only when it takes a while. */
export function SkeletonRows({ tracks, columns }: { tracks: string; columns: number }) {
  return Array.from({ length: 12 }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
    <div key={row} role="presentation" className={classes['row']} style={{ gridTemplateColumns: tracks }}>
      {Array.from({ length: columns }, (_, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <i key={column} style={{ width: `${45 + ((row * 7 + column * 13) % 40)}%` }} />
      ))}
    </div>
  ));
}

/** Grey lines in the shape of a page that is on its way. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div className={classes['skeleton']} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <i key={line} style={{ width: `${30 + ((line * 23) % 45)}%` }} />
      ))}
    </div>
  );
}

/** Nothing here yet: what would be, and how to come to it. */
export function EmptyState({ title, children, action }: EmptyProps) {
  return (
    <div className={classes['state']}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}
interface EmptyProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** It could not be shown: why, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { title, detail } = explain(error);
  return (
    <div className={classes['state']} role="alert">
      <h2>{title}</h2>
      {detail !== title && <p>{detail || 'Nothing was changed by it.'}</p>}
      <Button variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** A remark that matters more than the text around it. */
export function Note({ tone = 'warn', children }: { tone?: 'warn' | 'bad' | 'calm'; children: ReactNode }) {
  return (
    <div className={classes['note']} data-tone={tone}>
      {children}
    </div>
  );
}
