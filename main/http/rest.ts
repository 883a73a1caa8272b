import { getEventIteratorSchemaDetails } from '@orpc/contract';
import { OpenAPIHandler } from '@orpc/openapi/fetch';
import { traverseContractProcedures } from '@orpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { contract } from '../contract/contract.ts';
import type { CallContext, Core } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { bytesOf, fetchRequest, isStream, type Streams } from './bridge.ts';
import { exportRoutes } from './exports.ts';
import { declaredErrors } from './fault.ts';
import { type Answer, once } from './idempotency.ts';
import { checkedJson } from './json.ts';
import { apiPrefix, openApiDocument } from './openapi.ts';
import { problem, problemOf, problemType } from './problem.ts';
import { actorOf } from './session.ts';

/** Room for an audience of 10 000 external ids of 200 characters. */
const bodyLimit = 4 * 1024 * 1024;

/** The contract as a REST API with its OpenAPI document, for a scope with the prefix `apiPrefix`. */
export const restRoutes =
  ({ core, log, streams }: { core: Core; log: Logger; streams: Streams }) =>
  async (scope: FastifyInstance) => {
    const handler = new OpenAPIHandler(core.router, {
      clientInterceptors: [declaredErrors(log)],
      customErrorResponseBodyEncoder: problemOf,
    });

    const call = async (request: Request, context: CallContext): Promise<Response> => {
      const { matched, response } = await handler.handle(request, { prefix: apiPrefix, context });
      // fastify knows the same routes: only an address that the two read differently gets here
      return matched ? response : Response.json(problem('not_found'), { status: 404 });
    };

    const read = async (request: FastifyRequest, reply: FastifyReply) => {
      const gone = streams.signalFor(reply);
      const given = fetchRequest(request, null, gone.signal);
      const response = await call(given, { actor: actorOf(request) });
      if (isStream(response)) return streams.send(reply, given, response, gone);
      return send(reply, await answerOf(response));
    };

    const write = async (request: FastifyRequest, reply: FastifyReply) => {
      const actor = actorOf(request);
      const body = bytesOf(request);
      const work = async (context: CallContext) => answerOf(await call(fetchRequest(request, body), context));
      const key = request.headers['idempotency-key'];
      if (request.method !== 'POST' || key === undefined) return send(reply, await work({ actor }));
      const { replayed, ...answer } = await once(
        core.gate,
        actor,
        String(key),
        { method: 'POST', path: request.url, body: body ?? new Uint8Array() },
        (requestId) => work({ actor, requestId }),
      );
      if (replayed) reply.header('idempotency-replayed', 'true');
      return send(reply, answer);
    };

    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => checkedJson(body),
    );
    for (const { method, url, streaming } of routes()) {
      const handle = method === 'GET' ? read : write;
      scope.route({
        method,
        url,
        bodyLimit,
        exposeHeadRoute: method === 'GET' && !streaming,
        handler: handle,
      });
    }

    await scope.register(exportRoutes({ core }));

    let document: Promise<unknown> | undefined;
    scope.get('/openapi.json', async (_request, reply) => {
      document ??= openApiDocument();
      return reply.header('cache-control', 'no-cache').send(await document);
    });
  };

/** Every route of the contract, as fastify writes them. */
export function routes(): { method: HTTPMethods; url: string; streaming: boolean }[] {
  const found: { method: HTTPMethods; url: string; streaming: boolean }[] = [];
  traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure }) => {
    const { route, outputSchema } = procedure['~orpc'];
    if (route.method === undefined || route.path === undefined) return;
    found.push({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      streaming: getEventIteratorSchemaDetails(outputSchema) !== undefined,
    });
  });
  return found;
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.text() };
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  reply.status(status).header('cache-control', 'no-store');
  if (body === '') return reply.send();
  return reply.type(status >= 400 ? problemType : 'application/json').send(Buffer.from(body));
}
