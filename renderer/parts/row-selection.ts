import { type ChangeEvent, useRef } from 'react';
import { keyboardIsTaken } from './keyboard.ts';
import type { Chosen, Selection } from './selection.ts';

/** What the keyboard and the pointer do to a selection, in a list of rows with these ids. */
export function useRowSelection(selection: Selection | undefined, ids: string[]) {
  /** Where a range began, and what was chosen before it. */
  const range = useRef<{ anchor: number; before: Chosen } | null>(null);
  if (selection === undefined) return null;
  const { chosen, has, set } = selection;
  const idAt = (index: number) => ids[index] ?? '';
  const toggle = (index: number) => {
    range.current = { anchor: index, before: chosen };
    set([idAt(index)], !has(idAt(index)));
  };
  /** All from where the range began up to here, as a list of files does it. */
  const extend = (from: number, to: number) => {
    range.current ??= { anchor: from, before: chosen };
    const { anchor, before } = range.current;
    set(ids.slice(Math.min(anchor, to), Math.max(anchor, to) + 1), true, before);
  };
  return {
    toggle,
    extend,
    forget: () => {
      range.current = null;
    },
    pick: (index: number, event: ChangeEvent<HTMLInputElement>) => {
      const isRange = (event.nativeEvent as MouseEvent).shiftKey && range.current !== null;
      if (isRange) extend(index, index);
      else toggle(index);
    },
    /** @returns whether the key was for the selection */
    key: (event: KeyboardEvent, active: number, inside: boolean): boolean => {
      const { key, target } = event;
      if (event.altKey || keyboardIsTaken(target)) return false;
      const isCommand = event.ctrlKey || event.metaKey;
      // wherever the focus is but in a field: there is one list on a screen
      if (isCommand && !event.shiftKey && key.toLowerCase() === 'a') {
        range.current = null;
        selection.everything();
        return true;
      }
      if (isCommand) return false;
      if (key === 'Escape' && !selection.isEmpty) {
        range.current = null;
        selection.clear();
        return true;
      }
      // a box within the row has the key itself
      if (key === ' ' && target instanceof HTMLElement && target.matches('[role=row]') && inside) {
        if (event.shiftKey) extend(active, active);
        else toggle(active);
        return true;
      }
      return false;
    },
  };
}
