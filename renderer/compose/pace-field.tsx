import { NumberInput, SegmentedControl } from '@mantine/core';
import type { Pace } from '../../main/contract/campaigns.ts';
import { formatDuration } from '../parts/format.ts';
import classes from './compose.module.css';

type Kind = 'fast' | 'most' | 'over';
const kindOf = (pace: Pace | null): Kind => (pace === null ? 'fast' : 'perMinute' in pace ? 'most' : 'over');
const begun: Record<Kind, Pace | null> = {
  fast: null,
  most: { perMinute: 1000 },
  over: { overMinutes: 120 },
};

/** How long so many people take at this pace, in words; nothing when it is as fast as possible. */
const consequence = (pace: Pace, people: number | undefined) => {
  if (people === undefined || people < 2) return '';
  if ('perMinute' in pace)
    return `The last of them gets it after about ${formatDuration((people / pace.perMinute) * 60)}.`;
  const perMinute = people / pace.overMinutes;
  return perMinute >= 1
    ? `About ${Math.round(perMinute)} people a minute.`
    : `One person about every ${formatDuration(60 / perMinute)}.`;
};

interface Props {
  pace: Pace | null;
  /** How many it goes to, once that is known. */
  people: number | undefined;
  onChange: (pace: Pace | null) => void;
}

/** How fast a campaign is sent: as fast as push services take it, at most so many a minute, or over some hours. */
export function PaceField({ pace, people, onChange }: Props) {
  const whole = (value: number | string, most: number) =>
    typeof value === 'number' && value > 0 ? Math.min(most, Math.max(1, Math.round(value))) : null;
  return (
    <fieldset className={classes['audience']}>
      <legend>How fast</legend>
      <SegmentedControl
        size="xs"
        aria-label="How fast it is sent"
        value={kindOf(pace)}
        data={[
          { value: 'fast', label: 'As fast as possible' },
          { value: 'most', label: 'At most …' },
          { value: 'over', label: 'Spread over …' },
        ]}
        onChange={(kind) => onChange(begun[kind as Kind])}
      />
      {pace !== null && (
        <div className={classes['pace']}>
          {'perMinute' in pace ? (
            <>
              <NumberInput
                size="xs"
                aria-label="At most so many people a minute"
                value={pace.perMinute}
                min={1}
                max={10_000_000}
                allowDecimal={false}
                allowNegative={false}
                thousandSeparator=" "
                hideControls
                onChange={(value) => {
                  const perMinute = whole(value, 10_000_000);
                  if (perMinute !== null) onChange({ perMinute });
                }}
              />
              <span aria-hidden="true">people a minute</span>
            </>
          ) : (
            <>
              <NumberInput
                size="xs"
                aria-label="Spread over so many hours"
                value={Math.round((pace.overMinutes / 60) * 100) / 100}
                min={0.02}
                max={168}
                decimalScale={2}
                allowNegative={false}
                hideControls
                onChange={(value) => {
                  const overMinutes = typeof value === 'number' ? whole(value * 60, 10_080) : null;
                  if (overMinutes !== null) onChange({ overMinutes });
                }}
              />
              <span aria-hidden="true">hours</span>
            </>
          )}
          <span className="dim small">{consequence(pace, people)}</span>
        </div>
      )}
    </fieldset>
  );
}
