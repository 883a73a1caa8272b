/** How many requests a minute an address may make: a route's `rateLimit.max`. */
export type Rate = (request: { ip: string }) => number;

/** @param fromThisMachine what loopback may make at least: one address there may stand for all visitors */
export const rateOf =
  (perMinute: number, fromThisMachine: number): Rate =>
  ({ ip }) =>
    /^(127\.|::1$|::ffff:127\.)/.test(ip) ? Math.max(perMinute, fromThisMachine) : perMinute;

/** Counts what comes for each of several names, in windows of a minute that begin with the first. */
export class RatePerMinute {
  readonly #most: number;
  readonly #windows = new Map<string, { ends: number; count: number }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one. @returns null while that is within the rate, else the seconds until the next window */
  take(name: string, now: number): number | null {
    const window = this.#windows.get(name);
    if (window === undefined || now >= window.ends || now < window.ends - 60_000) {
      this.#windows.set(name, { ends: now + 60_000, count: 1 });
      return null;
    }
    window.count += 1;
    return window.count <= this.#most ? null : Math.ceil((window.ends - now) / 1000);
  }
}
