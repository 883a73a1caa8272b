import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How a program is started: what `--help` explains, from the command line or the environment. */
export interface Options {
  /** Folder of the database, the key file and the console's token. */
  data: string;
  publicHost: string;
  /** 0: any free one. */
  publicPort: number;
  consoleHost: string;
  /** null: no console over HTTP (the desktop window needs none). */
  consolePort: number | null;
  /** Where visitors reach the public listener; null: where it listens. */
  publicUrl: string | null;
  /** A third listener that serves only /api/v1, to API keys only; null: none. */
  apiPort: number | null;
  /** Proxies whose X-Forwarded-For is believed: addresses or CIDR ranges. */
  trustProxy: string[];
  /** Serve the landing page also beyond loopback. */
  landing: boolean;
  rehearsal: boolean;
  /** `host` or `host:port` of further push services. */
  allowPushHosts: string[];
  /** `host` or `host:port` in a private network that the check of a site may ask. */
  checkPrivateHosts: string[];
  /** Print one line of JSON for scripts. */
  json: boolean;
}

/** A way of starting that cannot be; the message says what to write instead. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}

export const help = `Belfry: your own Web Push, with no service in between.

  npm start -- [options]        the desktop window
  npm run serve -- [options]    no window: the console in a browser, for a server

  --data DIR              where the database and its key file lie
  --public-port N         port for visitors (8383; 0: any free one)
  --public-host HOST      address for visitors (127.0.0.1)
  --public-url URL        where visitors reach it from outside, through your proxy or tunnel
  --landing               serve the landing page also beyond this machine
  --console-port N        port of the operator's console (8384; 0: any free one)
  --console-host HOST     address of the console (127.0.0.1)
  --api-port N            a further port that serves only /api/v1, to API keys only
  --trust-proxy CIDR      believe X-Forwarded-For of this proxy (repeatable)
  --allow-push-host HOST[:PORT]   a further push service (repeatable)
  --check-private-host HOST   a site in your own network that “Set up” may look at (repeatable)
  --rehearsal             a practice site with simulated subscribers
  --json                  print the addresses and the token as one line of JSON
  --help                  this text

Each has a name in the environment too: BELFRY_DATA, BELFRY_PUBLIC_PORT, … (lists with commas).
NODE_EXTRA_CA_CERTS, HTTPS_PROXY and NO_PROXY hold for sending. SIGTERM ends it cleanly.`;

const flags = {
  data: { type: 'string' },
  'public-host': { type: 'string' },
  'public-port': { type: 'string' },
  'public-url': { type: 'string' },
  'console-host': { type: 'string' },
  'console-port': { type: 'string' },
  'api-port': { type: 'string' },
  'trust-proxy': { type: 'string', multiple: true },
  'allow-push-host': { type: 'string', multiple: true },
  'check-private-host': { type: 'string', multiple: true },
  landing: { type: 'boolean' },
  rehearsal: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Env = Record<string, string | undefined>;

/**
 * Reads the command line (without the program's own name) and the environment; the former wins.
 * @param defaults what this way of starting does unless told otherwise
 * @returns the options, or `help` when that was asked for
 * @throws OptionError
 */
export function parseOptions(argv: string[], env: Env, defaults: Partial<Options> = {}): Options | 'help' {
  const given = parse(argv);
  if (given.help) return 'help';
  const text = (flag: keyof typeof flags & string): string | undefined => {
    const value = given[flag as keyof typeof given];
    return typeof value === 'string' ? value : env[envName(flag)] || undefined;
  };
  const list = (flag: 'trust-proxy' | 'allow-push-host' | 'check-private-host') =>
    given[flag] ??
    env[envName(flag)]
      ?.split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  const yes = (flag: 'landing' | 'rehearsal' | 'json') =>
    given[flag] ?? /^(1|true|yes|on)$/i.test(env[envName(flag)] ?? '');
  const port = (flag: keyof typeof flags & string) => portOf(flag, text(flag));

  return {
    data: resolve(text('data') ?? defaults.data ?? dataFolder(env)),
    publicHost: text('public-host') ?? '127.0.0.1',
    publicPort: port('public-port') ?? defaults.publicPort ?? 8383,
    publicUrl: urlOf(text('public-url')),
    consoleHost: text('console-host') ?? '127.0.0.1',
    consolePort: port('console-port') ?? (defaults.consolePort === undefined ? 8384 : defaults.consolePort),
    apiPort: port('api-port') ?? null,
    trustProxy: list('trust-proxy') ?? [],
    allowPushHosts: list('allow-push-host') ?? [],
    checkPrivateHosts: list('check-private-host') ?? [],
    landing: yes('landing'),
    rehearsal: yes('rehearsal'),
    json: yes('json'),
  };
}

const envName = (flag: string) => `BELFRY_${flag.replaceAll('-', '_').toUpperCase()}`;

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: flags, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : error} See --help.`);
  }
}

function portOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new OptionError(`--${flag} takes a port from 0 to 65535, not “${text}”.`);
}

function urlOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new OptionError(
      `--public-url takes an address such as https://push.example.com, without a path, not “${text}”.`,
    );
  return url.origin;
}

function dataFolder(env: Env): string {
  if (process.platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData/Roaming'), 'Belfry');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Belfry');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'belfry');
}
