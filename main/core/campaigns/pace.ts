import type { PushResult } from '../ports/push.ts';
import type { Clock } from '../ports/surroundings.ts';

/** Deliveries that may be under way at one push service: at the start, at the least, at the most. */
const FIRST = 32;
const LEAST = 1;
const MOST = 200;
/** After this many failures without one success between them a service counts as not answering. */
const BREAKS_AFTER = 12;
/** How long a service that does not answer is left alone: doubled each time it still does not. Milliseconds. */
const FIRST_BREAK = 5000;
const LONGEST_BREAK = 60 * 1000;
/** How long to leave a service alone that asks us to slow down and does not say for how long. Milliseconds. */
const PAUSE = 5000;
/** Answers that were on their way when the window was halved say nothing new. Milliseconds. */
const ROUND_TRIP = 500;

interface Window {
  size: number;
  underWay: number;
  /** Until the first trouble the window grows by one with each success, afterwards by one with each windowful. */
  steady: boolean;
  halvedAt: number;
  failures: number;
  breaks: number;
  brokenUntil: number;
}

/**
 * How much may be under way at each push service for each site: additive increase while it accepts, multiplicative
 * decrease when it refuses or fails (as TCP does it). A service that fails and fails is left alone for a time, then
 * tried with a single delivery (a circuit breaker that is half open).
 */
export class Pace {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The services that are known here, with how many more deliveries each may be given; others may get `first`. */
  rooms(site: number): { rooms: Record<string, number>; first: number } {
    const rooms: Record<string, number> = {};
    for (const [key, window] of this.#windows) {
      const [of, service] = split(key);
      if (of === site) rooms[service] = Math.max(0, Math.floor(window.size) - window.underWay);
    }
    return { rooms, first: FIRST };
  }

  begin(site: number, service: string): void {
    this.#window(site, service).underWay++;
  }

  /** It was given back without having been sent. */
  giveUp(site: number, service: string): void {
    this.#window(site, service).underWay--;
  }

  /** Learns from an answer. @returns for how long to leave the service alone, and why; usually null */
  answered(
    site: number,
    { pushService, outcome, pause, retryAfter, reason }: PushResult,
  ): { milliseconds: number; reason: string } | null {
    const window = this.#window(site, pushService);
    window.underWay--;
    if (reason === 'held-back') return null;
    if (outcome !== 'retry') {
      // any real answer but an error of the service itself: it is there and keeps up
      window.failures = 0;
      window.breaks = 0;
      if (outcome === 'accepted')
        window.size = Math.min(MOST, window.size + (window.steady ? 1 / window.size : 1));
      return null;
    }
    if (pause === 'device') return null;
    this.#halve(window);
    if (pause === 'service') return { milliseconds: retryAfter ?? PAUSE, reason };
    window.failures++;
    const now = this.#clock.now();
    // what was on its way when the break began tells nothing new
    if (window.failures < BREAKS_AFTER || now < window.brokenUntil) return null;
    window.failures = BREAKS_AFTER - 1; // half open: the next failure is enough
    window.size = LEAST;
    const milliseconds = Math.min(LONGEST_BREAK, FIRST_BREAK * 2 ** window.breaks++);
    window.brokenUntil = now + milliseconds;
    return { milliseconds, reason: 'not-answering' };
  }

  forget(site: number): void {
    for (const key of this.#windows.keys()) if (split(key)[0] === site) this.#windows.delete(key);
  }

  #halve(window: Window) {
    const now = this.#clock.now();
    window.steady = true;
    if (now - window.halvedAt < ROUND_TRIP) return;
    window.halvedAt = now;
    window.size = Math.max(LEAST, window.size / 2);
  }

  #window(site: number, service: string): Window {
    const key = `${site} ${service}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const window = {
      size: FIRST,
      underWay: 0,
      steady: false,
      halvedAt: Number.NEGATIVE_INFINITY,
      failures: 0,
      breaks: 0,
      brokenUntil: 0,
    };
    this.#windows.set(key, window);
    return window;
  }
}

function split(key: string): [number, string] {
  const space = key.indexOf(' ');
  return [Number(key.slice(0, space)), key.slice(space + 1)];
}
