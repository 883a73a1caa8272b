import {
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from './certificates.ts';

/** A request as it arrived, its body read. */
export interface Arrival {
  stream: ServerHttp2Stream;
  session: Http2Session;
  headers: IncomingHttpHeaders;
  path: string;
  body: Buffer;
  /** Which of the sessions brought it, counted from 1. */
  number: number;
}

export interface ScriptedHttp2 {
  /** `host:port`, as an operator allows it. */
  host: string;
  port: number;
  arrivals: Arrival[];
  sessions: Http2Session[];
  /** The most requests that one session ever had under way. */
  mostAtOnce: number;
  /** What to do with each request; 201 unless told otherwise. */
  answer: (arrival: Arrival) => void;
  close(): Promise<void>;
}

export const accept = ({ stream }: Arrival) => {
  if (stream.destroyed) return;
  stream.respond({ ':status': 201 }, { endStream: true });
};

/** A push service on 127.0.0.1 that speaks nothing but HTTP/2 and does what a test tells it. */
export async function startScriptedHttp2(
  { key, certificate }: Certificates,
  settings: Settings = {},
): Promise<ScriptedHttp2> {
  const server = createSecureServer({ key, cert: certificate, settings });
  const sockets = new Set<Socket>();
  const open = new Map<Http2Session, number>();
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    service.sessions.push(session);
    session.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.on('stream', (stream, headers) => {
    const { session } = stream;
    if (!session) return;
    const now = (open.get(session) ?? 0) + 1;
    open.set(session, now);
    service.mostAtOnce = Math.max(service.mostAtOnce, now);
    stream.on('close', () => open.set(session, (open.get(session) ?? 0) - 1));
    stream.on('error', () => {});
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const path = headers[':path'] ?? '';
      const number = service.sessions.indexOf(session) + 1;
      const arrival = { stream, session, headers, path, body: Buffer.concat(chunks), number };
      service.arrivals.push(arrival);
      service.answer(arrival);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service: ScriptedHttp2 = {
    host: `127.0.0.1:${port}`,
    port,
    arrivals: [],
    sessions: [],
    mostAtOnce: 0,
    answer: accept,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return service;
}
