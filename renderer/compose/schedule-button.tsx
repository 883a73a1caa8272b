import { Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatTimeFully } from '../parts/format.ts';
import classes from './compose.module.css';

const pad = (value: number) => String(value).padStart(2, '0');
/** A time as an input of type datetime-local wants it, in the operator's zone. */
const local = (time: Date) =>
  `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}T${pad(time.getHours())}:${pad(time.getMinutes())}`;

/** Tomorrow at nine: a time that is rarely wrong. */
const suggestion = () => {
  const time = new Date();
  time.setDate(time.getDate() + 1);
  time.setHours(9, 0, 0, 0);
  return local(time);
};

/** Asks for a time in the operator's zone, and gives it in UTC (RFC 3339); `at` is the time that holds now. */
export function ScheduleButton({
  at,
  ready,
  onSchedule,
}: {
  at: string | null;
  ready: () => boolean;
  onSchedule: (at: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState(() => (at === null ? suggestion() : local(new Date(at))));
  const time = new Date(value);
  const valid = !Number.isNaN(time.getTime());
  const past = valid && time.getTime() <= Date.now();
  const error = !valid
    ? 'Choose a day and a time.'
    : past
      ? 'This time is over. Choose a later one.'
      : undefined;
  return (
    <Popover opened={open} onChange={setOpen} position="top-end" trapFocus width={300}>
      <Popover.Target>
        <Button
          variant="default"
          onClick={() => {
            if (ready()) setOpen(!open);
          }}
        >
          {at === null ? 'Schedule…' : 'Change the time…'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={classes['schedule']}
          onSubmit={(event) => {
            event.preventDefault();
            if (error !== undefined) return;
            setOpen(false);
            onSchedule(time.toISOString());
          }}
        >
          <TextInput
            type="datetime-local"
            label="Send it on"
            value={value}
            error={error}
            data-autofocus
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <p className="dim small">
            {valid &&
              formatTimeFully(time.toISOString())
                .split('\n')
                .map((line) => (
                  <span key={line}>
                    {line}
                    <br />
                  </span>
                ))}
          </p>
          <Button type="submit" disabled={error !== undefined}>
            Choose this time
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
