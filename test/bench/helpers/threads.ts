import type { Worker } from 'node:worker_threads';

/** Milliseconds of CPU by the name of the thread; `main` is the main thread, `rest` the engine's helpers. */
export type ThreadCosts = Record<string, number>;

const total = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;

/** What each thread of this process has used so far. Names that several threads share are added up. */
export async function threadCosts(workers: Iterable<Worker>): Promise<ThreadCosts> {
  const costs: ThreadCosts = { main: total(process.threadCpuUsage()) };
  for (const worker of workers) {
    const name = worker.threadName?.replace(/ \d+$/, '') ?? 'unnamed';
    costs[name] = (costs[name] ?? 0) + total(await worker.cpuUsage());
  }
  const known = Object.values(costs).reduce((sum, cost) => sum + cost, 0);
  costs['rest'] = Math.max(0, total(process.cpuUsage()) - known);
  return costs;
}

/** What was used between two readings. */
export const between = (before: ThreadCosts, after: ThreadCosts): ThreadCosts =>
  Object.fromEntries(Object.entries(after).map(([name, cost]) => [name, cost - (before[name] ?? 0)]));
