import { formatNumber, formatTime, formatTimeFully } from './format.ts';

/** A number with thin spaces, in figures of one width. */
export const Num = ({ value }: { value: number }) => <span className="tabular">{formatNumber(value)}</span>;

/** A time in few words; the whole of it, with its zone and in UTC, on hover. */
export function Time({ at }: { at: string | null }) {
  if (at === null) return <span className="dim">–</span>;
  return (
    <time dateTime={at} title={formatTimeFully(at)}>
      {formatTime(at, new Date())}
    </time>
  );
}
