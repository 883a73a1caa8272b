import { ORPCError } from '@orpc/server';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type ErrorCode, errorCodes } from '../../main/contract/errors.ts';
import { Refusal } from '../../main/core/refusal.ts';
import { checked, problem, problemOf, rawProblem, withVisitorMessage } from '../../main/http/problem.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

test('every code has a document with words of its own', () => {
  for (const code of codes) {
    const document = problem(code);
    expect(document).toMatchObject({
      type: `urn:belfry:problem:${code}`,
      code,
      status: errorCodes[code].status,
    });
    expect(document.detail).not.toBe('');
    const raw = rawProblem(code, {});
    const [head = '', body = ''] = raw.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${errorCodes[code].status} `);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toEqual(document);
  }
});

test('a refusal keeps its words', () => {
  const more = { visitorMessage: 'Try again.', errors: [{ pointer: '/a', detail: 'Give an a' }] };
  expect(problemOf(new Refusal('conflict', 'It has begun.', more))).toMatchObject({
    code: 'conflict',
    status: 409,
    detail: 'It has begun.',
    ...more,
  });
  expect(withVisitorMessage(problemOf(new Refusal('invalid_input', 'No.', more))).visitorMessage).toBe(
    'Try again.',
  );
});

test.each([
  [new Error('the password is hunter2'), 'internal'],
  ['the password is hunter2', 'internal'],
  [undefined, 'internal'],
  [{ statusCode: 500, message: 'hunter2' }, 'internal'],
  [{ statusCode: 200 }, 'internal'],
  [{ statusCode: 418 }, 'invalid_input'],
  [{ statusCode: 429, message: 'hunter2' }, 'rate_limited'],
  [new ORPCError('INTERNAL_SERVER_ERROR', { message: 'hunter2' }), 'internal'],
  [new ORPCError('NOT_FOUND'), 'not_found'],
  [new ORPCError('BAD_REQUEST', { message: 'hunter2' }), 'invalid_input'],
  [new ORPCError('conflict', { data: { detail: 'It has begun.' } }), 'conflict'],
] as const)('%s', (error, code) => {
  const document = problemOf(error);
  expect(document.code).toBe(code);
  expect(JSON.stringify(document)).not.toContain('hunter2');
});

test('a schema says where: pointers (RFC 6901) also for fields that nobody knows', () => {
  const schema = z.strictObject({ 'a/b': z.strictObject({ list: z.array(z.number()) }) });
  const input = { 'a/b': { list: [1, 'two'], 'x~y': 1 }, more: 1 };
  const thrown = (() => {
    try {
      return checked(schema, input);
    } catch (error) {
      return problemOf(error);
    }
  })();
  expect(thrown).toMatchObject({ code: 'invalid_input' });
  expect((thrown as ReturnType<typeof problem>).errors?.map(({ pointer }) => pointer).sort()).toEqual([
    '/a~1b/list/1',
    '/a~1b/x~0y',
    '/more',
  ]);
  expect(checked(schema, { 'a/b': { list: [1] } })).toEqual({ 'a/b': { list: [1] } });
});
