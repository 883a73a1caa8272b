import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ReportsRequest } from '../contract/public.ts';
import type { Visitors } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { Refusal } from '../core/refusal.ts';
import { holdFile, sendHeld } from './files.ts';
import { parseJson } from './json.ts';
import { type ConnectionLimits, createListener } from './listener.ts';
import { landingPage, workerPolicy } from './page.ts';
import { checked } from './problem.ts';
import { type Limit, limitTo, RatePerMinute } from './rates.ts';
import { subscriptionRoutes } from './subscriptions.ts';

export interface PublicLimits extends ConnectionLimits {
  /** Requests a minute from one address (IPv6: one /64). Generous: a whole office may share an address. */
  subscribesPerMinute: number;
  removesPerMinute: number;
  reportsPerMinute: number;
  /** What pages ask when they are opened: how the site is set up, and how it asks. */
  readsPerMinute: number;
  /** Subscribes a minute for one site, from wherever: a botnet shall not fill the disk overnight. */
  subscribesPerSite: number;
  /**
   * The same from this machine itself. That is the operator, or a proxy that is not named in --trust-proxy: then all
   * visitors seem to come from one address, and none of them may be refused for the others.
   */
  fromThisMachinePerMinute: number;
}

const usualRates = {
  subscribesPerMinute: 120,
  removesPerMinute: 120,
  reportsPerMinute: 600,
  readsPerMinute: 1200,
  subscribesPerSite: 60_000,
  fromThisMachinePerMinute: 120_000,
};

export interface PublicListenerOptions {
  visitors: Visitors;
  /** The folder of the built client script, service worker and landing page. */
  clientFiles: string;
  /** Whether the landing page is served, asked at every request. */
  landing: () => boolean;
  /** Proxies whose X-Forwarded-For is believed: addresses or CIDR ranges. */
  trustProxy: string[];
  log: Logger;
  limits?: Partial<PublicLimits>;
}

/** The listener for strangers: subscribing, reports, client files, and the landing page while it is allowed. */
export async function buildPublicListener(options: PublicListenerOptions): Promise<FastifyInstance> {
  const { visitors, clientFiles, landing, log } = options;
  const rates = { ...usualRates, ...options.limits };
  const limit = (perMinute: number) => limitTo(perMinute, rates.fromThisMachinePerMinute);
  const app = await createListener({
    log,
    trustProxy: options.trustProxy,
    limits: options.limits,
    forVisitors: true,
    embeddable: true,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseJson(body),
  );

  app.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  await app.register(
    subscriptionRoutes(visitors, {
      reads: limit(rates.readsPerMinute),
      subscribes: limit(rates.subscribesPerMinute),
      removes: limit(rates.removesPerMinute),
      perSite: new RatePerMinute(rates.subscribesPerSite),
    }),
    { prefix: '/v1/sites/:key' },
  );
  await app.register(reportRoutes(visitors, limit(rates.reportsPerMinute)));
  await clientRoutes(app, clientFiles, log);
  await app.register(landingRoutes(visitors, join(clientFiles, 'page'), landing));
  return app;
}

/**
 * What browsers report of notifications. Open to every origin: a report counts by the token in it, which only the
 * browser that got the message has. As text/plain it needs no preflight.
 */
const reportRoutes = (visitors: Visitors, limit: Limit) => async (scope: FastifyInstance) => {
  scope.addContentTypeParser('text/plain', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJson(body),
  );
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*');
  });
  scope.options('/v1/events', async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'Content-Type')
      .header('access-control-max-age', '7200')
      .status(204)
      .send(),
  );
  scope.post('/v1/events', { bodyLimit: 64 * 1024, onRequest: limit }, async (request, reply) => {
    const { events } = checked(ReportsRequest, request.body);
    await visitors.report(events);
    return reply.status(204).send();
  });
};

const javaScript = 'text/javascript; charset=utf-8';
const short = 'public, max-age=300';
const clientScripts = [
  // `no-cache`: a browser asks each time whether its service worker is still the newest
  { path: '/belfry-sw.js', caching: 'no-cache', type: javaScript },
  { path: '/belfry.js', caching: short, type: javaScript },
  { path: '/belfry.mjs', caching: short, type: javaScript },
  { path: '/belfry-prompts.js', caching: short, type: javaScript },
  { path: '/belfry.d.mts', caching: short, type: 'text/plain; charset=utf-8' },
  { path: '/belfry-client.tgz', caching: short, type: 'application/octet-stream' },
];

async function clientRoutes(app: FastifyInstance, folder: string, log: Logger): Promise<void> {
  for (const { path, caching, type } of clientScripts) {
    const file = await holdFile(join(folder, path), type);
    if (file === null) {
      log.warn({ path }, 'A client file is missing and is not served. Build Belfry again: npm run build');
      continue;
    }
    app.get(path, async (request, reply) => {
      reply.header('cache-control', caching).header('access-control-allow-origin', '*');
      if (path === '/belfry-sw.js') {
        reply.header('service-worker-allowed', '/').header('content-security-policy', workerPolicy);
      }
      return sendHeld(request, reply, file);
    });
  }
}

/** Before there is any site the page says so, kindly. */
const noSite = { key: '', name: '' };

const landingRoutes =
  (visitors: Visitors, folder: string, landing: () => boolean) => async (scope: FastifyInstance) => {
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: '/landing/',
      index: false,
      dotfiles: 'ignore',
      allowedPath: () => landing(),
    });
    scope.get<{ Querystring: { site?: unknown } }>('/', async (request, reply) => {
      if (!landing()) return reply.callNotFound();
      const { site: key } = request.query;
      const named = typeof key === 'string' ? key : null;
      const site = visitors.landingSite(named);
      if (site === null && named !== null) {
        throw new Refusal(
          'not_found',
          'There is no site with this key. The console shows the right one under Set up.',
        );
      }
      const built = await readFile(join(folder, 'index.html'), 'utf8');
      const { html, csp } = landingPage(built, site ?? noSite);
      return reply
        .header('content-security-policy', csp)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(html);
    });
  };
