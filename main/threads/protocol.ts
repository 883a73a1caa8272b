/** Functions by name that a thread offers; they may be asynchronous. */
export type OperationsOf<O> = { [K in keyof O]: (...args: never[]) => unknown };

/** What crosses: a call, the wish to end, and back an answer, a failure or a notification. */
export type ToThread = { call: number; name: string; args: unknown[] } | { close: true };
export type FromThread =
  | { answer: number; value: unknown }
  | { failure: number; error: CarriedError }
  | { event: string; data: unknown };

/** An error as plain data: a structured clone would drop its `code`. */
export interface CarriedError {
  name: string;
  message: string;
  code: string | number | undefined;
  stack: string | undefined;
}

export function packError(thrown: unknown): CarriedError {
  if (!(thrown instanceof Error))
    return { name: 'Error', message: String(thrown), code: undefined, stack: undefined };
  const code = 'code' in thrown ? thrown.code : undefined;
  return {
    name: thrown.name,
    message: thrown.message,
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    stack: thrown.stack,
  };
}

export function unpackError(carried: CarriedError): Error {
  const error = new Error(carried.message);
  error.name = carried.name;
  if (carried.stack !== undefined) error.stack = carried.stack;
  return carried.code === undefined ? error : Object.assign(error, { code: carried.code });
}
