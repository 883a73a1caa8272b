import { Refusal } from '../core/refusal.ts';

/** How deep arrays and objects may lie in each other; nothing in the contract comes near. */
const maxDepth = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const refuse = (detail: string) =>
  new Refusal('invalid_input', detail, { errors: [{ pointer: '', detail }] });

/**
 * Reads JSON (RFC 8259) from strangers: UTF-8 only, nested at most 32 deep, no names that reach for an object's
 * prototype.
 * @throws Refusal invalid_input
 */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw refuse('The body is not UTF-8');
  }
  if (isTooDeep(text)) throw refuse(`The body is nested more than ${maxDepth} deep`);
  try {
    // an escaped name may be any name: only then is every name looked at
    return /__proto__|constructor|\\u/.test(text) ? JSON.parse(text, refuseReach) : JSON.parse(text);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuse('The body is not valid JSON');
  }
}

function refuseReach(name: string, value: unknown): unknown {
  const reaches =
    name === '__proto__' ||
    (name === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value);
  if (reaches) throw refuse('The body has a name that is not allowed');
  return value;
}

/** Looks only at brackets outside of strings, before anything is built from them. */
function isTooDeep(text: string): boolean {
  if (!hasMore(text, maxDepth)) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return false;
}

/** Whether a text has more than so many opening brackets: what usually comes has a few. */
function hasMore(text: string, most: number): boolean {
  let seen = 0;
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      seen += 1;
      if (seen > most) return true;
    }
  return false;
}

/** Looks JSON through as parseJson does, and hands on the bytes as they came. @throws Refusal invalid_input */
export function checkedJson(bytes: Buffer): Buffer {
  if (bytes.length > 0) parseJson(bytes);
  return bytes;
}
