import type { RefusalReason } from '../contract/imports.ts';
import { FileProblem } from './decode.ts';
import { maxRow } from './records.ts';

/** How deep arrays and objects may lie in each other within a row. */
const maxDepth = 32;

export type JsonText = { line: number } & ({ text: string } | { refused: RefusalReason; beginning: string });

/** The texts of the rows of a JSON file, one at a time: of lines, or of the objects of a list. */
export function jsonTexts(
  text: AsyncIterable<string>,
  format: 'json' | 'json-lines',
): AsyncGenerator<JsonText> {
  return format === 'json-lines' ? lines(text) : elements(text);
}

async function* lines(text: AsyncIterable<string>): AsyncGenerator<JsonText> {
  let line = 0;
  let rest = '';
  let isLong = false;
  function* take(one: string): Generator<JsonText> {
    line++;
    const plain = one.trim();
    if (isLong || one.length > maxRow) yield { line, refused: 'too-large', beginning: one.slice(0, 200) };
    else if (isTooDeep(plain)) yield { line, refused: 'bad-row', beginning: one.slice(0, 200) };
    else if (plain !== '') yield { line, text: plain };
    isLong = false;
  }
  for await (const piece of text) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield* take(part);
    // of a line without an end only the beginning is kept
    if (rest.length > maxRow) {
      isLong = true;
      rest = rest.slice(0, 200);
    }
  }
  if (rest.trim() !== '' || isLong) yield* take(rest);
}

/** Looks only at brackets outside of strings. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}

/** The objects of one list, or one after the other. */
async function* elements(text: AsyncIterable<string>): AsyncGenerator<JsonText> {
  let line = 1;
  let depth = 0;
  let base = 0; // 1 inside the list
  let inString = false;
  let escaped = false;
  let isOver = false;
  let parts: string[] = [];
  let length = 0;
  let startLine = 1;
  const keep = (piece: string) => {
    length += piece.length;
    if (length > maxRow)
      throw new FileProblem(
        `The value that begins on line ${startLine} is larger than ${maxRow / 1024} KB. What comes after it was not read.`,
      );
    parts.push(piece);
  };
  for await (const piece of text) {
    let from = depth > base ? 0 : -1;
    for (let i = 0; i < piece.length; i++) {
      const c = piece.charCodeAt(i);
      if (c === 0x0a) line++;
      if (inString) {
        if (escaped) escaped = false;
        else if (c === 0x5c) escaped = true;
        else if (c === 0x22) inString = false;
        continue;
      }
      if (c === 0x22) {
        if (depth === base) throw broken(line);
        inString = true;
      } else if (c === 0x7b || c === 0x5b) {
        if (isOver) throw broken(line);
        if (c === 0x5b && depth === 0 && base === 0) {
          base = 1;
          depth = 1;
          continue;
        }
        if (depth === base) {
          from = i;
          startLine = line;
        }
        if (++depth > base + maxDepth)
          throw new FileProblem(
            `The value that begins on line ${startLine} is nested more than ${maxDepth} deep. What comes after it was not read.`,
          );
      } else if (c === 0x7d || c === 0x5d) {
        depth--;
        if (base === 1 && depth === 0) {
          if (c !== 0x5d) throw broken(line);
          isOver = true;
        } else if (depth < base) throw broken(line);
        else if (depth === base) {
          keep(piece.slice(from, i + 1));
          yield { line: startLine, text: parts.join('') };
          parts = [];
          length = 0;
          from = -1;
        }
      } else if (depth === base && !(c === 0x2c || c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d)) {
        throw broken(line);
      }
    }
    if (from >= 0) keep(piece.slice(from));
  }
  if (depth > base || (base === 1 && !isOver))
    throw new FileProblem(`The file ends in the middle of its JSON, on line ${line}: it is cut off.`);
}

const broken = (line: number) =>
  new FileProblem(`The file is no JSON that can be read, on line ${line}. What comes after it was not read.`);
