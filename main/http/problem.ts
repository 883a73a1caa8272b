import { STATUS_CODES } from 'node:http';
import { ORPCError } from '@orpc/server';
import type * as z from 'zod';
import { type ErrorCode, errorCodes, type InputError, type Problem } from '../contract/errors.ts';
import { Refusal } from '../core/refusal.ts';

export const problemType = 'application/problem+json';

/** What to do about an error that arises before Belfry's own code has a say. */
const advice: Partial<Record<ErrorCode, string>> = {
  invalid_input: 'The request could not be read. Check its address, headers and body.',
  not_found: 'Check the address: nothing of that name is served here.',
  request_timeout: 'Send the whole request without long pauses.',
  payload_too_large: 'Send less at once: the body is larger than this address takes.',
  unsupported_media_type: 'Send the body as application/json, not compressed.',
  rate_limited: 'Wait for as many seconds as Retry-After says, then try again.',
  headers_too_large: 'Send fewer or shorter headers, or a shorter address.',
  internal: 'This is a fault of Belfry. Its log says more; trying again later may help.',
};

/** What a page may tell its visitor when the error itself brings no words for them. */
const forVisitors: Partial<Record<ErrorCode, string>> & Record<'invalid_input' | 'internal', string> = {
  invalid_input:
    'This page and its notification service did not understand each other. Reload the page and try again.',
  origin_not_allowed: 'Notifications are not set up for this address of the website.',
  not_found: 'Notifications are no longer offered here.',
  request_timeout: 'The connection was too slow. Try again in a moment.',
  payload_too_large: 'This page sent more than its notification service takes.',
  rate_limited: 'There were too many attempts from your network. Wait a minute, then try again.',
  internal: 'Something went wrong on the side of the website. Try again in a little while.',
  unavailable: 'Notifications cannot be changed right now. Try again in a little while.',
};

const codeOfStatus = new Map<number, ErrorCode>([
  [400, 'invalid_input'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [413, 'payload_too_large'],
  [415, 'unsupported_media_type'],
  [429, 'rate_limited'],
  [431, 'headers_too_large'],
  [503, 'unavailable'],
]);

/** A problem document (RFC 9457) for one of the closed list of codes. */
export function problem(
  code: ErrorCode,
  detail: string = advice[code] ?? errorCodes[code].title,
  more: { visitorMessage?: string | undefined; errors?: InputError[] | undefined } = {},
): Problem {
  const { status, title } = errorCodes[code];
  return {
    type: `urn:belfry:problem:${code}`,
    title,
    status,
    detail,
    code,
    ...(more.visitorMessage === undefined ? {} : { visitorMessage: more.visitorMessage }),
    ...(more.errors === undefined || more.errors.length === 0 ? {} : { errors: more.errors }),
  };
}

/** The same problem with a sentence that a page can show to its visitor. */
export function withVisitorMessage(given: Problem): Problem {
  const usual = forVisitors[given.code] ?? forVisitors[given.status < 500 ? 'invalid_input' : 'internal'];
  return { ...given, visitorMessage: given.visitorMessage ?? usual };
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/**
 * The problem document for whatever was thrown: a Refusal, an ORPCError, an error of fastify or its plugins.
 * Anything else is `internal`, and nothing of it is shown.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return problem(error.code, error.message, error);
  if (error instanceof ORPCError) return problemOfRpc(error);
  // longer than any name we give, so there is nothing of that name
  if (property(error, 'code') === 'FST_ERR_MAX_PARAM_LENGTH') return problem('not_found');
  const status = property(error, 'statusCode');
  if (typeof status !== 'number' || status < 400 || status > 499) return problem('internal');
  return problem(codeOfStatus.get(status) ?? 'invalid_input');
}

function problemOfRpc(error: ORPCError<string, unknown>): Problem {
  const { code, data } = error;
  if (isCode(code)) {
    const detail = property(data, 'detail');
    const errors = property(data, 'errors');
    return problem(code, typeof detail === 'string' ? detail : undefined, {
      errors: Array.isArray(errors) ? errors : undefined,
    });
  }
  const issues = property(data, 'issues');
  if (Array.isArray(issues)) return invalidInput(issues);
  return problem((error.status < 500 ? codeOfStatus.get(error.status) : null) ?? 'internal');
}

/** One finding of a schema (Standard Schema; zod adds `code` and `keys`). */
export interface Issue {
  message: string;
  path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  code?: string | undefined;
  keys?: readonly string[] | undefined;
}

/** `invalid_input` with a pointer for everything that a schema objects to. */
export function invalidInput(issues: readonly Issue[]): Problem {
  return problem('invalid_input', 'Some of what was sent is not valid; `errors` says where and why.', {
    errors: issues.slice(0, 20).flatMap(inputErrors),
  });
}

function inputErrors(issue: Issue): InputError[] {
  const path = (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step));
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    return issue.keys
      .slice(0, 20)
      .map((key) => ({ pointer: pointer([...path, key]), detail: 'There is no field of this name here' }));
  }
  return [{ pointer: pointer(path), detail: issue.message }];
}

/** A JSON pointer (RFC 6901), of a length that is still fit to be read. */
const pointer = (path: PropertyKey[]) =>
  path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
    .slice(0, 500);

/** A whole HTTP/1.1 response with further headers, for what goes wrong before there is a request to answer. */
export function rawProblem(code: ErrorCode, headers: Record<string, string>): string {
  const body = JSON.stringify(problem(code));
  const { status } = errorCodes[code];
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** What a schema makes of the input. @throws Refusal invalid_input with all that it objects to */
export function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { detail, errors } = invalidInput(result.error.issues as Issue[]);
  throw new Refusal('invalid_input', detail, errors === undefined ? {} : { errors });
}
