import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isPublicAddress } from './addresses.ts';
import { Failure } from './failures.ts';
import type { Hosts } from './hosts.ts';
import type { Network } from './network.ts';
import { type Answer, fault, retry } from './services/policy.ts';

export interface TransportOptions {
  network: Network;
  hosts: Hosts;
  /** Milliseconds from the request to the end of its answer. */
  timeout: number;
  /** How names are looked up; the system's way unless a test says otherwise. */
  lookup?: typeof systemLookup;
}

/** Connections to one origin; as many requests are under way there at a time. */
export const connectionsPerOrigin = 20;

const bodyKept = 4096;
const bodyTaken = 65_536;

/** Posts over HTTP/1.1 on connections that are kept. Redirects are answers like others. */
export class Transport {
  readonly #dispatcher: Dispatcher;
  readonly #timeout: number;

  constructor({ network, hosts, timeout, lookup = systemLookup }: TransportOptions) {
    this.#timeout = timeout;
    // one context: with `ca` every connection would read a hundred certificates anew
    const trust = network.certificates
      ? { secureContext: createSecureContext({ ca: network.certificates }) }
      : {};
    const options = {
      connections: connectionsPerOrigin,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { ...trust, lookup: guardedLookup(hosts, lookup), timeout: Math.min(timeout, 10_000) },
    };
    const { proxy, noProxy } = network;
    this.#dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...options,
          httpProxy: '', // '': not from the environment; all that we send is https
          httpsProxy: proxy,
          noProxy,
          requestTls: trust,
          proxyTls: trust,
        })
      : new Agent(options);
  }

  /**
   * Resolves to the answer, with the body's first few KB. An answer whose status is known counts, also when its
   * body stalls or breaks.
   * @throws what `judgeFailure` understands
   */
  post(url: URL, headers: Record<string, string>, body: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(resolve, reject, this.#timeout);
      this.#dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'POST',
          headers,
          body,
          headersTimeout: 0, // the exchange has one deadline for all
          bodyTimeout: 0,
        },
        exchange,
      );
    });
  }

  /** Drops every connection. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

/** One request and its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;
  #head: Omit<Answer, 'body'> | null = null;
  #body: Buffer[] = [];
  #size = 0;

  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void, timeout: number) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = setTimeout(() => this.#end(new Failure(retry('timed-out'))), timeout);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // given up while it waited for a connection: it must not go out after all
    if (this.#over) controller.abort(new Failure(retry('timed-out')));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Answer['headers'],
  ): void {
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#size < bodyKept) this.#body.push(chunk.subarray(0, bodyKept - this.#size));
    this.#size += chunk.length;
    if (this.#size > bodyTaken) this.#end(null);
  }

  onResponseEnd(): void {
    this.#settle(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(error);
  }

  #end(error: Error | null): void {
    this.#settle(error);
    this.#controller?.abort(error ?? new Failure(retry('connection-lost')));
  }

  #settle(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    if (this.#head) this.#resolve({ ...this.#head, body: Buffer.concat(this.#body).toString('utf8') });
    else this.#reject(error ?? new Failure(retry('connection-lost')));
  }
}

/** Looks names up, and leaves out addresses in private networks but for hosts that the operator named. */
function guardedLookup(hosts: Hosts, lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [], 0);
      const addresses: LookupAddress[] = hosts.isOperators(hostname)
        ? found
        : found.filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (!first) return callback(new Failure(fault('private-address')), [], 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
