import type { PushRequest, PushResult, VapidKey } from '../core/ports/push.ts';
import { createEncryptor, EncryptionError } from './encryption.ts';
import { Failure, judgeFailure } from './failures.ts';
import type { Hosts } from './hosts.ts';
import type { Practice } from './practice.ts';
import { type Answer, fault, headerOf, rejected, retry, type Verdict } from './services/policy.ts';
import { clampTtl, judge, policyOf } from './services/registry.ts';
import { dateOf } from './services/retry-after.ts';
import type { Transport } from './transport.ts';
import { Vapid } from './vapid.ts';

/** A request as it crosses to a thread: the number that its result comes back with instead of the ref. */
export interface Job extends Omit<PushRequest, 'ref'> {
  number: number;
}

export interface Settled extends Omit<PushResult, 'ref' | 'pushService'> {
  number: number;
  /** What a push service said of a fault beside its status; safe to log. */
  detail?: string;
}

/** A job with its endpoint read. */
type Addressed = Job & { url: URL };

/** The jobs to one origin: in order, so many at a time. */
interface Lane {
  origin: string;
  jobs: Addressed[];
  underWay: number;
}

const underWayInAll = 400;
/** Begun in one turn of the event loop; then what is encrypted goes out, and answers come in. */
const burst = 32;

/** Encrypts, signs and posts, a bounded number at a time, taking turns between the origins. */
export class Sender {
  readonly #encrypt = createEncryptor();
  readonly #vapid = new Vapid();
  readonly #transport: Transport;
  readonly #hosts: Hosts;
  readonly #practice: Practice;
  readonly #settled: (result: Settled) => void;
  readonly #lanes = new Map<string, Lane>();
  /** The lanes that have a job and room for it. */
  #ready: Lane[] = [];
  #underWay = 0;
  #left = 0;
  #pumping = false;

  /** @param settled called once for every job */
  constructor(transport: Transport, hosts: Hosts, practice: Practice, settled: (result: Settled) => void) {
    this.#transport = transport;
    this.#hosts = hosts;
    this.#practice = practice;
    this.#settled = settled;
  }

  setKey(key: VapidKey): void {
    this.#vapid.setKey(key);
  }

  /** Jobs that have no result yet. */
  get left(): number {
    return this.#left;
  }

  submit(jobs: Job[]): void {
    this.#left += jobs.length;
    for (const job of jobs) {
      const way = this.#wayOf(job);
      if ('refused' in way) this.#give(job, way.refused);
      else this.#laneOf(way.origin).jobs.push({ ...job, url: way.url });
    }
    this.#ready = [...this.#lanes.values()].filter((lane) => this.#hasTurn(lane));
    this.#pumpSoon();
  }

