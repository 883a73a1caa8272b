import type { ErrorCode, InputError } from '../contract/errors.ts';

/** A request that the core declines. `detail` tells the caller what to do; it never holds a secret or endpoint. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly visitorMessage: string | undefined;
  readonly errors: InputError[] | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    more: { visitorMessage?: string; errors?: InputError[] } = {},
  ) {
    super(detail);
    this.name = 'Refusal';
    this.code = code;
    this.visitorMessage = more.visitorMessage;
    this.errors = more.errors;
  }
}
