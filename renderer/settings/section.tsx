import { Button } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { sentence } from '../parts/errors.ts';
import { Note } from '../parts/states.tsx';
import { sections } from './sections.ts';
import classes from './settings.module.css';

/** A part of the settings: what it is about on the left, what can be set on the right. */
export function Section({
  title,
  about,
  children,
}: {
  title: string;
  about: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const { section } = useSearch({ strict: false });
  const meant = section !== undefined && sections.find((one) => one.id === section)?.title === title;
  useEffect(() => {
    if (!meant) return;
    heading.current?.scrollIntoView({ block: 'start' });
    // after the screen's own title
    const frame = requestAnimationFrame(() => heading.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, [meant]);
  return (
    <section className={classes['section']} aria-labelledby={id}>
      <div>
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p className="dim">{about}</p>
      </div>
      <div className={classes['controls']}>{children}</div>
    </section>
  );
}

/** The buttons under a part that was changed; they are there only while there is something to save. */
export function SaveRow({ changed, saving, error, onSave, onReset }: SaveProps) {
  return (
    <>
      {error !== null && error !== undefined && <Note tone="bad">{sentence(error)}</Note>}
      {changed && (
        <div className={classes['save']}>
          <Button loading={saving} onClick={onSave}>
            Save
          </Button>
          <Button variant="subtle" color="gray" onClick={onReset}>
            Leave it as it was
          </Button>
        </div>
      )}
    </>
  );
}
interface SaveProps {
  changed: boolean;
  saving: boolean;
  error: unknown;
  onSave: () => void;
  onReset: () => void;
}
