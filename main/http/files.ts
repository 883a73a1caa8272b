import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

type Encoding = 'br' | 'gzip' | 'identity';

/** A small file kept in memory, as it is and compressed. */
export interface HeldFile {
  type: string;
  etag: string;
  bodies: Record<Encoding, Buffer>;
}

/** A strong validator (RFC 9110, 8.8.3) of what is sent. */
export const etagOf = (body: string | Uint8Array) =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;

/** Reads a file and compresses it once. @returns null when there is no such file */
export async function holdFile(path: string, type: string): Promise<HeldFile | null> {
  const identity = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (identity === null) return null;
  const [br, zipped] = await Promise.all([promisify(brotliCompress)(identity), promisify(gzip)(identity)]);
  return { type, etag: etagOf(identity), bodies: { identity, br, gzip: zipped } };
}

/** Sends a held file, compressed as the client takes it; 304 when it has it already. */
export function sendHeld(request: FastifyRequest, reply: FastifyReply, file: HeldFile): FastifyReply {
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '');
  // another encoding is another representation and needs another strong validator
  const etag = encoding === 'identity' ? file.etag : `${file.etag.slice(0, -1)}-${encoding}"`;
  reply.header('vary', 'Accept-Encoding').header('etag', etag);
  if (isCurrent(request, etag)) return reply.status(304).send();
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(file.type).send(file.bodies[encoding]);
}

/** Whether If-None-Match (RFC 9110, 13.1.2) names this validator. */
export function isCurrent(request: FastifyRequest, etag: string): boolean {
  const given = request.headers['if-none-match'];
  if (given === undefined) return false;
  return given.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')));
}

function encodingFor(accepted: string): Encoding {
  const offers = accepted.split(',').map((offer) => offer.trim().toLowerCase());
  const takes = (name: string) =>
    offers.some((offer) => offer.split(';')[0]?.trim() === name && !/;\s*q=0(\.0*)?$/.test(offer));
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : 'identity';
}
