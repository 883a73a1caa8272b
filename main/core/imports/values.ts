import type { AttributeType } from '../../contract/imports.ts';
import type { Attributes } from '../../contract/subscribers.ts';
import { BadRow } from './bad-row.ts';

/** What a spreadsheet would run as a formula when a cell begins with it. */
const runs = /^'*[=+\-@\t\r\n]/;

/** Makes a cell harmless for spreadsheets, with an apostrophe before it; `unspoilt` takes it off again. */
export const harmless = (text: string): string => (runs.test(text) ? `'${text}` : text);
export const unspoilt = (text: string): string =>
  text.charCodeAt(0) === 0x27 && runs.test(text.slice(1)) ? text.slice(1) : text;

/**
 * A time as tools write it: RFC 3339, `2024-05-01 12:00:00` (taken as UTC), or seconds or milliseconds since the
 * epoch. @returns milliseconds; null when it is none, or before 2000
 */
export function timeOf(text: string): number | null {
  const plain = text.trim();
  const at = /^\d{9,13}(\.\d+)?$/.test(plain)
    ? Number(plain) * (plain.split('.')[0]?.length === 13 ? 1 : 1000)
    : /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?$/.test(plain)
      ? Date.parse(standard(plain))
      : Number.NaN;
  return Number.isNaN(at) || at < Date.UTC(2000) ? null : Math.round(at);
}

function standard(text: string): string {
  const joined = text
    .replace(/^(.{10}) /, '$1T')
    .replace(/ ?UTC$/, 'Z')
    .replace(' ', '');
  if (joined.length === 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(joined.slice(10))) return joined;
  return `${joined}Z`;
}

/** Yes or no in the ways that tools write it; null when it says neither. */
export function flagOf(text: string | null): boolean | null {
  if (text === null) return null;
  if (/^(1|t|true|yes|y)$/i.test(text.trim())) return true;
  return /^(0|f|false|no|n)$/i.test(text.trim()) ? false : null;
}

/** Tags as a JSON list, or divided by commas, semicolons or bars. */
export function tagsOf(text: string): string[] {
  const plain = text.trim();
  let list: unknown = plain.split(/[,;|]/);
  if (plain.startsWith('[')) {
    try {
      list = JSON.parse(plain);
    } catch {
      throw new BadRow('bad-value', 'The tags are not a list');
    }
  }
  if (!Array.isArray(list)) throw new BadRow('bad-value', 'The tags are not a list');
  const tags = list.map((tag) =>
    typeof tag === 'string' || typeof tag === 'number' ? String(tag).trim() : '',
  );
  for (const tag of tags)
    if (tag.length > 64) throw new BadRow('bad-value', 'A tag is longer than 64 characters');
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

/** Attributes as a JSON object. Members that are null are left out. */
export function attributesOf(text: string): Attributes {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new BadRow('bad-value', 'The attributes are not JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new BadRow('bad-value', 'The attributes are not a JSON object');
  const found: Attributes = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === '') continue;
    if (name === '' || name.length > 64) throw new BadRow('bad-value', 'An attribute’s name is too long');
    if (name === '__proto__') throw new BadRow('bad-value', 'An attribute has a name that is not allowed');
    if (!isValue(value))
      throw new BadRow('bad-value', `The attribute ${name} has a value that cannot be kept`);
    found[name] = value;
  }
  return found;
}

function isValue(value: unknown): value is Attributes[string] {
  if (typeof value === 'string') return value.length <= 1000;
  if (Array.isArray(value))
    return value.length <= 50 && value.every((one) => typeof one === 'string' && one.length <= 200);
  return typeof value === 'number' || typeof value === 'boolean';
}

/** @throws BadRow when the text is not of the type */
export function typed(text: string, type: AttributeType, name: string): Attributes[string] {
  if (type === 'number') {
    const value = Number(text.trim());
    if (text.trim() === '' || !Number.isFinite(value)) throw new BadRow('bad-value', `${name}: not a number`);
    return value;
  }
  if (type === 'yes-no') {
    const value = flagOf(text);
    if (value === null) throw new BadRow('bad-value', `${name}: neither yes nor no`);
    return value;
  }
  if (text.length > 1000) throw new BadRow('bad-value', `${name}: longer than 1000 characters`);
  return text;
}
