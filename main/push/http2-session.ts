import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectTimeout, guardedLookup, trustOf } from './connect.ts';
import { Failure } from './failures.ts';
import { retry } from './services/policy.ts';
import type { Posting, TransportOptions } from './transport.ts';

/** A session on which nothing moved for so long is closed. Milliseconds. */
const idle = 60_000;
const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants;

/** Makes a session with the origin of an address, or resolves to null when the other end speaks no HTTP/2. */
export function dialer({ network, hosts, timeout, lookup }: TransportOptions) {
  const common = {
    ...trustOf(network),
    lookup: guardedLookup(hosts, lookup),
    ALPNProtocols: ['h2', 'http/1.1'],
  };
  return (url: URL): Promise<Session | null> =>
    new Promise((resolve, reject) => {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const name = isIP(host) ? {} : { servername: host };
      const socket = connectTls({ ...common, ...name, host, port: Number(url.port || 443) });
      const late = setTimeout(() => socket.destroy(new Failure(retry('timed-out'))), connectTimeout(timeout));
      socket.setNoDelay(true);
      socket.once('close', () => {
        clearTimeout(late);
        reject(new Failure(retry('connection-lost')));
      });
      socket.on('error', reject);
      socket.once('secureConnect', () => {
        if (socket.alpnProtocol !== 'h2') {
          resolve(null);
          socket.destroy();
          return;
        }
        const http2 = connect(url.origin, {
          createConnection: () => socket,
          settings: { enablePush: false },
        });
        http2.on('error', reject);
        // only then is it known how many streams the peer takes
        http2.once('remoteSettings', () => {
          clearTimeout(late);
          resolve(new Session(http2));
        });
      });
    });
}

/** One HTTP/2 session. It may end at any moment; what it carried is then told apart by whether the peer saw it. */
export class Session {
  readonly #http2: ClientHttp2Session;
  /** The last stream that the peer looked at, once it has said that it is going away. */
  #last = Number.POSITIVE_INFINITY;
  /** Whether it takes requests. */
  open = true;
  /** Requests under way. */
  active = 0;

  constructor(http2: ClientHttp2Session) {
    this.#http2 = http2;
    // without a listener the first error would end the process; the streams tell of it
    http2.on('error', () => {});
    http2.on('goaway', (_code: number, last: number) => {
      this.open = false;
      this.#last = last;
    });
    http2.on('close', () => {
      this.open = false;
    });
    http2.setTimeout(idle, () => this.#retire());
  }

  /** How many requests the peer takes at a time. */
  get streams(): number {
    return Math.max(1, this.#http2.remoteSettings.maxConcurrentStreams ?? 100);
  }

  /** @param again sends it anew, where the peer surely did not look at it; null: it has been tried enough */
  carry({ url, headers, body, exchange }: Posting, again: (() => void) | null): void {
    let stream: ClientHttp2Stream;
    try {
      stream = this.#http2.request({
        ':method': 'POST',
        ':scheme': 'https',
        ':authority': url.host,
        ':path': url.pathname + url.search,
        ...headers,
      });
    } catch (error) {
      const ended = this.#http2.closed || this.#http2.destroyed;
      if (ended) this.open = false;
      if (ended && again) again();
      else exchange.end(error instanceof Error ? error : null);
      return;
    }
    this.active++;
    let failure: Error | null = null;
    exchange.onAbandon = (late) => {
      stream.close(NGHTTP2_CANCEL);
      stream.destroy();
      // perhaps the connection is dead: others shall not wait for it as long
      if (late && !exchange.answered) this.#retire();
    };
    stream.on('response', (answer) => exchange.head(answer[':status'] ?? 0, answer));
    stream.on('data', (chunk) => exchange.data(chunk));
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      this.active--;
      if (again && !exchange.over && !exchange.answered && this.#unseen(stream)) again();
      else exchange.end(failure);
    });
    stream.end(body);
  }

  destroy(): void {
    this.open = false;
    this.#http2.destroy();
  }

  /** RFC 9113, 6.8 and 8.7: refused, above the last stream of a GOAWAY, or never sent. */
  #unseen({ rstCode, id }: ClientHttp2Stream): boolean {
    return rstCode === NGHTTP2_REFUSED_STREAM || id === undefined || id > this.#last;
  }

  /** Takes nothing more, and ends once its requests have. */
  #retire(): void {
    this.open = false;
    this.#http2.close();
  }
}
