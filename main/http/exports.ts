import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ExportQuery } from '../contract/exports.ts';
import type { Core } from '../core/core.ts';
import { checked } from './problem.ts';
import { actorOf } from './session.ts';

const types = { csv: 'text/csv; charset=utf-8', 'json-lines': 'application/jsonl; charset=utf-8' } as const;

/**
 * Exports as one download: `/exports/subscribers.csv?site=…`. Each piece is made when the reader has taken the one
 * before; a reader that goes ends it.
 */
export const exportRoutes =
  ({ core }: { core: Core }) =>
  async (scope: FastifyInstance) => {
    scope.get<{ Params: { file: string }; Querystring: Record<string, unknown> }>(
      '/exports/:file',
      { exposeHeadRoute: false },
      async (request, reply) => {
        const [, what, ending] = /^([a-z]+)\.(csv|jsonl)$/.exec(request.params.file) ?? [];
        if (what === undefined) return reply.callNotFound();
        const format = ending === 'csv' ? 'csv' : 'json-lines';
        const query = checked(ExportQuery, { ...request.query, what, format });
        const pieces = core.exporter.stream(actorOf(request), query);
        // whatever is refused is refused before the answer begins
        const first = await pieces.next();
        const whole = async function* () {
          if (first.done) return;
          yield first.value;
          yield* pieces;
        };
        return reply
          .header('cache-control', 'no-store')
          .header('content-disposition', `attachment; filename="${what}.${ending}"`)
          .type(types[format])
          .send(Readable.from(whole(), { highWaterMark: 1 }));
      },
    );
  };
