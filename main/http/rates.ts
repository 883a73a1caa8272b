import type { FastifyReply, FastifyRequest } from 'fastify';
import { visitorOf } from './connections.ts';

const MINUTE = 60_000;

/** Counts what comes for each of several names, in windows of a minute that begin with the first. */
export class RatePerMinute {
  readonly #most: number;
  readonly #keep: number;
  readonly #windows = new Map<string, { ends: number; count: number }>();

  /** @param keep how many names are counted at a time; beyond them whoever began first begins anew */
  constructor(most: number, keep = 50_000) {
    this.#most = most;
    this.#keep = keep;
  }

  /** Counts one. @returns null while that is within the rate, else the seconds until the next window */
  take(name: string, now: number, most = this.#most): number | null {
    const window = this.#windows.get(name);
    if (window === undefined || now >= window.ends || now < window.ends - MINUTE) {
      this.#begin(name, now);
      return most >= 1 ? null : MINUTE / 1000;
    }
    window.count += 1;
    return window.count <= most ? null : Math.ceil((window.ends - now) / 1000);
  }

  #begin(name: string, now: number): void {
    this.#windows.delete(name); // to stand last again
    for (const oldest of this.#windows.size < this.#keep ? [] : this.#windows.keys()) {
      this.#windows.delete(oldest);
      break;
    }
    this.#windows.set(name, { ends: now + MINUTE, count: 1 });
  }
}

/** A route's `onRequest`: lets an address make only so many requests a minute. */
export type Limit = (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void) => void;

/**
 * Limits what one visitor may ask.
 * @param perMinute by one address (IPv6: one /64)
 * @param fromThisMachine what loopback may make at least: one address there may stand for all visitors
 */
export function limitTo(perMinute: number, fromThisMachine: number): Limit {
  const rate = new RatePerMinute(perMinute);
  const here = Math.max(perMinute, fromThisMachine);
  return (request, reply, next) => {
    const { ip } = request;
    const most = isThisMachine(ip) ? here : perMinute;
    const wait = rate.take(visitorOf(ip), Date.now(), most);
    if (wait === null) return next();
    reply.header('retry-after', wait);
    next(Object.assign(new Error(), { statusCode: 429 }));
  };
}

const isThisMachine = (ip: string) => /^(127\.|::1$|::ffff:127\.)/.test(ip);
