import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Result } from './helpers/report.ts';
import { median } from './helpers/rounds.ts';
import type { Load, Loaded } from './helpers/subscribers.ts';

const rounds = 5;
const connections = 64;
const origin = 'https://www.example.org';

/**
 * Subscribing at the public listener of the whole program, durably, beside references in the same rounds: a bare
 * node:http that stores nothing, against which the goal is held; the same fastify and schema with nothing stored; and one
 * commit for each subscription. Then ten thousand people within a minute, while a campaign runs in the rehearsal.
 */
export default async function bench([count = 6000, crowd = 10_000] = [6000, 10_000]): Promise<Result[]> {
  const data = await mkdtemp(join(tmpdir(), 'belfry-subscribe-'));
  const start = async (file: string, first: unknown) => {
    const child = fork(new URL(`./helpers/${file}.ts`, import.meta.url), { execArgv: [] });
    child.send(first as string);
    return { child, said: ((await once(child, 'message')) as [unknown])[0] };
  };
  const belfry = await start('belfry', [
    ...['--data', data, '--public-port', '0', '--console-port', '0', '--trust-proxy', '127.0.0.1'],
  ]);
  const at = belfry.said as { public: string; console: string; token: string };
  const bare = await start('bare-http', 'start');
  const same = await start('bare-fastify', 'start');
  const single = await start('one-by-one', join(data, 'one-by-one.db'));
  const visitors = fork(new URL('./helpers/load.ts', import.meta.url), { execArgv: [] });
  const api = apiOf(at);
  const site = await api<Site>('POST', '/sites', {
    name: 'Bench',
    origins: [origin],
    subject: 'mailto:ops@example.org',
  });
  const urls = {
    belfry: `${at.public}/v1/sites/${site.key}/subscriptions`,
    bare: String(bare.said),
    same: String(same.said),
    single: String(single.said),
  };
  const children = { belfry: belfry.child, bare: bare.child, same: same.child, single: single.child };
  const seen: Record<keyof typeof urls, Measured[]> = { belfry: [], bare: [], same: [], single: [] };
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, url] of Object.entries(urls) as [keyof typeof urls, string][]) {
      const before = await cpuOf(children[name]);
      const loaded = await load(visitors, { url, origin, count, connections, rate: null });
      const cpu = ((await cpuOf(children[name])) - before) / count;
      mustBeTaken(loaded, count);
      if (round > 0) seen[name].push({ ...loaded, cpu }); // the first warms up
    }
  const results = compared(seen, count);
  if (crowd > 0) results.push(await crowded(api, visitors, urls.belfry, crowd));
  for (const child of [visitors, bare.child, same.child, single.child, belfry.child]) {
    child.disconnect();
    await once(child, 'exit');
  }
  await rm(data, { recursive: true, force: true });
  return results;
}

async function load(visitors: ChildProcess, wanted: Load): Promise<Loaded> {
  visitors.send(wanted);
  return ((await once(visitors, 'message')) as [Loaded])[0];
}

/** A load, and what each of its requests cost the thread that answered: microseconds of CPU. */
type Measured = Loaded & { cpu: number };

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  return ((await once(child, 'message')) as [number])[0];
}

function mustBeTaken({ statuses }: Loaded, count: number): void {
  if (statuses['201'] !== count) throw new Error(`Not all were taken: ${JSON.stringify(statuses)}`);
}

function compared(seen: Record<'belfry' | 'bare' | 'same' | 'single', Measured[]>, count: number): Result[] {
  const rates = (name: keyof typeof seen) => seen[name].map(({ wall }) => (count / wall) * 1000);
  const beside = (name: string, reference: keyof typeof seen, goal: number | null): Result => {
    const ratios = rates('belfry').map((rate, round) => rate / (rates(reference)[round] ?? Number.NaN));
    return {
      name,
      value: median(rates('belfry')),
      unit: 'subscribes/s',
      reference: median(rates(reference)),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      goal: goal === null ? null : `≥ ${goal}`,
      met: goal === null ? null : median(ratios) >= goal,
    };
  };
  const cpus = (name: keyof typeof seen) => seen[name].map(({ cpu }) => cpu);
  const cpuRatios = cpus('bare').map((cpu, round) => cpu / (cpus('belfry')[round] ?? Number.NaN));
  const p99 = (name: keyof typeof seen) => median(seen[name].map((loaded) => loaded.p99));
  return [
    beside('durable subscribe, against a bare node:http that stores nothing', 'bare', 0.7),
    beside('durable subscribe, against the same fastify that stores nothing', 'same', null),
    beside('durable subscribe, against a commit for each', 'single', null),
    {
      name: 'CPU of the answering thread, beside the bare one',
      value: median(cpus('belfry')),
      unit: 'µs',
      reference: median(cpus('bare')),
      ratio: median(cpuRatios),
      spread: [Math.min(...cpuRatios), Math.max(...cpuRatios)],
      goal: null,
      met: null,
    },
    {
      name: `p99 at ${connections} connections, beside the bare one`,
      value: p99('belfry'),
      unit: 'ms',
      reference: p99('bare'),
      ratio: null,
      spread: [
        Math.min(...seen.belfry.map((one) => one.p99)),
        Math.max(...seen.belfry.map((one) => one.p99)),
      ],
      goal: '< 50 (reported)',
      met: null,
    },
  ];
}

type Api = ReturnType<typeof apiOf>;

/** So many people in a minute, while the rehearsal's campaign is being sent. */
async function crowded(api: Api, visitors: ChildProcess, url: string, crowd: number): Promise<Result> {
  await api('POST', '/rehearsal', { people: 100_000 });
  const site = await eventually(async () => {
    const rehearsal = await api<Rehearsal>('GET', '/rehearsal');
    return rehearsal.state === 'ready' ? (rehearsal.site ?? undefined) : undefined;
  }, 'the people of the rehearsal');
  const campaign = await api<{ id: string }>('POST', '/campaigns', {
    site,
    message: { title: 'The bells of the week' },
    audience: { everyone: true },
  });
  const before = (await api<Progress>('GET', `/campaigns/${campaign.id}`)).counts;
  const loaded = await load(visitors, { url, origin, count: crowd, connections: 256, rate: crowd / 58 });
  const after = (await api<Progress>('GET', `/campaigns/${campaign.id}`)).counts;
  mustBeTaken(loaded, crowd);
  return {
    name: `p99, ${crowd} people in ${Math.round(loaded.wall / 1000)} s while ${settled(after) - settled(before)} were sent to`,
    value: loaded.p99,
    unit: 'ms',
    reference: loaded.p50,
    ratio: null,
    spread: [loaded.p50, loaded.most],
    goal: 'none refused',
    met: true,
  };
}

interface Progress {
  counts: { total: number; pending: number };
}
/** Of what is prepared so far. */
const settled = ({ total, pending }: Progress['counts']) => total - pending;

const apiOf =
  ({ console, token }: { console: string; token: string }) =>
  async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(new URL(`/api/v1${path}`, console), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };

async function eventually<Found>(look: () => Promise<Found | undefined>, what: string): Promise<Found> {
  for (const until = Date.now() + 120_000; Date.now() < until; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Waited in vain for ${what}`);
}
