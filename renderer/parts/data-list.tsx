// biome-ignore-all lint/a11y/useSemanticElements: virtual rows are placed one by one, which those of a table cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: of a grid, one row at a time takes the focus
import { Checkbox, UnstyledButton } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import classes from './data-list.module.css';
import { keyboardIsTaken } from './keyboard.ts';
import { useRowSelection } from './row-selection.ts';
import type { Selection } from './selection.ts';
import { ErrorState, SkeletonRows } from './states.tsx';

/** What the one link of a row must be given: it then covers the row, and Enter on the row follows it. */
export interface RowLink {
  className: string | undefined;
  tabIndex: -1;
}
export interface Column<T> {
  id: string;
  header: string;
  /** A CSS grid track, such as `minmax(160px, 2fr)` or `96px`. */
  track: string;
  align?: 'end';
  /** Shown only where the list is at least this many pixels wide. */
  from?: number;
  /** The list can be sorted by this column. */
  sorting?: Sorting | undefined;
  cell: (row: T, link: RowLink) => ReactNode;
}
/** How a list is sorted by a column; `now` is null while it is sorted by another. */
export interface Sorting {
  now: 'ascending' | 'descending' | null;
  onSort: () => void;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T, index: number) => string;
  /** How many rows there are in all, where that is known. */
  total?: number | undefined;
  pending: boolean;
  /** What is shown belongs to an earlier question; the answer to this one is on its way. */
  stale?: boolean;
  error: unknown;
  onRetry: () => void;
  empty: ReactNode;
  hasMore?: boolean;
  onMore?: () => void;
  /** Rows can be chosen: Space, Shift with the arrows, Ctrl or Cmd with A, Escape. */
  selection?: Selection | undefined;
  /** What to call a row whose box is to be ticked. */
  rowName?: (row: T) => string;
  /** Told whether new rows may appear without moving anything that is being looked at. */
  onSettled?: (atTop: boolean) => void;
}

const rowHeight = 36;
const link: RowLink = { className: classes['link'], tabIndex: -1 };

/** A long list: virtual rows, one keyboard (j, k, arrows, Home, End, Enter), and all its states. */
export function DataList<T>(props: Props<T>) {
  const { label, rows, rowKey, total, pending, stale, error, onRetry, empty, hasMore, onMore, onSettled } =
    props;
  const { selection } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sizeRef, width } = useElementSize();
  const ref = useMergedRef(scroller, sizeRef);
  const [active, setActive] = useState(0);
  const columns = props.columns.filter(({ from }) => from === undefined || width === 0 || width >= from);
  const tracks = [...(selection ? ['16px'] : []), ...columns.map(({ track }) => track)].join(' ');
  const picking = useRowSelection(selection, rows.map(rowKey));
  const rowsVirtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    scrollMargin: rowHeight,
    scrollPaddingStart: rowHeight,
    overscan: 14,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row, index);
    },
  });
  const items = rowsVirtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const more = useEffectEvent(() => onMore?.());
  useEffect(() => {
    if (hasMore && rows.length > 0 && last >= rows.length - 20) more();
  }, [hasMore, last, rows.length]);

  const focusRow = useEffectEvent((index: number) => {
    const bounded = Math.max(0, Math.min(rows.length - 1, index));
    setActive(bounded);
    rowsVirtual.scrollToIndex(bounded);
    requestAnimationFrame(() =>
      scroller.current
        ?.querySelector<HTMLElement>(`[data-index="${bounded}"]`)
        ?.focus({ preventScroll: true }),
    );
  });
  const step = useEffectEvent((event: globalThis.KeyboardEvent) => {
    if (event.defaultPrevented || rows.length === 0) return;
    const inside = scroller.current?.contains(document.activeElement) ?? false;
    if (picking?.key(event, active, inside)) return event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || keyboardIsTaken(event.target)) return;
    const to = {
      j: active + 1,
      k: active - 1,
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = to[event.key as keyof typeof to];
    if (next === undefined || (!inside && event.key !== 'j' && event.key !== 'k')) return;
    event.preventDefault();
    if (inside && event.shiftKey) picking?.extend(active, Math.max(0, Math.min(rows.length - 1, next)));
    else picking?.forget();
    focusRow(inside ? next : active);
  });
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => step(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  const settle = () => {
    const node = scroller.current;
    if (node) onSettled?.(node.scrollTop < rowHeight && !node.matches(':hover'));
  };
  const open = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
    event.currentTarget.querySelector<HTMLAnchorElement>('a')?.click();
  };

  if (error && rows.length === 0) return <ErrorState error={error} onRetry={onRetry} />;
  if (!pending && rows.length === 0) return empty;
  return (
    <div
      className={classes['scroller']}
      ref={ref}
      data-scroller
      onScroll={settle}
      onPointerEnter={settle}
      onPointerLeave={settle}
      data-stale={stale || undefined}
    >
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={total ?? (hasMore ? -1 : rows.length + 1)}
        aria-busy={pending || stale || undefined}
        aria-multiselectable={selection ? true : undefined}
        className={classes['grid']}
        style={{ height: pending ? undefined : rowsVirtual.getTotalSize() + rowHeight }}
      >
        <div role="row" className={classes['head']} style={{ gridTemplateColumns: tracks }} aria-rowindex={1}>
          {selection && (
            <div role="columnheader" className={classes['pick']}>
              <Checkbox
                aria-label="Choose everyone in this list"
                checked={selection.chosen.all && selection.chosen.ids.size === 0}
                indeterminate={
                  !selection.isEmpty && !(selection.chosen.all && selection.chosen.ids.size === 0)
                }
                onChange={() => (selection.isEmpty ? selection.everything() : selection.clear())}
              />
            </div>
          )}
          {columns.map(({ id, header, align, sorting }) => (
            <div key={id} role="columnheader" data-align={align} aria-sort={sorting?.now ?? undefined}>
              {sorting ? <SortButton header={header} sorting={sorting} /> : header}
            </div>
          ))}
        </div>
        {pending && <SkeletonRows tracks={tracks} columns={columns.length + (selection ? 1 : 0)} />}
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              role="row"
              data-index={index}
              aria-rowindex={index + 2}
              tabIndex={index === Math.min(active, rows.length - 1) ? 0 : -1}
              aria-selected={selection?.has(rowKey(row, index))}
              className={classes['row']}
              style={{ gridTemplateColumns: tracks, transform: `translateY(${start}px)` }}
              onFocus={() => setActive(index)}
              onKeyDown={open}
            >
              {selection && (
                <div role="gridcell" className={classes['pick']}>
                  <Checkbox
                    tabIndex={-1}
                    aria-label={`Choose ${props.rowName?.(row) ?? `row ${index + 1}`}`}
                    checked={selection.has(rowKey(row, index))}
                    onChange={(event) => picking?.pick(index, event)}
                  />
                </div>
              )}
              {columns.map(({ id, align, cell }) => (
                <div key={id} role="gridcell" data-align={align}>
                  {cell(row, link)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A column's name that sorts by it, or the other way round. */
function SortButton({ header, sorting: { now, onSort } }: { header: string; sorting: Sorting }) {
  const Arrow = now === 'ascending' ? IconArrowUp : IconArrowDown;
  return (
    <UnstyledButton className={classes['sort']} data-now={now !== null || undefined} onClick={onSort}>
      {header}
      <Arrow size={12} stroke={1.75} aria-hidden="true" />
    </UnstyledButton>
  );
}
