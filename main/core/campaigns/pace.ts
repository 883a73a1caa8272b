import type { PushResult } from '../ports/push.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Limit } from './limit.ts';

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
/** A service that has something and says nothing for so long is silent. Milliseconds. */
const SILENCE = 2000;

interface Window {
  size: number;
  underWay: number;
  /** Until the first trouble the window grows by one with each success, afterwards by one with each windowful. */
  steady: boolean;
  halvedAt: number;
  failures: number;
  breaks: number;
  brokenUntil: number;
  /** When it last said something, or was given something while it had nothing. */
  heardAt: number;
  limit: Limit;
}

/**
 * How much may be under way at each push service for each site: additive increase while it accepts, multiplicative
 * decrease when it refuses or fails (as TCP does it). A service that limits us is also kept to the rate that it has
 * shown to take. One that fails and fails is left alone for a time, then tried with a single delivery (a circuit
 * breaker that is half open).
 */
export class Pace {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  /** @param clock one that is never set */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The services that are known here, with how many more deliveries each may be given, and how many it may have at
   * once; others may get `first`.
   */
  rooms(site: number): { rooms: Record<string, number>; sizes: Record<string, number>; first: number } {
    const rooms: Record<string, number> = {};
    const sizes: Record<string, number> = {};
    for (const [service, window] of this.#of(site)) {
      const room = Math.min(Math.floor(window.size) - window.underWay, window.limit.allowed());
      rooms[service] = Math.max(0, room);
      sizes[service] = Math.floor(window.size);
    }
    return { rooms, sizes, first: FIRST };
  }

  /** Milliseconds until a service that is kept to a rate may be given more; null: none waits for that. */
  wait(site: number): number | null {
    const waits = [...this.#of(site)].flatMap(([, { limit }]) => limit.wait() ?? []);
    return waits.length > 0 ? Math.min(...waits) : null;
  }

  /** Whether a service has been given something and has said nothing since, for a while. */
  isSilent(site: number, service: string): boolean {
    const { underWay, heardAt } = this.#window(site, service);
    return underWay > 0 && this.#clock.now() - heardAt > SILENCE;
  }

  begin(site: number, service: string): void {
    const window = this.#window(site, service);
    if (window.underWay++ === 0) window.heardAt = this.#clock.now();
    window.limit.take();
  }

  /** It was given back without having been sent. */
  giveUp(site: number, service: string): void {
    const window = this.#window(site, service);
    window.underWay--;
    window.limit.giveBack();
  }

  /** Learns from an answer. @returns for how long to leave the service alone, and why; usually null */
  answered(
    site: number,
    { pushService, outcome, pause, retryAfter, reason }: PushResult,
  ): { milliseconds: number; reason: string } | null {
    const window = this.#window(site, pushService);
    window.underWay--;
    if (reason === 'held-back') {
      window.limit.giveBack();
      return null;
    }
    window.heardAt = this.#clock.now();
    if (outcome !== 'retry') {
      // any real answer but an error of the service itself: it is there and keeps up
      window.failures = 0;
      window.breaks = 0;
      if (outcome === 'accepted') {
        window.size = Math.min(MOST, window.size + (window.steady ? 1 / window.size : 1));
        window.limit.accepted();
      }
      return null;
    }
    if (pause === 'device') return null;
    this.#halve(window);
    if (pause === 'service') {
      const milliseconds = retryAfter ?? PAUSE;
      window.limit.limited(milliseconds);
      return { milliseconds, reason };
    }
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
    for (const [service] of [...this.#of(site)]) this.#windows.delete(`${site} ${service}`);
  }

  #halve(window: Window) {
    const now = this.#clock.now();
    window.steady = true;
    if (now - window.halvedAt < ROUND_TRIP) return;
    window.halvedAt = now;
    window.size = Math.max(LEAST, window.size / 2);
  }

  *#of(site: number): Generator<[service: string, window: Window]> {
    for (const [key, window] of this.#windows) {
      const space = key.indexOf(' ');
      if (Number(key.slice(0, space)) === site) yield [key.slice(space + 1), window];
    }
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
      heardAt: this.#clock.now(),
      limit: new Limit(this.#clock),
    };
    this.#windows.set(key, window);
    return window;
  }
}
