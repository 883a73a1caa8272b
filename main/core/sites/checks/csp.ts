/** A Content-Security-Policy: its directives with their sources (CSP Level 3, 2.2). */
export type Policy = ReadonlyMap<string, readonly string[]>;

/** Where a directive's place is taken by others when it is not given (CSP Level 3, 6.8.3). */
const fallbacks = {
  script: ['script-src-elem', 'script-src', 'default-src'],
  connect: ['connect-src', 'default-src'],
  worker: ['worker-src', 'child-src', 'script-src', 'default-src'],
} as const;

export interface Load {
  kind: keyof typeof fallbacks;
  url: URL;
  /** The page or worker that loads it. */
  from: URL;
  /** Of the script element. */
  nonce?: string | undefined;
  /** Written in the page's HTML, and not loaded by a script that runs already. */
  inHtml?: boolean;
}

/** The policies of a header or meta element: commas part them, the first of a name counts. */
export function parsePolicies(text: string | undefined): Policy[] {
  return (text ?? '')
    .split(',')
    .map((one) => {
      const policy = new Map<string, string[]>();
      for (const directive of one.split(';')) {
        const [name, ...sources] = directive.trim().split(/\s+/);
        const known = name?.toLowerCase() ?? '';
        if (known !== '' && !policy.has(known)) policy.set(known, sources);
      }
      return policy;
    })
    .filter((policy) => policy.size > 0);
}

/** The name of the directive that blocks this, of the first policy that does; null when all allow it. */
export function blockedBy(policies: readonly Policy[], load: Load): string | null {
  for (const policy of policies) {
    const name = fallbacks[load.kind].find((directive) => policy.has(directive));
    if (name !== undefined && !allows(policy.get(name) ?? [], load)) return name;
  }
  return null;
}

function allows(sources: readonly string[], load: Load): boolean {
  const isScript = load.kind !== 'connect';
  if (load.nonce !== undefined && isScript && sources.includes(`'nonce-${load.nonce}'`)) return true;
  if (isScript && sources.some((source) => source.toLowerCase() === "'strict-dynamic'"))
    // trust is handed on by scripts that run; sources by host count no more
    return load.inHtml !== true;
  return sources.some((source) => matches(source, load));
}

function matches(source: string, { url, from }: Load): boolean {
  const lower = source.toLowerCase();
  if (lower === '*') return /^(https?|wss?):$/.test(url.protocol);
  if (lower === "'self'") return url.host === from.host && isSameOrSafer(from.protocol, url.protocol);
  if (lower.startsWith("'")) return false;
  const scheme = /^([a-z][a-z0-9+.-]*:)$/.exec(lower)?.[1];
  if (scheme !== undefined) return isSameOrSafer(scheme, url.protocol);
  const found = /^(?:([a-z][a-z0-9+.-]*:)\/\/)?(\[[^\]]*\]|[^/:]+)(?::(\d+|\*))?(\/.*)?$/i.exec(source);
  if (found === null) return false;
  const [, protocol = from.protocol, host = '', port, path] = found;
  if (!isSameOrSafer(protocol.toLowerCase(), url.protocol)) return false;
  const wanted = host.toLowerCase();
  const fits =
    wanted === '*' ||
    (wanted.startsWith('*.') ? url.hostname.endsWith(wanted.slice(1)) : url.hostname === wanted);
  return fits && portFits(port, url) && pathFits(path, url.pathname);
}

/** `http:` in a policy stands for https, too. */
const isSameOrSafer = (allowed: string, actual: string) =>
  allowed === actual || (allowed === 'http:' && actual === 'https:');

function portFits(port: string | undefined, url: URL): boolean {
  if (port === '*') return true;
  const usual = url.protocol === 'https:' ? '443' : '80';
  const actual = url.port || usual;
  return port === undefined ? actual === usual : actual === port || (port === '80' && actual === '443');
}

function pathFits(path: string | undefined, actual: string): boolean {
  if (path === undefined || path === '/') return true;
  return path.endsWith('/') ? actual.startsWith(path) : actual === path;
}
