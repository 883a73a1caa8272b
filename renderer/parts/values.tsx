import { formatNumber, formatTime, formatTimeFully } from './format.ts';

/** A number with thin spaces, in figures of one width. */
export const Num = ({ value }: { value: number }) => <span className="tabular">{formatNumber(value)}</span>;

const withinSentence = (time: string) => time.replace(/^(Yesterday|Tomorrow)/, (word) => word.toLowerCase());

/** A time in few words; the whole of it, with its zone and in UTC, on hover. `inline`: in the middle of a sentence. */
export function Time({ at, inline = false }: { at: string | null; inline?: boolean }) {
  if (at === null) return <span className="dim">–</span>;
  return (
    <time dateTime={at} title={formatTimeFully(at)}>
      {inline ? withinSentence(formatTime(at, new Date())) : formatTime(at, new Date())}
    </time>
  );
}
