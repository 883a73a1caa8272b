import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a website answers at one path. */
export interface SitePage {
  status?: number;
  /** `null`: none at all. */
  type?: string | null;
  headers?: Record<string, string>;
  body?: string;
}

export interface LiveSite {
  /** Its origin. */
  origin: string;
  /** Answers by path; a function may do what it likes. What is not there is 404. */
  pages: Map<string, SitePage | ((request: IncomingMessage, response: ServerResponse) => void)>;
  /** Paths that were asked for, in order. */
  asked: string[];
  /** Connections so far. */
  connections: number;
  close(): Promise<void>;
}

/**
 * A website of somebody's own on this machine, which answers just what a test says.
 * @param options.tls its key and certificate, both PEM; without them it speaks http
 * @param options.name the name in its origin
 */
export async function startLiveSite(
  options: { tls?: { key: string; cert: string }; name?: string } = {},
): Promise<LiveSite> {
  const answer: RequestListener = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    site.asked.push(pathname);
    const page = site.pages.get(pathname);
    if (typeof page === 'function') return page(request, response);
    const { status = page === undefined ? 404 : 200, type = 'text/html; charset=utf-8' } = page ?? {};
    response.writeHead(status, { ...(type === null ? {} : { 'content-type': type }), ...page?.headers });
    response.end(page?.body ?? '');
  };
  const server = options.tls ? createSecureServer(options.tls, answer) : createServer(answer);
  const site: LiveSite = {
    origin: '',
    pages: new Map(),
    asked: [],
    connections: 0,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
  server.on('connection', () => {
    site.connections += 1;
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  site.origin = `${options.tls ? 'https' : 'http'}://${options.name ?? '127.0.0.1'}:${port}`;
  return site;
}
