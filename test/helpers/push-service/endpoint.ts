import { randomUUID } from 'node:crypto';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from '../certificates.ts';
import { applyFault, type Fault } from './faults.ts';
import type { PushMessage, Subscriptions } from './subscriptions.ts';
import { checkVapid } from './vapid.ts';

/** A request as it arrived, and what became of it. */
export interface PushRequestRecord {
  method: string;
  host: string;
  path: string;
  token: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  protocol: 'HTTP/1.1' | 'HTTP/2';
  /** Null until it is answered, and for good when a fault cut it off. */
  status: number | null;
}

type Rule = (request: PushRequestRecord) => Fault | undefined;

export interface Endpoint {
  port: number;
  /** Every request, in the order of arrival. */
  requests: PushRequestRecord[];
  /** Every message that was answered with 201: the independent witness of what was sent. */
  accepted: PushMessage[];
  /** Asks `rule` before anything else what shall go wrong; the latest rule first. Gives a function that ends it. */
  disturb(rule: Rule): () => void;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: object;
}

const mozilla = 'updates.push.services.mozilla.com';

/** The application server's side of a push service (RFC 8030) over TLS, HTTP/2 or 1.1 as the sender likes. */
export async function startEndpoint(
  certificates: Pick<Certificates, 'key' | 'certificate'>,
  subscriptions: Subscriptions,
): Promise<Endpoint> {
  const requests: PushRequestRecord[] = [];
  const accepted: PushMessage[] = [];
  const rules: Rule[] = [];
  const sockets = new Set<Socket>();

  function accept(record: PushRequestRecord): Answer {
    const { headers, body, host, token } = record;
    if (record.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    const subscription = subscriptions.get(token);
    if (!subscription) return { status: 404 };
    if (subscription.gone) return { status: 410, body: { errno: 103, message: 'unsubscribed' } };
    const ttl = String(headers['ttl'] ?? '');
    if (!/^\d+$/.test(ttl)) return { status: 400, body: { errno: 111, message: 'missing TTL' } };
    if (body.length > 4096) return { status: 413, body: { errno: 104, message: 'too large' } };
    if (body.length > 0 && headers['content-encoding'] !== 'aes128gcm')
      return { status: 400, body: { errno: 110, message: 'not aes128gcm' } };
    const urgency = String(headers['urgency'] ?? 'normal');
    if (!/^(very-low|low|normal|high)$/.test(urgency)) return { status: 400 };
    const topic = headers['topic'] === undefined ? null : String(headers['topic']);
    if (topic !== null && !/^[\w-]{1,32}$/.test(topic)) return { status: 400 };
    const keyWanted = subscription.applicationServerKey;
    if (keyWanted !== null) {
      const credentials = checkVapid(headers['authorization'] as string | undefined, `https://${host}`);
      const refused =
        'refused' in credentials
          ? credentials.refused
          : credentials.key !== keyWanted && 'not the key of this subscription';
      if (refused)
        return { status: host === mozilla ? 401 : 403, body: { errno: 109, message: `VAPID: ${refused}` } };
    }
    const message = {
      id: randomUUID(),
      token,
      body,
      ttl: Number(ttl),
      topic,
      urgency,
      acceptedAt: Date.now(),
    };
    accepted.push(message);
    subscription.deliver(message);
    return { status: 201, headers: { location: `https://${host}/message/${message.id}`, ttl } };
  }

  async function handle(request: Http2ServerRequest, response: Http2ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const record: PushRequestRecord = {
      method: request.method,
      host: request.authority || String(request.headers.host),
      path: request.url,
      token: decodeURIComponent(/^\/(?:wpush\/v2|fcm\/send|push)\/([^/?]+)$/.exec(request.url)?.[1] ?? ''),
      headers: { ...request.headers },
      body: Buffer.concat(chunks),
      protocol: request.httpVersionMajor === 2 ? 'HTTP/2' : 'HTTP/1.1',
      status: null,
    };
    requests.push(record);
    const fault = rules.map((rule) => rule(record)).find((found) => found !== undefined);
    if (fault && (await applyFault(fault, record, response)) === 'answered') return;
    const { status, headers, body } = accept(record);
    record.status = status;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body ? JSON.stringify(body) : '');
  }

  const server = createSecureServer({
    key: certificates.key,
    cert: certificates.certificate,
    allowHTTP1: true,
  });
  server.on('request', (request, response) => {
    // a sender that is cut off in the middle of its request is nothing to fail for
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));

  return {
    port: (server.address() as AddressInfo).port,
    requests,
    accepted,
    disturb(rule) {
      rules.unshift(rule);
      return () => void rules.splice(rules.indexOf(rule), 1);
    },
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
