import type { FastifyInstance } from 'fastify';
import type { Core } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { Refusal } from '../core/refusal.ts';
import { Streams } from './bridge.ts';
import { type ConnectionLimits, createListener } from './listener.ts';
import { apiPrefix } from './openapi.ts';
import { restRoutes } from './rest.ts';
import { admit, bearer } from './session.ts';

export interface ApiListenerOptions {
  core: Core;
  log: Logger;
  trustProxy?: string[];
  limits?: Partial<ConnectionLimits>;
}

/** The listener for a site's own servers: the REST API and nothing else, for API keys and nobody else. */
export async function buildApiListener({ core, ...options }: ApiListenerOptions): Promise<FastifyInstance> {
  const app = await createListener(options);
  app.addHook('onRequest', async (request) => {
    const secret = bearer(request);
    const actor = secret === null ? null : core.gate.authenticate(secret, { keysOnly: true });
    if (actor === null) {
      throw new Refusal(
        'unauthorized',
        'Send an API key as Authorization: Bearer. Keys are made in the console.',
      );
    }
    admit(request, actor);
  });
  await app.register(restRoutes({ core, log: options.log, streams: new Streams(app) }), {
    prefix: apiPrefix,
  });
  return app;
}
