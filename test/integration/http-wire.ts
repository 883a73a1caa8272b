import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { errorCodes, type Problem } from '../../main/contract/errors.ts';

/** Opens the listener on a free port. @returns its address, without a slash at the end */
export const open = (app: FastifyInstance, host = '127.0.0.1') => app.listen({ port: 0, host });

/** Writes bytes on a connection of its own and reads what comes until the other side ends it. */
export function speak(address: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      heard += text;
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(heard));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // the listener hangs up on what it will not read to the end; what it said before counts
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

/** Status, headers and body of the first answer on a connection. */
export function firstAnswer(heard: string): Response {
  const [head = '', ...rest] = heard.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(
    fields.map((field): [string, string] => [
      field.split(':', 1)[0] ?? '',
      field.slice(field.indexOf(':') + 1),
    ]),
  );
  return new Response(rest.join('\r\n\r\n'), { status: Number(line.split(' ')[1]), headers });
}

/** That this is a whole problem document (RFC 9457) of the closed list, and which. */
export async function expectProblem(response: Response, code?: Problem['code']): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = (await response.json()) as Problem;
  expect(Object.keys(errorCodes)).toContain(document.code);
  expect(document).toMatchObject({
    type: `urn:belfry:problem:${document.code}`,
    title: errorCodes[document.code].title,
    status: response.status,
  });
  expect(response.status).toBe(errorCodes[document.code].status);
  expect(document.detail.length).toBeGreaterThan(10);
  if (code !== undefined) expect(document.code).toBe(code);
  return document;
}
