import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * A fastify request as the fetch Request that oRPC's handlers take. The body was read and checked before, so only
 * what a handler needs is handed on.
 */
export function fetchRequest(
  request: FastifyRequest,
  body: Uint8Array | null,
  signal?: AbortSignal,
): Request {
  const headers = new Headers();
  if (body !== null) headers.set('content-type', 'application/json');
  const lastEvent = request.headers['last-event-id'];
  if (typeof lastEvent === 'string') headers.set('last-event-id', lastEvent);
  return new Request(`http://belfry.invalid${request.url}`, {
    method: request.method === 'HEAD' ? 'GET' : request.method,
    headers,
    ...(body === null ? {} : { body: new Uint8Array(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The body that a parser left as bytes; null when there was none. */
export const bytesOf = (request: FastifyRequest): Uint8Array | null =>
  Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : null;

export const isStream = (response: Response) =>
  response.headers.get('content-type')?.startsWith('text/event-stream') === true;

/** The streams (server-sent events) that a listener has open. They end with the client, or with the listener. */
export class Streams {
  #open = new Set<() => void>();

  /** Ends the streams of a listener as soon as it begins to close. */
  constructor(app: FastifyInstance) {
    app.addHook('preClose', async () => {
      for (const end of this.#open) end();
    });
  }

  /** A signal that tells a procedure when nobody listens any more. */
  signalFor(reply: FastifyReply): AbortController {
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    return gone;
  }

  /** Sends a stream; every event leaves at once. */
  send(reply: FastifyReply, request: Request, response: Response, gone: AbortController): FastifyReply {
    const body = Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream);
    const end = () => {
      gone.abort();
      body.destroy();
    };
    this.#open.add(end);
    reply.raw.once('close', () => {
      this.#open.delete(end);
      // The request's own signal follows ours only while the request is reachable: it is held until here.
      if (!request.signal.aborted) end();
    });
    return reply
      .status(response.status)
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream')
      .send(body);
  }
}
