import { Agent, request } from 'node:http';
import type { Report } from '../contract/public.ts';

/** What a post came to: its status, 0 when nothing answered. */
interface Outcome {
  status: number;
  /** Milliseconds that we are asked to wait. */
  wait: number;
}
interface Post {
  path: string;
  type: string;
  body: string;
  reports: number;
  tries: number;
}

const lanes = 16;
const perPost = 100;
const gather = 150;
/** A Belfry that is being started again is waited for. */
const mostTries = 60;
const betweenTries = 1000;

/**
 * Tells Belfry's public listener what people do, as their browsers would. They come from many addresses of
 * loopback, where the system has them: the listener limits what one address may send.
 */
export class Reporter {
  readonly #target: URL;
  readonly #agents: Agent[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #events: Report[] = [];
  #posts: Post[] = [];
  #idle: number[];
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  lost = 0;

  /** @param origin of the public listener */
  constructor(origin: string) {
    this.#target = new URL(origin);
    const manyAddresses = process.platform === 'linux' && this.#target.hostname === '127.0.0.1';
    this.#agents = Array.from(
      { length: lanes },
      (_, lane) =>
        new Agent({
          keepAlive: true,
          maxSockets: 1,
          ...(manyAddresses && { localAddress: `127.0.0.${10 + lane}` }),
        }),
    );
    this.#idle = this.#agents.map((_, lane) => lane);
  }

  report(event: Report): void {
    this.#events.push(event);
    if (this.#events.length >= perPost) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), gather);
  }

  /** The person unsubscribes. */
  leave(siteKey: string, endpoint: string): void {
    this.#enqueue({
      path: `/v1/sites/${siteKey}/subscriptions/remove`,
      type: 'application/json',
      body: JSON.stringify({ endpoint }),
      reports: 1,
      tries: 0,
    });
  }

  /** Reports not yet taken. */
  get waiting(): number {
    const posted = this.#posts.reduce((sum, { reports }) => sum + reports, 0);
    return this.#events.length + posted + this.#underWay;
  }
  #underWay = 0;

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const timer of this.#timers) clearTimeout(timer);
    for (const agent of this.#agents) agent.destroy();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const events = this.#events;
    this.#events = [];
    if (events.length > 0)
      this.#enqueue({
        path: '/v1/events',
        type: 'text/plain',
        body: JSON.stringify({ events }),
        reports: events.length,
        tries: 0,
      });
  }

  #enqueue(post: Post): void {
    this.#posts.push(post);
    this.#pump();
  }

  #pump(): void {
    while (!this.#closed && this.#posts.length > 0) {
      const lane = this.#idle.shift();
      if (lane === undefined) return;
      const post = this.#posts.shift();
      if (post === undefined) return;
      this.#underWay += post.reports;
      void this.#send(lane, post).then(({ status, wait }) => {
        this.#underWay -= post.reports;
        const again = status === 0 || status === 429 || status >= 500;
        if (again && ++post.tries < mostTries) this.#posts.unshift(post);
        else if (status < 200 || status >= 300) this.lost += post.reports;
        this.#after(again ? wait : 0, () => {
          this.#idle.push(lane);
          this.#pump();
        });
      });
    }
  }

  #after(wait: number, act: () => void): void {
    if (this.#closed) return;
    if (wait === 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, wait);
    this.#timers.add(timer);
  }

  #send(lane: number, { path, type, body }: Post): Promise<Outcome> {
    return new Promise((resolve) => {
      const sent = request(
        {
          host: this.#target.hostname.replace(/^\[|\]$/g, ''),
          port: this.#target.port || 80,
          method: 'POST',
          path,
          agent: this.#agents[lane],
          headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
          timeout: 10_000,
        },
        (answer) => {
          answer.resume();
          const wait = Number(answer.headers['retry-after'] ?? 1) * 1000;
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, wait }));
          answer.on('error', () => resolve({ status: 0, wait: betweenTries }));
        },
      );
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => resolve({ status: 0, wait: betweenTries }));
      sent.end(body);
    });
  }
}
