import { fault, rejected, retry, type Verdict } from './services/policy.ts';

/** A request that was given up here, with what that means. */
export class Failure extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.reason);
    this.name = 'Failure';
    this.verdict = verdict;
  }
}

const codes: Record<string, Verdict> = {
  UND_ERR_CONNECT_TIMEOUT: retry('timed-out'),
  ETIMEDOUT: retry('timed-out'),
  ENOTFOUND: retry('host-not-found'),
  EAI_AGAIN: retry('host-not-found'),
  ECONNREFUSED: retry('connection-refused'),
  ECONNRESET: retry('connection-lost'),
  EPIPE: retry('connection-lost'),
  UND_ERR_SOCKET: retry('connection-lost'),
  ENETUNREACH: retry('network-unreachable'),
  EHOSTUNREACH: retry('network-unreachable'),
  EADDRNOTAVAIL: retry('network-unreachable'),
  UND_ERR_HEADERS_OVERFLOW: retry('garbled-answer'),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: retry('garbled-answer'),
  UND_ERR_PRX_TLS: retry('proxy-refused'),
  ERR_HTTP2_ERROR: retry('garbled-answer'),
  ERR_HTTP2_STREAM_ERROR: retry('connection-lost'),
  ERR_HTTP2_SESSION_ERROR: retry('connection-lost'),
  ERR_HTTP2_STREAM_CANCEL: retry('connection-lost'),
  UND_ERR_INVALID_ARG: rejected('refused'),
  ERR_INVALID_CHAR: rejected('refused'),
};

/** What it means that there was no answer. */
export function judgeFailure(error: unknown): Verdict {
  if (error instanceof Failure) return error.verdict;
  if (!(error instanceof Error)) return retry('connection-failed');
  if (error.cause instanceof Failure) return error.cause.verdict;
  const proxy = /Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (proxy) return proxy === '407' ? fault('proxy-authentication') : retry('proxy-refused');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (Object.hasOwn(codes, code)) return codes[code] ?? retry('connection-failed');
  if (error.name === 'HTTPParserError') return retry('garbled-answer');
  if (/CERT|^UNABLE_TO_/.test(code)) return retry('certificate-not-trusted');
  return retry('connection-failed');
}
