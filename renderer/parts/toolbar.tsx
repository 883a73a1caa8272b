import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import classes from './toolbar.module.css';

/** The row above a list: filters on the left, search on the right. */
export const Toolbar = ({ children }: { children: ReactNode }) => (
  <div className={classes['toolbar']}>{children}</div>
);

/** Filters side by side; each is a link, so that every view has its address. */
export const Filters = ({ label, children }: { label: string; children: ReactNode }) => (
  <nav aria-label={label} className={classes['filters']}>
    {children}
  </nav>
);
/** What a link among filters must be given. */
export const filter = (chosen: boolean) => ({
  className: classes['filter'] ?? '',
  'aria-current': chosen ? ('true' as const) : undefined,
  'data-chosen': chosen || undefined,
});
export const FilterCount = ({ children }: { children: ReactNode }) => (
  <span className={classes['count']}>{children}</span>
);

/** Searches a list while typing; `/` focuses it, Escape empties it. */
export function ListSearch({ label, value, onSearch }: SearchProps) {
  const [text, setText] = useState(value);
  const search = useEffectEvent(onSearch);
  // what this field asked for comes back as the value, while more may have been typed already
  const asked = useRef(value);
  useEffect(() => {
    if (value !== asked.current) setText(value);
    asked.current = value;
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text.trim() === value) return;
      asked.current = text.trim();
      search(text.trim());
    }, 120);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <TextInput
      className={classes['search']}
      size="xs"
      placeholder={label}
      aria-label={label}
      data-list-search
      value={text}
      leftSection={<IconSearch size={14} stroke={1.5} />}
      rightSection={
        text && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText('')} />
      }
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        if (text) setText('');
        else event.currentTarget.blur();
      }}
    />
  );
}
interface SearchProps {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}
