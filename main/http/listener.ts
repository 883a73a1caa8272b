import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ErrorCode, Problem } from '../contract/errors.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { limitPerAddress, trusting } from './connections.ts';
import { logFault } from './fault.ts';
import { bare } from './page.ts';
import { problem, problemOf, problemType, rawProblem, withVisitorMessage } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

export interface ConnectionLimits {
  /** Milliseconds within which the headers of a request must be here, and the whole of it. */
  headersTimeout: number;
  requestTimeout: number;
  /** Milliseconds that a connection may be silent before it is closed; 0: as long as it likes. */
  idleTimeout: number;
  /** Connections at a time, of all and of one address (IPv6: one /64); further ones are closed at once. */
  connections: number;
  connectionsPerAddress: number;
}

const usualLimits: ConnectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  idleTimeout: 60_000,
  connections: 4096,
  connectionsPerAddress: 1024,
};

/** Milliseconds that requests under way may still take when the listener closes. */
const closingGrace = 1000;

export interface ListenerOptions {
  log: Logger;
  /** Proxies whose X-Forwarded-* headers are believed: addresses or CIDR ranges. */
  trustProxy?: string[] | undefined;
  limits?: Partial<ConnectionLimits> | undefined;
  /** Whether errors carry words for visitors of a website. */
  forVisitors?: boolean;
  /** Whether other websites may embed what is served here. */
  embeddable?: boolean;
}

/**
 * An HTTP server with what all of Belfry's listeners share: every error is a problem document (also those that
 * Node would answer by itself), slow and oversized requests end, and closing takes a few seconds at most.
 */
export async function createListener(options: ListenerOptions): Promise<FastifyInstance> {
  const limits = { ...usualLimits, ...options.limits };
  const answer = (reply: FastifyReply, given: Problem) =>
    reply
      .status(given.status)
      .header('cache-control', 'no-store')
      .type(problemType)
      .send(Buffer.from(JSON.stringify(options.forVisitors ? withVisitorMessage(given) : given))); // as a string fastify would add a charset

  const app = fastify({
    logger: false,
    trustProxy: options.trustProxy?.length ? trusting(options.trustProxy) : false,
    bodyLimit: 16 * 1024,
    requestTimeout: limits.requestTimeout,
    connectionTimeout: limits.idleTimeout,
    keepAliveTimeout: limits.idleTimeout || 60_000,
    return503OnClosing: false,
    http: {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.headersTimeout,
      connectionsCheckingInterval: Math.min(2000, limits.headersTimeout),
      // Node's own answer would be no problem document: see the hook below
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => void refuse(codeOf(error), socket),
    // before any hook runs, so that what the hooks add is added here
    frameworkErrors: (error, _request, reply) => void answer(reply.headers(always), problemOf(error)),
  });
  const refuse = refusals(app);
  app.server.maxConnections = limits.connections;
  limitPerAddress(app.server, limits.connectionsPerAddress, options.trustProxy ?? []);
  app.server.on('connect', (_request, socket: Socket) => void refuse('method_not_allowed', socket));
  // an Expect that Node does not know is ignored, as RFC 9110 (10.1.1) permits
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));

  // Node would write its 100 into the answer before, were that not out yet: whoever pipelines gets none, as permitted
  app.server.on('checkContinue', (request, response) => {
    if (response.socket !== null) response.writeContinue();
    app.server.emit('request', request, response);
  });

  app.setErrorHandler((error, request, reply) => {
    const given = problemOf(error);
    if (given.code === 'internal')
      logFault(options.log, error, `${request.method} ${request.routeOptions.url}`);
    if (given.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="Belfry"');
    return answer(reply, given);
  });
  answerWhatIsNotServed(app, answer);

  const usual = { ...securityHeaders(options.embeddable ?? false), 'content-security-policy': bare };
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(usual);
    if (request.headers.host === undefined) next(hostMissing);
    else if (request.headers['content-encoding'] !== undefined) next(encoded);
    else next();
  });
  closeWithin(app);
  return app;
}

const hostMissing = Object.assign(new Error(), { statusCode: 400 });
const encoded = Object.assign(new Error(), { statusCode: 415 });

function codeOf(error: { code?: string }): ErrorCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
  if (error.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 'payload_too_large';
  return 'invalid_input';
}

/** What every answer says at least, also one that no hook sees. */
const always = { 'x-content-type-options': 'nosniff', 'content-security-policy': bare };

/**
 * Answers on a connection whose next request cannot be read: after the answers that are still on their way there, or
 * it would be taken for the answer to another request.
 */
function refusals(app: FastifyInstance) {
  const open = new WeakMap<Socket, Set<ServerResponse>>();
  app.server.on('request', (request, response) => {
    const those = open.get(request.socket) ?? new Set();
    open.set(request.socket, those.add(response));
    response.once('close', () => those.delete(response));
  });
  return async (code: ErrorCode, socket: Socket) => {
    const responses = [...(open.get(socket) ?? [])];
    // one whose own body is what cannot be read has no other answer than this one
    const broken = responses.find(({ req }) => !req.complete);
    const before = responses.filter((response) => response !== broken);
    await Promise.all(before.map((response) => new Promise((done) => response.once('close', done))));
    if (!socket.writable || broken?.headersSent) socket.destroy();
    else socket.end(rawProblem(code, always), () => socket.destroy());
  };
}

/** 404, or 405 with Allow (RFC 9110, 15.5.6) when the address exists for other methods. */
function answerWhatIsNotServed(
  app: FastifyInstance,
  answer: (reply: FastifyReply, given: Problem) => FastifyReply,
): void {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const source = url.replace(/[.+?^$()[\]{}|\\]/g, '\\$&').replace(/:[a-zA-Z]+/g, '[^/]+');
    const known = routes.get(url) ?? { pattern: new RegExp(`^${source}$`), methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    routes.set(url, known);
  });
  const allowed = (path: string) => [
    ...new Set(
      [...routes.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : [])),
    ),
  ];
  app.setNotFoundHandler((request: FastifyRequest, reply) => {
    const methods = allowed(request.url.split('?', 1)[0] ?? '');
    // a route that is there and says that it has nothing
    if (methods.length === 0 || methods.includes(request.method)) return answer(reply, problem('not_found'));
    reply.header('allow', methods.join(', '));
    return answer(reply, problem('method_not_allowed', `This address takes ${methods.join(', ')}.`));
  });
}

function closeWithin(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    timer = setTimeout(() => app.server.closeAllConnections(), closingGrace);
  });
  app.addHook('onClose', async () => clearTimeout(timer));
}
