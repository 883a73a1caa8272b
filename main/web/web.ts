import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import { NoAnswer, type Web, type WebAnswer, type WebFault, type WebQuestion } from '../core/ports/web.ts';
import { isPublicAddress } from '../push/addresses.ts';
import { trustOf } from '../push/connect.ts';
import type { Network } from '../push/network.ts';

export interface WebOptions {
  network: Network;
  /** Milliseconds for one question with all its redirects. */
  timeout?: number;
  /** Bytes of a body, after decompression. */
  limit?: number;
  /** For tests: how names are looked up. */
  lookup?: typeof systemLookup;
}

const mostRedirects = 5;

/**
 * Asks websites as a stranger on the internet would. The addresses come from people, and some from API keys: private
 * networks are refused when a name is looked up, at every connection, so that no answer that changes between check
 * and use leads there. Redirects are followed only as the caller allows, each judged like the first address.
 */
export function openWeb({
  network,
  timeout = 10_000,
  limit = 1_000_000,
  lookup = systemLookup,
}: WebOptions): Web {
  const certificates = new Map<string, number>();
  const trust = trustOf(network);

  function connector(options: { lookup?: LookupFunction }): buildConnector.connector {
    const connect = buildConnector({ ...trust, ...options, timeout });
    return (given, done) =>
      connect(given, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null && socket instanceof TLSSocket)
          certificates.set(`https://${given.host ?? given.hostname}`, validTo(socket));
        if (error === null) done(null, socket);
        else done(error, null);
      });
  }
  const anywhere = new Agent({ connect: connector({ lookup }), keepAliveTimeout: 2000 });
  const public_ = publicDispatcher(network, connector({ lookup: publicOnly(lookup) }), trust);

  async function once(url: URL, question: WebQuestion, signal: AbortSignal) {
    const { method = 'GET', headers = {}, mayBePrivate = false } = question;
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!mayBePrivate && (isIP(literal) ? !isPublicAddress(literal) : isLocalName(url.hostname)))
      throw new NoAnswer('private');
    return fetch(url, {
      method,
      headers: { 'user-agent': 'Belfry (set-up check)', ...headers },
      redirect: 'manual',
      dispatcher: mayBePrivate ? anywhere : public_,
      signal,
    });
  }

  return {
    async ask(start, question = {}): Promise<WebAnswer> {
      const signal = AbortSignal.timeout(timeout);
      let url = start;
      try {
        for (let redirects = 0; ; redirects += 1) {
          const answer = await once(url, question, signal);
          const next = redirectOf(answer.status, answer.headers.get('location'), url);
          if (next !== null && redirects < mostRedirects && question.follow?.(next)) {
            await answer.body?.cancel();
            url = next;
            continue;
          }
          const { body, cut } = await readBody(answer.body, limit);
          return {
            url,
            status: answer.status,
            headers: new Map(answer.headers),
            body,
            cut,
            redirected: redirects > 0,
            certificateEnds: certificates.get(url.origin) ?? null,
          };
        }
      } catch (error) {
        throw error instanceof NoAnswer ? error : new NoAnswer(faultOf(error));
      }
    },
    async close() {
      await Promise.all([anywhere.destroy(), public_.destroy()]);
    },
  };
}

function publicDispatcher(
  { proxy, noProxy }: Network,
  connect: buildConnector.connector,
  trust: object,
): Dispatcher {
  if (proxy === null) return new Agent({ connect, keepAliveTimeout: 2000 });
  // the proxy looks names up, and what it may reach is its own affair
  return new EnvHttpProxyAgent({
    connect,
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy,
    requestTls: trust,
    proxyTls: trust,
  });
}

const isLocalName = (name: string) => /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(name);

const publicOnly =
  (lookup: typeof systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [], 0);
      const allowed = found.filter(({ address }) => isPublicAddress(address));
      const [first] = allowed;
      if (first === undefined) return callback(new NoAnswer('private'), [], 0);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

function redirectOf(status: number, location: string | null, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  if (!URL.canParse(location, from)) return null;
  const to = new URL(location, from);
  return /^https?:$/.test(to.protocol) ? to : null;
}

async function readBody(
  stream: {
    getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(): Promise<void> };
  } | null,
  limit: number,
): Promise<{ body: string; cut: boolean }> {
  const reader = stream?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    const chunk = value as Uint8Array;
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) {
      await reader.cancel();
      break;
    }
  }
  const bytes = Buffer.concat(chunks).subarray(0, limit);
  return { body: bytes.toString('utf8'), cut: size > limit };
}

const validTo = (socket: TLSSocket) => Date.parse(socket.getPeerCertificate().valid_to);

/** The fault at the bottom of what fetch rejects with. */
function faultOf(error: unknown): WebFault {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof NoAnswer) return cause.fault;
    if (cause.name === 'TimeoutError') return 'timed-out';
    const code = 'code' in cause ? String(cause.code) : '';
    const known = faults.find(([pattern]) => pattern.test(code));
    if (known !== undefined) return known[1];
    if (cause instanceof AggregateError && cause.errors.length > 0) return faultOf(cause.errors[0]);
  }
  return 'failed';
}

const faults: [RegExp, WebFault][] = [
  [/^ECONNREFUSED$/, 'nothing-listens'],
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/, 'unknown-name'],
  [/TIMEDOUT|TIMEOUT/, 'timed-out'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'certificate-ended'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'certificate-name'],
  [/CERT|SIGNATURE|ISSUER/, 'certificate-untrusted'],
];
