import type { Http2ServerResponse } from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import type { PushRequestRecord } from './endpoint.ts';

/** What shall go wrong with a request. */
export type Fault =
  /** Another answer; the message is not taken. */
  | { status: number; headers?: Record<string, string>; body?: string }
  /** The right answer, later. Milliseconds. */
  | { delay: number }
  /** No answer until the promise resolves, then the right one. */
  | { until: Promise<unknown> }
  /** The head of an answer and the beginning of its body, and nothing after that. */
  | { stall: number }
  /** The connection is cut without an answer. */
  | { cut: 'reset' }
  /** Bytes that are no HTTP, then the end. */
  | { cut: 'garbage' };

/** Does what the fault says; `goOn` when the request is to be answered as usual afterwards. */
export async function applyFault(
  fault: Fault,
  record: PushRequestRecord,
  response: Http2ServerResponse,
): Promise<'answered' | 'goOn'> {
  if ('delay' in fault) {
    await wait(fault.delay);
    return 'goOn';
  }
  if ('until' in fault) {
    await fault.until;
    return 'goOn';
  }
  if ('cut' in fault) {
    cut(response, fault.cut);
    return 'answered';
  }
  if ('stall' in fault) {
    record.status = fault.stall;
    response.writeHead(fault.stall, { 'content-type': 'application/json' });
    response.write('{"errno":');
    return 'answered';
  }
  record.status = fault.status;
  response.writeHead(fault.status, fault.headers ?? {});
  response.end(fault.body ?? '');
  return 'answered';
}

function cut(response: Http2ServerResponse, how: 'reset' | 'garbage') {
  const session = response.stream?.session;
  if (session) {
    // an HTTP/2 session does not let go of its socket: the nearest thing to nonsense is an error on the session
    if (how === 'garbage') session.goaway(1);
    session.destroy();
    return;
  }
  if (how === 'garbage') response.socket.end('\u0000\u0001 this is no HTTP\r\n\r\n');
  else response.socket.destroy();
}
