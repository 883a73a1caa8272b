import { availableParallelism } from 'node:os';
import type { Push, PushRequest, PushResult, VapidKey } from '../core/ports/push.ts';
import type { PracticeRoutes } from '../core/ports/rehearsal.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { ThreadClient } from '../threads/client.ts';
import { threadFile } from '../threads/file.ts';
import { builtInHosts, Hosts } from './hosts.ts';
import { networkOf } from './network.ts';
import type { SenderEvents, SenderOperations, SenderStart } from './sender.thread.ts';
import type { Job, Settled } from './sender.ts';
import { adviceOn } from './services/advice.ts';
import { retry } from './services/policy.ts';
import { lintSubject } from './subject.ts';
import { importVapidKey } from './vapid.ts';

export interface PushOptions {
  /** Threads that encrypt and send; two unless given, or one on a single core. */
  threads?: number;
  /** `host` or `host:port` of further push services. */
  allowHosts: string[];
  log: Logger;
  /** Where HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are read; the process's own unless given. */
  env?: NodeJS.ProcessEnv;
  /** Milliseconds that a push service has for its whole answer; 30 000 unless given. */
  timeout?: number;
}

/**
 * Opens the way to the push services. The threads start with the first request.
 * @throws Error with a sentence for the operator when HTTPS_PROXY cannot be read
 */
export function openPush({
  threads = Math.min(2, availableParallelism()),
  allowHosts,
  log,
  env = process.env,
  timeout = 30_000,
}: PushOptions): Push {
  const start = { network: networkOf(env, log), timeout, allowHosts: [...allowHosts], practice: null };
  return new Senders(threads, start, log);
}

/** One `send` that waits for its results. */
interface Sending {
  left: number;
  onResults(results: PushResult[]): void;
  done(): void;
}

interface Waiting {
  ref: PushRequest['ref'];
  pushService: string;
  sending: Sending;
}

/** A thread and what it has not answered yet, by number. */
interface Seat {
  thread: ThreadClient<SenderOperations, SenderEvents> | null;
  waiting: Map<number, Waiting>;
}

/** Requests that cross to a thread in one message: enough to be cheap, few enough to share out evenly. */
const share = 250;
/** Requests that a thread has at a time; the rest of a long `send` waits here, as it came. */
const ahead = 1000;

/** A part of a `send` that no thread has yet. */
interface Batch {
  requests: PushRequest[];
  sending: Sending;
}

class Senders implements Push {
  readonly builtInHosts = [...builtInHosts];
  readonly #seats: Seat[];
  readonly #hosts: Hosts;
  readonly #keys = new Map<number, VapidKey>();
  readonly #backlog: Batch[] = [];
  readonly #start: Omit<SenderStart, 'keys'>;
  readonly #log: Logger;
  #numbers = 0;
  #closed = false;

  constructor(threads: number, start: Omit<SenderStart, 'keys'>, log: Logger) {
    this.#seats = Array.from({ length: threads }, () => ({ thread: null, waiting: new Map() }));
    this.#hosts = new Hosts(start.allowHosts);
    this.#start = start;
    this.#log = log;
  }

  recognise(endpoint: string) {
    return this.#hosts.recognise(endpoint);
  }

