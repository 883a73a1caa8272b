/**
 * The closed list of error codes. Every refusal that Belfry gives, on any door, carries one of these; the HTTP
 * status and the short title are fixed here once, the detail is written where the error arises.
 */
export const errorCodes = {
  invalid_input: { status: 400, title: 'Some of what was sent is not valid' },
  unauthorized: { status: 401, title: 'You need to sign in' },
  forbidden: { status: 403, title: 'This is not allowed' },
  origin_not_allowed: { status: 403, title: 'This website may not use that site key' },
  external_id_not_signed: { status: 403, title: 'The external id is not signed by the site' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'That does not fit the present state' },
  request_in_progress: { status: 409, title: 'The same request is still being worked on' },
  subscription_gone: { status: 410, title: 'This subscription has ended' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The request is in a format that is not understood' },
  idempotency_mismatch: { status: 422, title: 'This Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something went wrong inside Belfry' },
  unavailable: { status: 503, title: 'Belfry cannot do this right now' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One place in the input that is wrong: an RFC 6901 pointer into it and a sentence for a person. */
export interface InputError {
  pointer: string;
  detail: string;
}

/** A problem document (RFC 9457), the body of every error on every listener. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  /** A sentence that a page may show to its visitor as it is. */
  visitorMessage?: string;
  errors?: InputError[];
}
