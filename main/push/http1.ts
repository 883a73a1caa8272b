import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { connectTimeout, guardedLookup, trustOf } from './connect.ts';
import type { Exchange } from './exchange.ts';
import { Failure } from './failures.ts';
import { retry } from './services/policy.ts';
import type { Carrier, Posting, TransportOptions } from './transport.ts';

/** Connections to one origin; as many requests are under way there at a time. */
const connectionsPerOrigin = 20;

/** Posts over HTTP/1.1, directly or through a proxy. */
export class Http1 implements Carrier {
  readonly #dispatcher: Dispatcher;

  constructor({ network, hosts, timeout, lookup }: TransportOptions) {
    const trust = trustOf(network);
    const options = {
      connections: connectionsPerOrigin,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { ...trust, lookup: guardedLookup(hosts, lookup), timeout: connectTimeout(timeout) },
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

  room(): number {
    return connectionsPerOrigin;
  }

  carry({ url, headers, body, exchange }: Posting): void {
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
      handlerOf(exchange),
    );
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

const handlerOf = (exchange: Exchange): Dispatcher.DispatchHandler => ({
  onRequestStart(controller) {
    const abort = () => controller.abort(new Failure(retry('timed-out')));
    // given up while it waited for a connection: it must not go out after all
    if (exchange.over) abort();
    else exchange.onAbandon = abort;
  },
  onResponseStart(_controller, status, headers) {
    exchange.head(status, headers);
  },
  onResponseData(_controller, chunk) {
    exchange.data(chunk);
  },
  onResponseEnd() {
    exchange.end(null);
  },
  onResponseError(_controller, error) {
    exchange.end(error);
  },
});