  allowHosts(hosts: string[]): void {
    this.#hosts.allow(hosts);
    this.#start.allowHosts = [...hosts];
    for (const { thread } of this.#seats) thread?.call('allowHosts', hosts).catch(ended);
  }

  practise(routes: PracticeRoutes): void {
    this.#start.practice = routes;
    for (const { thread } of this.#seats) thread?.call('practise', routes).catch(ended);
  }

  setKey(key: VapidKey): void {
    importVapidKey(key.publicKey, key.privateKey); // here, where the caller hears of it
    // copies: what crosses to a thread is cloned with the whole buffer behind it
    const own = {
      ...key,
      publicKey: new Uint8Array(key.publicKey),
      privateKey: new Uint8Array(key.privateKey),
    };
    this.#keys.set(key.id, own);
    for (const { thread } of this.#seats) thread?.call('setKey', own).catch(ended);
  }

  send(requests: PushRequest[], onResults: (results: PushResult[]) => void): Promise<void> {
    if (requests.length === 0) return Promise.resolve();
    if (this.#closed) return Promise.reject(new Error('Belfry is closing: nothing is sent any more.'));
    return new Promise((done) => {
      const sending = { left: requests.length, onResults, done };
      for (let i = 0; i < requests.length; i += share)
        this.#backlog.push({ requests: requests.slice(i, i + share), sending });
      this.#feed();
    });
  }

  advice(reason: string, pushService: string): string | null {
    return adviceOn(reason, pushService);
  }

  lintSubject(subject: string): string | null {
    return lintSubject(subject);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#seats.map(({ thread }) => thread?.close(1000)));
    for (const seat of this.#seats) for (const { sending } of seat.waiting.values()) sending.done();
    for (const { sending } of this.#backlog) sending.done();
  }

  /** Hands what waits to the thread that has least to do, as long as one has room. */
  #feed(): void {
    if (this.#closed) return;
    for (;;) {
      const [seat] = this.#seats.toSorted((a, b) => a.waiting.size - b.waiting.size);
      if (!seat) throw new Error('There must be at least one sending thread.');
      if (seat.waiting.size > ahead - share) return;
      const batch = this.#backlog.shift();
      if (!batch) return;
      this.#submit(seat, batch);
    }
  }

  #submit(seat: Seat, { requests, sending }: Batch): void {
    // the keys of all in one buffer of their own, which moves to the thread
    const keys = new Uint8Array(requests.length * 81);
    const jobs = requests.map(({ ref, ...request }, index): Job => {
      const number = ++this.#numbers;
      seat.waiting.set(number, { ref, pushService: request.pushService, sending });
      return { ...request, ...placeKeys(keys, index, request), number };
    });
    seat.thread ??= this.#open(seat);
    seat.thread.callTransferring([keys.buffer], 'submit', jobs).catch(() =>
      this.#lose(
        seat,
        jobs.map(({ number }) => number),
      ),
    );
  }

  #open(seat: Seat): NonNullable<Seat['thread']> {
    const start: SenderStart = { ...this.#start, keys: [...this.#keys.values()] };
    const thread = new ThreadClient<SenderOperations, SenderEvents>(threadFile('sender', import.meta.url), {
      name: 'sender',
      workerData: start,
      onCrash: (error) => {
        this.#log.error({ error: error.message }, 'A sending thread ended; another takes its place');
        seat.thread = null; // started again with the next request
        this.#lose(seat, [...seat.waiting.keys()]);
      },
    });
    thread.on('results', (results) => this.#take(seat, results));
    return thread;
  }

  /** Gives a result to those of the requests that have none and will get none. */
  #lose(seat: Seat, numbers: number[]): void {
    if (this.#closed) return;
    const lost = { status: null, duration: 0, bytes: 0, ...retry('sender-restarted') };
    this.#take(
      seat,
      numbers.map((number) => ({ number, ...lost })),
    );
  }

  #take(seat: Seat, settled: Settled[]): void {
    const bySending = new Map<Sending, PushResult[]>();
    for (const { number, detail, ...rest } of settled) {
      const waiting = seat.waiting.get(number);
      if (!waiting) continue;
      seat.waiting.delete(number);
      const { ref, pushService, sending } = waiting;
      const results = bySending.get(sending);
      const result = { ref, pushService, ...rest };
      if (results) results.push(result);
      else bySending.set(sending, [result]);
      if (rest.outcome === 'fault')
        this.#log.warn({ pushService, status: rest.status, reason: rest.reason, detail }, 'Refused');
    }
    for (const [sending, results] of bySending) {
      sending.left -= results.length;
      try {
        sending.onResults(results);
      } catch (error) {
        this.#log.error({ error: String(error) }, 'What took the results of a send failed');
      }
      if (sending.left === 0) sending.done();
    }
    this.#feed();
  }
}

/** Copies a subscription's keys into the shared buffer and gives the views of them. */
function placeKeys(keys: Uint8Array, index: number, { p256dh, auth }: Pick<PushRequest, 'p256dh' | 'auth'>) {
  // keys of a wrong length are left as they are, for the thread to refuse
  if (p256dh.length !== 65 || auth.length !== 16)
    return { p256dh: new Uint8Array(p256dh), auth: new Uint8Array(auth) };
  const at = index * 81;
  keys.set(p256dh, at);
  keys.set(auth, at + 65);
  return { p256dh: keys.subarray(at, at + 65), auth: keys.subarray(at + 65, at + 81) };
}

/** Calls to a thread that ended are told of by its onCrash. */
const ended = () => {};
