import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from './certificates.ts';

/** A request as the service got it. */
export interface Received {
  host: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Answers, or does something worse to, a request whose body has come. */
export type Script = (response: ServerResponse, request: Received, socket: Socket) => void;

export interface ScriptedService {
  port: number;
  /** `host:port`, as an operator allows it. */
  host: string;
  received: Received[];
  /** Sockets that were ever opened. */
  connections: number;
  /** By the path's first segment; without one, 201. */
  on(segment: string, script: Script): void;
  close(): Promise<void>;
}

/** A push service on 127.0.0.1 over TLS and HTTP/1.1 that does what a test tells it. */
export async function startScriptedService(certificates: Certificates): Promise<ScriptedService> {
  const scripts = new Map<string, Script>();
  const sockets = new Set<Socket>();
  const server = createServer(
    { key: certificates.key, cert: certificates.certificate },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => {});
      request.on('end', () => {
        const { url: path = '', headers } = request;
        const received = { host: headers.host ?? '', path, headers, body: Buffer.concat(chunks) };
        service.received.push(received);
        const script = scripts.get(path.split('/')[1] ?? '');
        if (script) script(response, received, request.socket);
        else response.writeHead(201).end();
      });
    },
  );
  server.on('secureConnection', (socket: Socket) => {
    service.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service: ScriptedService = {
    port,
    host: `127.0.0.1:${port}`,
    received: [],
    connections: 0,
    on: (segment, script) => scripts.set(segment, script),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return service;
}
