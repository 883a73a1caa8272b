import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, Core } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { Refusal } from '../core/refusal.ts';
import { Streams } from './bridge.ts';
import { type ConnectionLimits, createListener } from './listener.ts';
import { apiPrefix } from './openapi.ts';
import { consolePage } from './page.ts';
import { restRoutes } from './rest.ts';
import { rpcRoutes } from './rpc.ts';
import { admit, bearer, hasCookie, isOwnHost, operatorCookie, requireOwnPage } from './session.ts';
import { signInPage } from './sign-in.ts';

export interface ConsoleListenerOptions {
  core: Core;
  /** The folder of the built console. */
  rendererFolder: string;
  /** Names beside loopback and IP addresses under which this listener may be asked for. */
  allowedHosts: string[];
  log: Logger;
  /** Proxies whose X-Forwarded-* headers are believed: addresses or CIDR ranges. */
  trustProxy?: string[];
  limits?: Partial<ConnectionLimits>;
}

/** The listener for the operator: the console, its procedures, and the REST API (also for API keys). */
export async function buildConsoleListener(options: ConsoleListenerOptions): Promise<FastifyInstance> {
  const { core, rendererFolder, allowedHosts, log } = options;
  const app = await createListener(options);
  const streams = new Streams(app);

  app.addHook('onRequest', async (request) => {
    if (!isOwnHost(request.host, allowedHosts)) {
      throw new Refusal(
        'forbidden',
        'The console does not answer to this name. Use the address that Belfry printed, or allow the name.',
      );
    }
    const { actor, byCookie } = whoCalls(request, core);
    requireOwnPage(request, byCookie);
    if (actor !== null) {
      requireDoor(request, actor);
      admit(request, actor);
    } else if (request.routeOptions.url !== '/') {
      throw new Refusal(
        'unauthorized',
        'Open the address that Belfry printed when it started, or send its token.',
      );
    }
  });

  app.get<{ Querystring: { token?: unknown } }>('/', { exposeHeadRoute: false }, async (request, reply) => {
    const { token } = request.query;
    if (typeof token === 'string' && core.gate.authenticate(token)?.kind === 'operator') {
      return reply
        .header('set-cookie', operatorCookie(request, core.gate.cookie))
        .header('cache-control', 'no-store')
        .redirect('/', 303);
    }
    if (token !== undefined || whoCalls(request, core).actor === null) return askToSignIn(request, reply);
    const { html, csp } = consolePage(await readFile(join(rendererFolder, 'index.html'), 'utf8'));
    return reply
      .header('content-security-policy', csp)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(html);
  });

  await app.register(restRoutes({ core, log, streams }), { prefix: apiPrefix });
  await app.register(rpcRoutes({ core, log, streams }), { prefix: '/rpc' });
  await app.register(fastifyStatic, {
    root: rendererFolder,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    allowedPath: (path) => path !== '/index.html',
    setHeaders: (reply, path) => {
      // the build puts a hash of the content into these names
      const hashed = path.startsWith(join(rendererFolder, 'assets'));
      reply.setHeader('cache-control', hashed ? 'private, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return app;
}

function whoCalls(request: FastifyRequest, { gate }: Core): { actor: Actor | null; byCookie: boolean } {
  const secret = bearer(request);
  if (secret !== null) return { actor: gate.authenticate(secret), byCookie: false };
  if (hasCookie(request, gate)) return { actor: { kind: 'operator', door: 'browser' }, byCookie: true };
  return { actor: null, byCookie: false };
}

/** @throws Refusal forbidden for an API key anywhere but at the REST API */
function requireDoor(request: FastifyRequest, actor: Actor): void {
  if (actor.kind === 'key' && !request.url.startsWith(`${apiPrefix}/`)) {
    throw new Refusal('forbidden', `API keys open ${apiPrefix} and nothing else.`);
  }
}

/** A page for people, a problem document for programs. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!request.headers.accept?.includes('text/html')) {
    throw new Refusal(
      'unauthorized',
      'Open the address that Belfry printed when it started, or send its token.',
    );
  }
  const { html, csp } = signInPage({
    // A browser that came from elsewhere holds a SameSite=Strict cookie back; from our own page it sends it.
    retry: request.headers['sec-fetch-site'] === 'cross-site',
    refused: 'token' in (request.query as object),
  });
  return reply
    .status(401)
    .header('www-authenticate', 'Bearer realm="Belfry"')
    .header('content-security-policy', csp)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);
}