  /** Where to post, and the origin that the endpoint itself names. */
  #wayOf(job: Job): { url: URL; origin: string } | { refused: Verdict } {
    if (this.#vapid.isPractice(job.vapidKey)) {
      const way = this.#practice.wayOf(job.endpoint);
      return 'refused' in way ? way : { ...way, origin: new URL(job.endpoint).origin };
    }
    // again, since the operator may have changed the list after the endpoint was registered
    const recognised = this.#hosts.recognise(job.endpoint);
    if ('refused' in recognised) return { refused: rejected('host-not-allowed') };
    const url = new URL(job.endpoint);
    return { url, origin: url.origin };
  }

  #laneOf(origin: string): Lane {
    const known = this.#lanes.get(origin);
    if (known) return known;
    const lane = { origin, jobs: [], underWay: 0 };
    this.#lanes.set(origin, lane);
    return lane;
  }

  /** Once in a turn of the event loop, however many answers came in it. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (let begun = 0; this.#underWay < underWayInAll; begun++) {
      if (begun === burst) {
        this.#pumpSoon();
        return;
      }
      const lane = this.#ready.shift();
      if (!lane) return;
      const job = lane.jobs.shift();
      if (!job) {
        this.#forget(lane);
        continue;
      }
      this.#underWay++;
      lane.underWay++;
      if (this.#hasTurn(lane)) this.#ready.push(lane);
      void this.#process(job, lane.origin).finally(() => {
        this.#underWay--;
        lane.underWay--;
        if (lane.jobs.length > 0) {
          if (!this.#ready.includes(lane)) this.#ready.push(lane);
        } else this.#forget(lane);
        this.#pumpSoon();
      });
    }
  }

  #hasTurn({ origin, jobs, underWay }: Lane): boolean {
    return jobs.length > 0 && underWay < this.#transport.room(origin);
  }

  #forget(lane: Lane): void {
    if (lane.underWay === 0) this.#lanes.delete(lane.origin);
  }

  async #process(job: Addressed, origin: string): Promise<void> {
    const service = policyOf(job.pushService);
    let started = performance.now();
    let bytes = 0;
    try {
      const authorization = this.#vapid.authorization(job.vapidKey, origin);
      if (authorization === null) throw new Failure(fault('unknown-key'));
      if (job.topic !== null && !/^[A-Za-z0-9_-]{1,32}$/.test(job.topic))
        throw new Failure(rejected('bad-topic'));
      const body = this.#encrypt(job.p256dh, job.auth, job.payload);
      bytes = body.length;
      const headers: Record<string, string> = {
        authorization,
        ttl: String(clampTtl(service, job.ttl)),
        urgency: job.urgency,
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
      };
      if (job.topic !== null) headers['topic'] = job.topic;
      started = performance.now();
      const answer = await this.#transport.post(job.url, headers, body);
      const clockOff = this.#clockOff(job, origin, answer);
      const verdict = clockOff === null ? judge(service, answer, Date.now()) : fault('clock-off');
      const said = ['x-wns-status', 'x-wns-notificationstatus', 'x-wns-error-description']
        .map((name) => headerOf(answer, name))
        .filter((value) => value !== undefined);
      this.#give(job, verdict, {
        status: answer.status,
        duration: performance.now() - started,
        bytes,
        ...(clockOff !== null && { clockOff }),
        ...(verdict.outcome === 'fault' && said.length > 0 ? { detail: said.join('; ').slice(0, 200) } : {}),
      });
      if (verdict.outcome === 'fault' || verdict.pause === 'service') this.#holdBack(job, verdict);
    } catch (error) {
      const verdict = error instanceof EncryptionError ? rejected(error.code) : judgeFailure(error);
      this.#give(job, verdict, { duration: performance.now() - started, bytes });
      if (verdict.outcome === 'fault') this.#holdBack(job, verdict);
    }
  }

  /**
   * How far the clock here is ahead of the push service's, in milliseconds, where that is why it refuses our token;
   * null: it is not. Whatever reason the service gives, a token from another time is no good there.
   */
  #clockOff({ vapidKey }: Job, origin: string, answer: Answer): number | null {
    if (![400, 401, 403].includes(answer.status)) return null;
    const there = dateOf(answer);
    if (there === null || this.#vapid.isTimely(vapidKey, origin, there)) return null;
    return Date.now() - there;
  }

  /** Gives back what waits for a service that has just told this key to stop or to wait. */
  #holdBack(cause: Job, { retryAfter, pause }: Verdict): void {
    const held = (job: Job) => job.pushService === cause.pushService && job.vapidKey === cause.vapidKey;
    for (const lane of this.#lanes.values()) {
      for (const job of lane.jobs) if (held(job)) this.#give(job, retry('held-back', retryAfter, pause));
      lane.jobs = lane.jobs.filter((job) => !held(job));
    }
  }

  #give(job: Job, verdict: Verdict, known: Partial<Settled> = {}): void {
    this.#left--;
    this.#settled({ number: job.number, status: null, duration: 0, bytes: 0, ...verdict, ...known });
  }
}
