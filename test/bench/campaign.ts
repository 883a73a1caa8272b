import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { lateness, resolution } from './helpers/lateness.ts';
import { ownMemory } from './helpers/memory.ts';
import { addPeople } from './helpers/people.ts';
import type { Result } from './helpers/report.ts';
import { median } from './helpers/rounds.ts';
import { startService } from './helpers/start-service.ts';
import { between, type ThreadCosts, threadCosts } from './helpers/threads.ts';
import { startWatcher } from './helpers/watcher.ts';

/** What one campaign cost the whole program. */
interface Cost {
  /** Microseconds for each message. */
  wall: number;
  cpu: number;
  threads: ThreadCosts;
  /** Bytes above what the program kept for itself before, and in all. */
  memory: number;
  peak: number;
  /** In all, with what is mapped of the database. */
  mapped: number;
  /** How late the main thread's event loop was, 99th percentile, milliseconds. */
  delay: number;
  /** The same of an idle process, at the same time. */
  idleDelay: number;
}

interface Setting {
  belfry: Belfry;
  workers: Set<Worker>;
  watcher: ReturnType<typeof startWatcher>;
}

const roundsOf = (count: number) => (count <= 10_000 ? 3 : 1);

/** What the deliveries that were made take in the database, their indexes with them. */
function bytesPerDelivery(data: string): Result {
  const db = new Database(join(data, 'belfry.db'), { readonly: true });
  const bytes = db.prepare("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'delivery%'").pluck().get();
  const count = db.prepare('SELECT count(*) FROM delivery').pluck().get();
  db.close();
  const value = Number(bytes) / Number(count);
  return {
    name: 'a settled delivery in the database',
    value,
    unit: 'bytes',
    reference: null,
    ratio: null,
    spread: [value, value],
    goal: null,
    met: null,
  };
}

/** Belfry's whole program, with its listeners and database, sending campaigns to sites of several sizes. */
export default async function bench(sizes = [10_000, 100_000, 1_000_000]): Promise<Result[]> {
  const service = await startService(5);
  const data = await mkdtemp(join(tmpdir(), 'belfry-bench-'));
  const workers = new Set<Worker>();
  process.on('worker', (worker) => {
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  });
  const args = service.hosts.flatMap((host) => ['--allow-push-host', host]);
  const belfry = await Belfry.start({ certificates: service.certificates, args, data });
  const sites: { id: string; count: number }[] = [];
  for (const count of sizes) {
    const { id } = await belfry.api<Site>('POST', '/sites', {
      name: `Site ${count}`,
      origins: [`https://n${count}.example.org`],
      subject: 'mailto:ops@example.org',
    });
    sites.push({ id, count });
  }
  await belfry.stop();
  for (const { count } of sites) addPeople(data, `Site ${count}`, count, service.hosts);
  await belfry.launch();

  const setting = { belfry, workers, watcher: startWatcher() };
  const results: Result[] = [];
  let smallest: Cost[] = [];
  for (const { id, count } of sites) {
    // a first campaign warms up; its cost is not counted
    if (smallest.length === 0) await run(setting, id, count);
    const costs: Cost[] = [];
    for (let round = 0; round < roundsOf(count); round++) costs.push(await run(setting, id, count));
    if (smallest.length === 0) smallest = costs;
    results.push(...resultsOf(count, costs, smallest));
  }
  await setting.watcher.close();
  await belfry.stop();
  results.push(bytesPerDelivery(data));
  await rm(data, { recursive: true, force: true });
  await service.close();
  return results;
}

async function run({ belfry, workers, watcher }: Setting, site: string, count: number): Promise<Cost> {
  global.gc?.();
  const idle = ownMemory();
  let peak = idle;
  let mapped = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, ownMemory());
    mapped = Math.max(mapped, process.memoryUsage.rss());
  }, 100);
  const delays = monitorEventLoopDelay({ resolution });
  const before = await threadCosts(workers);
  delays.enable();
  watcher.start();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { id } = await belfry.api<CampaignDetail>('POST', '/campaigns', {
    site,
    message: { title: 'The bells of the week', body: 'Read what has happened since you were here last.' },
    audience: { everyone: true },
  });
  // the list is cheap; the detail counts outcomes anew each time
  let campaign: Campaign | undefined;
  do {
    await wait(Math.min(1000, Math.max(100, count / 100)));
    const page = await belfry.api<{ items: Campaign[] }>('GET', `/campaigns?site=${site}&limit=1`);
    campaign = page.items.find((item) => item.id === id);
  } while (campaign?.state === 'sending');
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  delays.disable();
  const idleDelay = await watcher.stop();
  clearInterval(sampling);
  const accepted = campaign?.counts.accepted;
  if (accepted !== count) throw new Error(`${campaign?.state}: only ${accepted} of ${count} were accepted`);
  const threads = between(before, await threadCosts(workers));
  return {
    wall: (wall * 1000) / count,
    cpu: (user + system) / count,
    threads: Object.fromEntries(Object.entries(threads).map(([name, ms]) => [name, (ms * 1000) / count])),
    memory: peak - idle,
    peak,
    mapped,
    delay: lateness(delays),
    idleDelay,
  };
}

function resultsOf(count: number, costs: Cost[], smallest: Cost[]): Result[] {
  const name = (what: string) => `campaign to ${count}, ${what}`;
  const single = (what: string, unit: string, values: number[], goal: number | null): Result => ({
    name: name(what),
    value: median(values),
    unit,
    reference: null,
    ratio: null,
    spread: [Math.min(...values), Math.max(...values)],
    goal: goal === null ? null : `≤ ${goal}`,
    met: goal === null ? null : median(values) <= goal,
  });
  const beside = (what: string, unit: string, of: (cost: Cost) => number, goal: number): Result => {
    const reference = median(smallest.map(of));
    const ratio = median(costs.map(of)) / reference;
    const plain = single(what, unit, costs.map(of), null);
    return costs === smallest
      ? plain
      : { ...plain, reference, ratio, goal: `≤ ${goal} × the smallest`, met: ratio <= goal };
  };
  const names = Object.keys(costs[0]?.threads ?? {});
  const database = ({ threads }: Cost) => (threads['writer'] ?? 0) + (threads['reader'] ?? 0);
  return [
    single(
      'time',
      'µs/message',
      costs.map(({ wall }) => wall),
      null,
    ),
    beside('CPU', 'µs CPU/message', ({ cpu }) => cpu, 1.1),
    ...names.map((thread) =>
      single(
        `CPU of ${thread}`,
        'µs CPU/message',
        costs.map(({ threads }) => threads[thread] ?? 0),
        null,
      ),
    ),
    single(
      'database’s share',
      '% of CPU',
      costs.map((cost) => (database(cost) / cost.cpu) * 100),
      5,
    ),
    beside('peak memory in all', 'MB', ({ peak }) => peak / 2 ** 20, 1.2),
    single(
      'peak memory above idle',
      'MB',
      costs.map(({ memory }) => memory / 2 ** 20),
      150,
    ),
    single(
      'peak memory with what is mapped of the database',
      'MB',
      costs.map(({ mapped }) => mapped / 2 ** 20),
      null,
    ),
    {
      ...single(
        'event loop of main, p99',
        'ms',
        costs.map(({ delay }) => delay),
        20,
      ),
      // of a process that does nothing: what is the machine's and not ours
      reference: median(costs.map(({ idleDelay }) => idleDelay)),
    },
  ];
}
