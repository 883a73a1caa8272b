/** Reads what stands in an address: a value of the list, or nothing. Addresses are typed by people: anything may come. */
export const oneOf = <T extends string>(allowed: readonly T[], value: unknown): T | undefined =>
  allowed.find((candidate) => candidate === value);

/** A text from an address, at most `length` characters; nothing when there is none. */
export function textOf(value: unknown, length = 200): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).slice(0, length) || undefined;
}
