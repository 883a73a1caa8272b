import { type Node, parse } from 'acorn';

/** What a service worker's code does, as far as it shows without running it. */
export interface WorkerCode {
  /** The place where it cannot be read: browsers refuse it, too. */
  brokenAt: { line: number; why: string } | null;
  /** Written as a module, which only a browser told so can load. */
  isModule: boolean;
  /** The addresses that it imports, in order, as they are written. */
  imports: string[];
  /** Whether it sets `self.belfryShared = true`. */
  saysShared: boolean;
  /** Whether it does anything beside importing. */
  hasOwnCode: boolean;
}

/** Reads the code of a service worker. */
export function readWorker(code: string): WorkerCode {
  const found: WorkerCode = {
    brokenAt: null,
    isModule: false,
    imports: [],
    saysShared: false,
    hasOwnCode: false,
  };
  const program = parseAs(code, 'script');
  if (!('type' in program)) {
    const module = parseAs(code, 'module');
    found.isModule = 'type' in module;
    if (!found.isModule) found.brokenAt = program;
    return found;
  }
  const shared = (node: Shape) =>
    node.type === 'AssignmentExpression' &&
    nameOf(node.left) === 'belfryShared' &&
    node.right?.value !== false;
  walk(program, (node) => {
    if (shared(node)) found.saysShared = true;
    if (node.type === 'CallExpression' && nameOf(node.callee) === 'importScripts')
      for (const argument of node.arguments ?? []) {
        const text = textOf(argument);
        if (text !== null) found.imports.push(text);
      }
  });
  found.hasOwnCode = (program.body as Shape[]).some(({ type, directive, expression }) => {
    if (directive !== undefined || type === 'EmptyStatement') return false;
    if (type !== 'ExpressionStatement' || expression === undefined) return true;
    return !(
      shared(expression) ||
      (expression.type === 'CallExpression' && nameOf(expression.callee) === 'importScripts')
    );
  });
  return found;
}

/** A worker that a page registers by itself. */
export interface Registering {
  path: string;
  /** Null: the folder of the worker. */
  scope: string | null;
}

/** The calls of `serviceWorker.register` with an address that is written out; none where the code cannot be read. */
export function readRegistrations(code: string): Registering[] {
  if (!code.includes('register')) return [];
  const script = parseAs(code, 'script');
  const program = 'type' in script ? script : parseAs(code, 'module');
  const found: Registering[] = [];
  if (!('type' in program)) return found;
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || nameOf(node.callee) !== 'register') return;
    if (nameOf(node.callee?.object) !== 'serviceWorker') return;
    const [address, options] = node.arguments ?? [];
    const path = textOf(address);
    const scope = (options?.properties ?? []).find(({ key }) => (key?.name ?? key?.value) === 'scope')?.value;
    if (path !== null) found.push({ path, scope: textOf(scope as Shape | undefined) });
  });
  return found;
}

/** Nodes of every type that is looked at; ESTree has no common shape for them. */
interface Shape extends Node {
  body?: unknown;
  directive?: string;
  expression?: Shape;
  callee?: Shape;
  object?: Shape;
  property?: Shape;
  computed?: boolean;
  name?: string;
  value?: unknown;
  key?: Shape;
  left?: Shape;
  right?: Shape;
  arguments?: Shape[];
  properties?: Shape[];
  quasis?: { value: { cooked?: string | null } }[];
  expressions?: Shape[];
}

function parseAs(code: string, sourceType: 'script' | 'module'): Shape | { line: number; why: string } {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType, allowHashBang: true }) as Shape;
  } catch (error) {
    const { loc, message } = error as { loc?: { line: number }; message: string };
    return { line: loc?.line ?? 1, why: message.replace(/ \(\d+:\d+\)$/, '') };
  }
}

/** `x` of `x`, `a.x` and `a['x']`. */
function nameOf(node: Shape | undefined): string | undefined {
  if (node?.type === 'MemberExpression')
    return node.computed === true ? (textOf(node.property) ?? undefined) : node.property?.name;
  return node?.type === 'Identifier' ? node.name : undefined;
}

/** A text that is written out. */
function textOf(node: Shape | undefined): string | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions?.length === 0)
    return node.quasis?.[0]?.value.cooked ?? null;
  return null;
}

/** Visits every node; with a list of its own, since code from elsewhere may be nested deeper than a stack is. */
function walk(root: Shape, visit: (node: Shape) => void): void {
  const waiting: unknown[] = [root];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (!Array.isArray(at)) visit(at as Shape);
    const parts: unknown[] = Array.isArray(at) ? at : Object.values(at as Shape);
    for (const part of parts.toReversed())
      if (Array.isArray(part) || (typeof part === 'object' && part !== null && 'type' in part))
        waiting.push(part);
  }
}
