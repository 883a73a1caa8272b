import { RPCHandler } from '@orpc/server/fetch';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { bytesOf, fetchRequest, isStream, type Streams } from './bridge.ts';
import { declaredErrors } from './fault.ts';
import { checkedJson } from './json.ts';
import { actorOf } from './session.ts';

/** The contract in oRPC's own protocol, for the console in a browser, at the scope's prefix `/rpc`. */
export const rpcRoutes =
  ({ core, log, streams }: { core: Core; log: Logger; streams: Streams }) =>
  async (scope: FastifyInstance) => {
    const handler = new RPCHandler(core.router, { clientInterceptors: [declaredErrors(log)] });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => checkedJson(body),
    );
    scope.route({
      method: ['GET', 'POST'],
      url: '/*',
      bodyLimit: 4 * 1024 * 1024,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const gone = streams.signalFor(reply);
        const given = fetchRequest(request, bytesOf(request), gone.signal);
        const { matched, response } = await handler.handle(given, {
          prefix: '/rpc',
          context: { actor: actorOf(request) },
        });
        if (!matched) return reply.callNotFound();
        if (isStream(response)) return streams.send(reply, given, response, gone);
        return reply
          .status(response.status)
          .header('cache-control', 'no-store')
          .type('application/json')
          .send(await response.text());
      },
    });
  };
