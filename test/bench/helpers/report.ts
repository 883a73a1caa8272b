/** One measured thing, beside what it is compared with in the same run. */
export interface Result {
  name: string;
  /** Ours, in `unit`. */
  value: number;
  unit: string;
  /** What it is compared with, in `unit`; null when it stands alone. */
  reference: number | null;
  /** How many times better than the reference; null without one. */
  ratio: number | null;
  /** The lowest and highest ratio (or value, without a reference) among the rounds. */
  spread: [low: number, high: number];
  /** What the ratio (or value) should be, as text; null when only reported. */
  goal: string | null;
  met: boolean | null;
}

/** Prints a table for people and, for scripts, one last line of JSON. */
export function report(bench: string, results: Result[], { json }: { json: boolean }): void {
  const rows = results.map((result) => ({
    what: result.name,
    ours: `${short(result.value)} ${result.unit}`,
    reference: result.reference === null ? '' : `${short(result.reference)} ${result.unit}`,
    ratio: result.ratio === null ? '' : short(result.ratio),
    spread: result.spread.map(short).join(' to '),
    goal: result.goal ?? '',
    met: result.met === null ? '' : result.met ? 'yes' : 'no',
  }));
  console.table(Object.fromEntries(rows.map(({ what, ...rest }) => [what, rest])));
  if (json) console.log(JSON.stringify({ bench, results }));
}

const short = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
