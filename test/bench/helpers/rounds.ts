import type { Result } from './report.ts';

/** What one run of something cost. */
export interface Cost {
  /** Milliseconds of wall clock. */
  wall: number;
  /** Milliseconds of CPU of this process, threads included. */
  cpu: number;
}

/** Runs something once and measures it. */
export async function measure(run: () => unknown): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await run();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

/**
 * Runs several things in turn, round after round, so that what else the machine does falls on all of them. One round
 * before is not counted: it warms up, unless `warmUp` says that all is warm.
 */
export async function interleave<Name extends string>(
  rounds: number,
  runs: Record<Name, () => unknown>,
  { warmUp = true } = {},
): Promise<Record<Name, Cost[]>> {
  const names = Object.keys(runs) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Cost[]>;
  for (let round = warmUp ? 0 : 1; round <= rounds; round++)
    for (const name of names) {
      const cost = await measure(runs[name]);
      if (round > 0) costs[name].push(cost);
    }
  return costs;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Compares costs of which less is better, round by round.
 * @param each divides both into what is shown, such as by the number of messages
 * @param atLeast how many times less ours should cost; null: only reported
 */
export function compare(
  name: string,
  unit: string,
  ours: number[],
  reference: number[],
  each: number,
  atLeast: number | null,
): Result {
  const ratios = ours.map((cost, round) => (reference[round] ?? Number.NaN) / cost);
  const ratio = median(ratios);
  return {
    name,
    value: median(ours) / each,
    unit,
    reference: median(reference) / each,
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    goal: atLeast === null ? null : `≥ ${atLeast}`,
    met: atLeast === null ? null : ratio >= atLeast,
  };
}
