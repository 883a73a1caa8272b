import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Site } from '../../main/contract/sites.ts';
import { visit } from './answers.ts';
import { type Chance, chanceOf } from './chance.ts';
import { shoot } from './requests.ts';
import { checkStored } from './stored.ts';
import type { Told } from './subject.ts';

export interface Figures {
  /** Those that were answered. */
  requests: number;
  /** With those that were incomplete, or came after one that ended its connection. */
  sent: number;
  seconds: number;
  /** How many answers had each status. */
  statuses: Record<string, number>;
  stored: number;
  /** Bytes after each third, settled. */
  heap: number[];
  rss: number[];
  /** Everything that should not have been; empty when all is well. */
  wrong: string[];
}

const lanes = 24;
const origin = 'https://bells.example';

/** A third that is not the first may need so much more than the one before: caches fill in the first. */
const heapGrowth = (before: number) => before * 0.1 + 3_000_000;
const rssGrowth = (before: number) => before * 0.2 + 40_000_000;

/**
 * Sends so many requests to every public route of a whole program, valid ones and ones spoilt in every layer, and
 * looks at what comes back, what is stored, what is dialled, and whether memory grows.
 */
export async function fuzz({ requests, seed }: { requests: number; seed: number }): Promise<Figures> {
  const data = await mkdtemp(join(tmpdir(), 'belfry-fuzz-'));
  let dialled = 0;
  const witness = createServer((socket) => {
    dialled += 1;
    socket.destroy();
  });
  await new Promise<void>((done) => witness.listen(0, '127.0.0.1', done));
  const child = fork(new URL('./subject.ts', import.meta.url), {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  child.send(['--data', data, '--public-port', '0', '--console-port', '0', '--trust-proxy', '127.0.0.1']);
  const [at] = (await once(child, 'message')) as [{ public: string; console: string; token: string }];
  const answer = await fetch(new URL('/api/v1/sites', at.console), {
    method: 'POST',
    headers: { authorization: `Bearer ${at.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Bells',
      origins: [origin],
      subject: 'mailto:ringer@bells.example',
      settings: { visitorTags: ['news'], visitorAttributes: ['plan'] },
    }),
  });
  const site = (await answer.json()) as Site;
  const target = { siteKey: site.key, origin, witnessPort: (witness.address() as AddressInfo).port };
  const port = Number(new URL(at.public).port);

  const figures: Figures = {
    requests: 0,
    sent: 0,
    seconds: 0,
    statuses: {},
    stored: 0,
    heap: [],
    rss: [],
    wrong: [],
  };
  const settle = async (): Promise<Told> => {
    child.send('settle');
    return ((await once(child, 'message')) as [Told])[0];
  };
  // each lane has its own, so that the seed repeats what each of them sends
  const chances = Array.from({ length: lanes }, (_, index) => chanceOf(seed * 1009 + index));
  const began = performance.now();

  async function lane(chance: Chance, until: number) {
    while (figures.requests < until && figures.wrong.length < 20) {
      const shots = [];
      do shots.push(shoot(chance, target));
      while (shots.length < 12 && !shots.at(-1)?.last && chance.percent(90));
      figures.sent += shots.length;
      const { answers, wrong } = await visit(port, shots);
      figures.requests += answers.length;
      if (wrong !== null)
        figures.wrong.push(
          `${wrong} (${answers.map(({ status }) => status).join(' ')})\n${shots.map(({ bytes }) => bytes.toString('latin1').slice(0, 300)).join('\n---\n')}`,
        );
      for (const { status, headers, body } of answers) {
        figures.statuses[status] = (figures.statuses[status] ?? 0) + 1;
        const fault = faultOf(status, headers, body);
        if (fault !== null) figures.wrong.push(`${fault}: ${status} ${body.slice(0, 300)}`);
      }
    }
  }

  let told: Told | undefined;
  for (const third of [1, 2, 3]) {
    await Promise.all(chances.map((chance) => lane(chance, (requests * third) / 3)));
    told = await settle();
    figures.heap.push(told.heap);
    figures.rss.push(told.rss);
  }
  figures.seconds = (performance.now() - began) / 1000;
  figures.wrong.push(...growth(figures), ...(told?.faults ?? []).map((line) => `logged: ${line}`));
  // the process itself connects to nobody; senders would be seen by the one that listens
  if (dialled > 0 || (told?.dialled ?? 0) > 0)
    figures.wrong.push(`dialled ${dialled + (told?.dialled ?? 0)} times`);
  const alive = await fetch(new URL('/healthz', at.public)).catch(() => null);
  if (alive?.status !== 200) figures.wrong.push('it does not answer any more');
  child.send('close');
  await once(child, 'exit');
  witness.close();
  const stored = checkStored(data, origin);
  figures.stored = stored.rows;
  figures.wrong.push(...stored.wrong.slice(0, 20));
  await rm(data, { recursive: true, force: true });
  return figures;
}

function faultOf(status: number, headers: Map<string, string>, body: string): string | null {
  if (status >= 500) return 'a fault of ours';
  if (headers.get('x-content-type-options') !== 'nosniff') return 'without nosniff';
  if (status < 400) return null;
  if (headers.get('content-type') !== 'application/problem+json') return 'no problem document';
  if (/\bat .+:\d+:\d+|node_modules|\.ts:\d/.test(body)) return 'a stack trace';
  return null;
}

/** A run too short for its caches to fill says nothing of memory. */
function growth({ requests, heap, rss }: Figures): string[] {
  const [, second = 0, third = 0] = heap;
  const [, secondRss = 0, thirdRss = 0] = rss;
  if (requests < 30_000) return [];
  return [
    ...(third - second > heapGrowth(second) ? [`the heap grew from ${second} to ${third} bytes`] : []),
    ...(thirdRss - secondRss > rssGrowth(secondRss)
      ? [`memory grew from ${secondRss} to ${thirdRss} bytes`]
      : []),
  ];
}
