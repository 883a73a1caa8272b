import { connect } from 'node:net';
import type { Shot } from './requests.ts';

export interface Heard {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** How one connection went. */
export interface Visit {
  answers: Heard[];
  /** What is wrong with how it went; null when all is right. */
  wrong: string | null;
}

const patience = 60_000;
/** Milliseconds of silence after which the sender of an incomplete request gives up. */
const quiet = 300;

/**
 * Sends requests on one connection without waiting in between, and reads until all are answered or the other side
 * ends it. (It does not close its half before: Node takes that for the visitor's leaving.)
 */
export function visit(port: number, shots: Shot[]): Promise<Visit> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const open = shots.at(-1)?.open === true;
    let late = false;
    let silence: NodeJS.Timeout | undefined;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(Buffer.concat(shots.map(({ bytes }) => bytes)));
      look();
    });
    const timer = setTimeout(() => {
      late = true;
      socket.destroy();
    }, patience);
    function look() {
      clearTimeout(silence);
      const { answers } = readAnswers(Buffer.concat(chunks), shots);
      if (answers.length >= shots.length) socket.end();
      else if (open && answers.length === shots.length - 1) silence = setTimeout(() => socket.end(), quiet);
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      look();
    });
    socket.on('end', () => socket.end());
    // the other side may hang up on what it will not read; what it said before counts
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      clearTimeout(silence);
      resolve(judge(Buffer.concat(chunks), shots, late));
    });
  });
}

function judge(heard: Buffer, shots: Shot[], late: boolean): Visit {
  const { answers, rest } = readAnswers(heard, shots);
  const closes = answers.at(-1)?.headers.get('connection') === 'close';
  const wanted = shots.at(-1)?.open ? shots.length - 1 : shots.length;
  if (late) return { answers, wrong: `no end after ${patience} ms and ${answers.length} answers` };
  if (rest.length > 0) return { answers, wrong: `an answer that cannot be read: ${rest.subarray(0, 200)}` };
  if (answers.length < wanted && !closes)
    return { answers, wrong: `${answers.length} answers to ${shots.length} requests` };
  return { answers, wrong: null };
}

/** Reads HTTP/1.1 answers one after another. */
function readAnswers(bytes: Buffer, shots: Shot[]): { answers: Heard[]; rest: Buffer } {
  const answers: Heard[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const [line = '', ...fields] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (!status) break;
    at = end + 4;
    if (status === 100) continue;
    const headers = new Map(
      fields.map((field): [string, string] => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    );
    const bare = status === 204 || status === 304 || shots[answers.length]?.head === true;
    const length = bare ? 0 : Number(headers.get('content-length') ?? Number.NaN);
    // a raw refusal of a HEAD that could not be read has its body all the same
    const said = Number.isNaN(length) ? bytes.length - at : length;
    if (at + said > bytes.length) return { answers, rest: bytes.subarray(at) };
    let body = bytes.toString('utf8', at, at + said);
    at += said;
    if (bare && bytes[at] === 0x7b) {
      const more = Number(headers.get('content-length') ?? 0);
      body = bytes.toString('utf8', at, at + more);
      at += more;
    }
    answers.push({ status, headers, body });
  }
  return { answers, rest: bytes.subarray(at) };
}
