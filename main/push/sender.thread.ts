import { workerData } from 'node:worker_threads';
import type { VapidKey } from '../core/ports/push.ts';
import type { PracticeRoutes } from '../core/ports/rehearsal.ts';
import { serveThread } from '../threads/serve.ts';
import { Hosts } from './hosts.ts';
import type { Network } from './network.ts';
import { Practice } from './practice.ts';
import { type Job, Sender, type Settled } from './sender.ts';
import { Transport } from './transport.ts';

/** What the thread is started with. */
export interface SenderStart {
  network: Network;
  allowHosts: string[];
  /** Milliseconds for a whole answer. */
  timeout: number;
  keys: VapidKey[];
  practice: PracticeRoutes;
}

export interface SenderEvents {
  results: Settled[];
}

const batch = { size: 100, delay: 20 };

const start: SenderStart = workerData;
const { network, timeout } = start;
const hosts = new Hosts(start.allowHosts);
const practice = new Practice();
practice.routes = start.practice;
const sender = new Sender(new Transport({ network, hosts, timeout }), hosts, practice, collect);
for (const key of start.keys) sender.setKey(key);

let results: Settled[] = [];
let timer: NodeJS.Timeout | null = null;

function collect(result: Settled): void {
  results.push(result);
  // the last of a send wait for nothing
  if (results.length >= batch.size || sender.left === 0) flush();
  else timer ??= setTimeout(flush, batch.delay);
}

function flush(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  server.emit('results', results);
  results = [];
}

const operations = {
  setKey: (key: VapidKey): void => sender.setKey(key),
  allowHosts: (list: string[]): void => hosts.allow(list),
  practise(routes: PracticeRoutes): void {
    practice.routes = routes;
  },
  submit: (jobs: Job[]): void => sender.submit(jobs),
};
export type SenderOperations = typeof operations;

const server = serveThread<SenderOperations, SenderEvents>(operations);
