import { ORPCError, ValidationError } from '@orpc/server';
import { errorCodes } from '../contract/errors.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { problemOf } from './problem.ts';

/**
 * Logs a fault of our own. The error's message stays out: it may quote an endpoint, a key or what was sent. Its
 * kind and the places in our code tell enough.
 */
export function logFault(log: Logger, error: unknown, where: string): void {
  const cause = error instanceof ORPCError && error.cause !== undefined ? error.cause : error;
  log.error(
    {
      where,
      kind: cause instanceof Error ? cause.name : typeof cause,
      code: cause instanceof Error && 'code' in cause ? String(cause.code) : undefined,
      fields: cause instanceof ValidationError ? cause.issues.slice(0, 5).map(({ path }) => path) : undefined,
      stack:
        cause instanceof Error
          ? cause.stack
              ?.split('\n')
              .filter((line) => /^\s+at /.test(line))
              .slice(0, 12)
          : undefined,
    },
    'A request ran into a fault of Belfry',
  );
}

/**
 * An interceptor for oRPC handlers on any door: what a procedure throws becomes one of the contract's declared
 * errors, with `data: {detail, errors?}`; what it should not have thrown is logged and becomes `internal`.
 */
export const declaredErrors =
  (log: Logger) =>
  async <T>({ next, path }: { next: () => Promise<T>; path: readonly string[] }): Promise<T> => {
    try {
      return await next();
    } catch (error) {
      const { code, detail, errors } = problemOf(error);
      if (code === 'internal') logFault(log, error, path.join('.'));
      const { status } = errorCodes[code];
      const data = errors === undefined ? { detail } : { detail, errors };
      throw new ORPCError(code, { status, message: detail, data, defined: true, cause: error });
    }
  };
