import type { Http1 } from './http1.ts';
import { dialer, type Session } from './http2-session.ts';
import type { Carrier, Posting, TransportOptions } from './transport.ts';

/** Requests under way at one origin; more of them make nothing faster. */
const streamsPerOrigin = 100;
/** Sessions with one origin, where the peer takes few streams on each. */
const mostSessions = 4;
/** Until an origin has been reached: as many as HTTP/1.1 would take. */
const roomAtFirst = 20;
/** An origin that speaks HTTP/1.1 alone is asked again after this long. Milliseconds. */
const http1For = 10 * 60_000;
/** Times that a request which the peer surely did not look at goes out again at once. */
const repeats = 2;
/** Origins are few, unless someone registers invented subdomains of a push service. */
const originsKept = 1000;

interface Origin {
  sessions: Session[];
  /** The session that is being made; resolves to what `reach` says. */
  dialling: Promise<void> | null;
  /** It speaks HTTP/1.1 alone: believed until then, by `performance.now()`. */
  http1Until: number;
}

/** Posts over HTTP/2, one session per origin (a few where the peer takes few streams), or hands over to HTTP/1.1. */
export class Http2 implements Carrier {
  readonly #origins = new Map<string, Origin>();
  readonly #http1: Http1;
  readonly #dial: ReturnType<typeof dialer>;
  #closed = false;

  /** @param http1 for origins that speak nothing else; it is closed with this */
  constructor(options: TransportOptions, http1: Http1) {
    this.#http1 = http1;
    this.#dial = dialer(options);
  }

  room(name: string): number {
    const origin = this.#origins.get(name);
    const [session] = origin?.sessions ?? [];
    if (session) return Math.min(streamsPerOrigin, session.streams * mostSessions);
    return roomAtFirst;
  }

  carry(posting: Posting): void {
    this.#carry(posting, repeats);
  }

  #carry(posting: Posting, left: number): void {
    const origin = this.#originOf(posting.url.origin);
    if (performance.now() < origin.http1Until) {
      this.#http1.carry(posting);
      return;
    }
    const session = free(origin);
    if (session === null) {
      this.#reach(origin, posting.url).then(
        () => posting.exchange.over || this.#carry(posting, left),
        (error) => posting.exchange.end(error),
      );
      return;
    }
    session.carry(posting, left === 0 ? null : () => this.#carry(posting, left - 1));
  }

  /** Makes a session, or finds out that there can be none. */
  #reach(origin: Origin, url: URL): Promise<void> {
    origin.dialling ??= this.#dial(url)
      .then((session) => {
        if (session === null) origin.http1Until = performance.now() + http1For;
        else if (this.#closed) session.destroy();
        else origin.sessions.push(session);
      })
      .finally(() => {
        origin.dialling = null;
      });
    return origin.dialling;
  }

  #originOf(name: string): Origin {
    const known = this.#origins.get(name);
    if (known) return known;
    if (this.#origins.size >= originsKept)
      for (const [other, origin] of this.#origins)
        if (!origin.dialling && !origin.sessions.some(({ open }) => open)) this.#origins.delete(other);
    const origin = { sessions: [], dialling: null, http1Until: 0 };
    this.#origins.set(name, origin);
    return origin;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { sessions } of this.#origins.values()) for (const session of sessions) session.destroy();
    await this.#http1.close();
  }
}

/** The session with most room, or null where another should be made. */
function free(origin: Origin): Session | null {
  let best: Session | null = null;
  for (const session of origin.sessions) {
    if (!session.open) {
      origin.sessions = origin.sessions.filter(({ open }) => open);
      return free(origin);
    }
    if (best === null || session.active < best.active) best = session;
  }
  if (best === null || (best.active >= best.streams && origin.sessions.length < mostSessions)) return null;
  return best; // beyond its limit it lets requests wait
}
