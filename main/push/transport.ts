import type { lookup } from 'node:dns';
import { Exchange } from './exchange.ts';
import type { Hosts } from './hosts.ts';
import { Http1 } from './http1.ts';
import { Http2 } from './http2.ts';
import type { Network } from './network.ts';
import type { Answer } from './services/policy.ts';

export interface TransportOptions {
  network: Network;
  hosts: Hosts;
  /** Milliseconds from the request to the end of its answer. */
  timeout: number;
  /** How names are looked up; the system's way unless a test says otherwise. */
  lookup?: typeof lookup;
}

/** What is posted, with the exchange that takes the answer. */
export interface Posting {
  url: URL;
  headers: Record<string, string>;
  body: Uint8Array;
  exchange: Exchange;
}

/** A protocol that carries posts on connections that are kept. Redirects are answers like others. */
export interface Carrier {
  /** Ends the posting's exchange, once, sooner or later. */
  carry(posting: Posting): void;
  /** How many requests to an origin are worth having under way at a time, as far as is known now. */
  room(origin: string): number;
  /** Drops every connection. */
  close(): Promise<void>;
}

/** The way to the push services: HTTP/2 where one speaks it, else HTTP/1.1; through a proxy always the latter. */
export class Transport {
  readonly #carrier: Carrier;
  /** For the rehearsal, the one service without TLS; HTTP/2 is negotiated in TLS. */
  readonly #plain: Carrier;
  readonly #timeout: number;

  constructor(options: TransportOptions) {
    const http1 = new Http1(options);
    this.#carrier = options.network.proxy ? http1 : new Http2(options, http1);
    this.#plain = http1;
    this.#timeout = options.timeout;
  }

  /**
   * Resolves to the answer, with the body's first few KB. An answer whose status is known counts, also when its
   * body stalls or breaks.
   * @throws what `judgeFailure` understands
   */
  post(url: URL, headers: Record<string, string>, body: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(resolve, reject, this.#timeout);
      this.#carrierOf(url.origin).carry({ url, headers, body, exchange });
    });
  }

  room(origin: string): number {
    return this.#carrierOf(origin).room(origin);
  }

  #carrierOf(origin: string): Carrier {
    return origin.startsWith('http:') ? this.#plain : this.#carrier;
  }

  close(): Promise<void> {
    return this.#carrier.close();
  }
}
