import type { AttributeChange, RetypeKind } from '../../contract/attributes.ts';
import type { Attributes } from '../../contract/subscribers.ts';
import { flagOf, timeOf } from '../imports/values.ts';

type Value = Attributes[string];

/** What somebody had of the attributes that a change is about; null: nothing. */
export type Former = Record<string, Value | null>;

/** The attributes that a change reads or writes: the one it is about first. */
export function touched(change: AttributeChange): string[] {
  if (change.do === 'rename') return [change.name, change.to];
  return change.do === 'merge' ? [change.name, change.into] : [change.name];
}

/**
 * What one person has after a change.
 * @returns null when it changes nothing of theirs
 */
export function applied(change: AttributeChange, before: Attributes): Attributes | null {
  const value = Object.hasOwn(before, change.name) ? before[change.name] : undefined;
  if (value === undefined) return null;
  if (change.do === 'retype') {
    const converted = convert(value, change.kind);
    return converted === null || equal(converted, value) ? null : { ...before, [change.name]: converted };
  }
  const { [change.name]: _, ...rest } = before;
  if (change.do === 'remove') return rest;
  const into = change.do === 'rename' ? change.to : change.into;
  const isKept = Object.hasOwn(rest, into) && (change.do === 'rename' || change.prefer !== change.name);
  return isKept ? rest : { ...rest, [into]: value };
}

/** Of everything that somebody has, what a change is about. */
export const formerOf = (change: AttributeChange, has: Attributes): Former =>
  Object.fromEntries(
    touched(change).map((name) => [name, Object.hasOwn(has, name) ? (has[name] ?? null) : null]),
  );

/**
 * What one person has again after a change is taken back.
 * @param former what they had before it
 * @param now what they have
 * @returns null when they were given something else since: that stays
 */
export function undone(change: AttributeChange, former: Former, now: Attributes): Attributes | null {
  const had = withoutNull(former);
  const made = applied(change, had);
  if (made === null || !equal(formerOf(change, now), formerOf(change, made))) return null;
  const rest = Object.fromEntries(Object.entries(now).filter(([name]) => !(name in former)));
  return { ...rest, ...had };
}

const withoutNull = (former: Former): Attributes =>
  Object.fromEntries(
    Object.entries(former).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Longest text of a value, and of a list's elements, and how many there may be (contract/subscribers.ts). */
const MOST_TEXT = 1000;
const MOST_WORD = 200;
const MOST_WORDS = 50;

/**
 * A value as another kind.
 * @returns null when it cannot be read as that
 */
export function convert(value: Value, kind: RetypeKind): Value | null {
  switch (kind) {
    case 'text':
      return asText(value);
    case 'number':
      return asNumber(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : Array.isArray(value) ? null : flagOf(String(value));
    case 'date':
      return asDate(value);
    case 'list':
      return asList(value);
  }
}

function asText(value: Value): string | null {
  if (Array.isArray(value)) {
    const joined = value.join(', ');
    // only what could be divided again
    return value.some((word) => word.includes(',')) || joined.length > MOST_TEXT ? null : joined;
  }
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function asNumber(value: Value): number | null {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return Array.isArray(value) ? null : value;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) && !/^[+-]?0[xob]/i.test(value.trim()) ? number : null;
}

/** RFC 3339, or the day alone where that is what was said. */
function asDate(value: Value): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  const at = timeOf(text);
  if (at === null) return null;
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : new Date(at).toISOString();
}

function asList(value: Value): string[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value === 'boolean') return null;
  const words = String(value)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const distinct = [...new Set(words)];
  const fits = distinct.length <= MOST_WORDS && distinct.every((word) => word.length <= MOST_WORD);
  return fits && distinct.length > 0 ? distinct : null;
}
