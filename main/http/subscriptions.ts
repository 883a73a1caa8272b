import type { FastifyInstance, FastifyReply } from 'fastify';
import { SubscribeRequest, UnsubscribeRequest } from '../contract/public.ts';
import type { VisitorRequest, Visitors } from '../core/core.ts';
import { Refusal } from '../core/refusal.ts';
import { etagOf, isCurrent } from './files.ts';
import { checked } from './problem.ts';
import type { Limit, RatePerMinute } from './rates.ts';

interface ForSite {
  Params: { key: string };
}

/** What pages of a website ask of their site. Only origins that the site names get CORS headers. */
export const subscriptionRoutes =
  (visitors: Visitors, rates: { reads: Limit; subscribes: Limit; removes: Limit; perSite: RatePerMinute }) =>
  async (scope: FastifyInstance) => {
    scope.addHook<ForSite>('onRequest', (request, reply, next) => {
      reply.header('vary', 'Origin');
      const { origin } = request.headers;
      if (origin !== undefined && visitors.allows(request.params.key, origin))
        reply
          .header('access-control-allow-origin', origin)
          .header('access-control-expose-headers', 'Retry-After');
      next();
    });

    const preflight = (path: string, method: string) =>
      scope.options<ForSite>(path, async (request, reply) => {
        requireOrigin(visitors, request.params.key, request.headers.origin);
        return allow(reply, method);
      });
    preflight('/config', 'GET');
    preflight('/prompt', 'GET');
    preflight('/subscriptions', 'POST');
    preflight('/subscriptions/remove', 'POST');

    const readable = (
      path: string,
      read: (key: string, query: Record<string, unknown>, from: VisitorRequest) => unknown,
    ) =>
      scope.get<ForSite & { Querystring: Record<string, unknown> }>(
        path,
        { onRequest: rates.reads },
        async (request, reply) => {
          const { key } = request.params;
          const { origin } = request.headers;
          if (origin !== undefined && !visitors.allows(key, origin)) {
            // the first that a page asks: it shall be able to read what is wrong with it, and nothing else
            reply.header('access-control-allow-origin', '*');
            requireOrigin(visitors, key, origin);
          }
          const body = JSON.stringify(read(key, request.query, visitor(request.headers)));
          const etag = etagOf(body);
          reply.header('etag', etag).header('cache-control', 'public, max-age=60');
          if (isCurrent(request, etag)) return reply.status(304).send();
          return reply.type('application/json').send(body);
        },
      );
    readable('/config', (key, _query, from) => visitors.config(key, from));
    readable('/prompt', (key, { language }) =>
      visitors.prompt(key, typeof language === 'string' ? language.slice(0, 35) : ''),
    );

    scope.post<ForSite>(
      '/subscriptions',
      {
        bodyLimit: 16 * 1024,
        onRequest: rates.subscribes,
        // before the body is read: a stranger's page shall not make us work
        preParsing: (request, reply, payload, next) => {
          requireOrigin(visitors, request.params.key, request.headers.origin);
          const wait = rates.perSite.take(request.params.key, Date.now());
          if (wait === null) return next(null, payload);
          reply.header('retry-after', wait);
          next(siteIsFull());
        },
      },
      async (request, reply) => {
        const body = checked(SubscribeRequest, request.body);
        const { created, ...answer } = await visitors.subscribe(
          request.params.key,
          body,
          visitor(request.headers),
        );
        return reply.status(created ? 201 : 200).send(answer);
      },
    );

    scope.post<ForSite>(
      '/subscriptions/remove',
      { bodyLimit: 4 * 1024, onRequest: rates.removes },
      async (request, reply) => {
        // whatever is asked for, the answer is the same: it tells nobody who is subscribed
        const body = UnsubscribeRequest.safeParse(request.body);
        if (body.success) {
          await visitors.remove(request.params.key, body.data, visitor(request.headers)).catch(ignoreRefusal);
        }
        return reply.status(204).send();
      },
    );
  };

const visitor = (headers: { origin?: string; 'user-agent'?: string }): VisitorRequest => ({
  origin: headers.origin ?? null,
  userAgent: headers['user-agent']?.slice(0, 1000) ?? null,
});

/** @throws Refusal not_found when there is no such site, origin_not_allowed for another origin than its own */
function requireOrigin(visitors: Visitors, key: string, origin: string | undefined): void {
  if (origin !== undefined && visitors.allows(key, origin)) return;
  visitors.config(key);
  throw new Refusal(
    'origin_not_allowed',
    origin === undefined
      ? 'Only pages of the website may ask this: the request has no Origin.'
      : 'Add the origin of this page to the site in the console, under Settings.',
  );
}

const siteIsFull = () =>
  new Refusal('rate_limited', 'This site takes no more subscriptions in this minute. Wait, then try again.', {
    visitorMessage: 'Very many people are subscribing right now. Please try again in a minute.',
  });

const allow = (reply: FastifyReply, method: string) =>
  reply
    .header('access-control-allow-methods', method)
    .header('access-control-allow-headers', 'Content-Type')
    .header('access-control-max-age', '600')
    .status(204)
    .send();

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}
