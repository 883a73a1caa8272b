import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Problem } from '../../main/contract/errors.ts';
import { collect, type Output } from './process.ts';

const root = resolve(import.meta.dirname, '../..');
const secondsToStart = 60;
const secondsToStop = 5;

/** What `npm run serve -- --json` prints once it listens. */
interface Announcement {
  pid: number;
  version: string;
  public: string;
  console: string;
  token: string;
  /** Of the third listener, where `--api-port` asked for one. */
  api?: string;
}

export interface StartOptions {
  /** Further command line, such as `--allow-push-host`. */
  args?: string[];
  /** Environment beside PATH and HOME, such as a push service's. */
  environment?: Record<string, string>;
  /** A folder that is there already, and that is kept; else one is made, and deleted at the end. */
  data?: string;
}

export interface RunningProgram extends Omit<Announcement, 'api'> {
  apiListener: string | undefined;
  data: string;
  /** Everything it ever said, over all its starts, stdout and stderr. */
  output: string[];
  /** Calls the REST API (`path` begins after /api/v1) as the operator. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The same, with the answer's JSON. @throws with the problem's words on any answer but a 2xx */
  api<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Asks it to end. @throws when it takes more than the 5 seconds that it promises, or fails at it */
  stop(): Promise<void>;
  /** Ends it as a crash of the machine would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and ports, stopping it before where it still runs. */
  restart(): Promise<void>;
  /** Starts it again and ends it after so many milliseconds as a crash would, perhaps before it listens. */
  startAndKill(milliseconds: number): Promise<void>;
  /** Stops it and deletes its data. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts Belfry without a window, as an administrator does, on free ports. */
export async function startServer(options: StartOptions = {}): Promise<RunningProgram> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'belfry-data-')));
  const said: string[] = [];
  let current: Awaited<ReturnType<typeof launch>> | null = await launch(data, ['0', '0'], options, said);

  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const ending = current;
    current = null;
    if (!ending) return;
    ending.child.kill(signal);
    const late = signal === 'SIGTERM' ? wait(secondsToStop * 1000, 'late' as const, { ref: false }) : null;
    const code = await Promise.race([ending.output.ended, ...(late ? [late] : [])]);
    if (code === 'late') {
      ending.child.kill('SIGKILL');
      throw new Error(`Belfry did not end within ${secondsToStop} s of SIGTERM.\n${said.join('\n')}`);
    }
    if (signal === 'SIGTERM' && code !== 0)
      throw new Error(`Belfry ended with ${code} after SIGTERM.\n${said.join('\n')}`);
  };

  const program: RunningProgram = {
    ...described(current.announcement),
    data,
    output: said,
    request: (method, path, body, headers = {}) =>
      fetch(new URL(`/api/v1${path}`, program.console), {
        method,
        headers: {
          authorization: `Bearer ${program.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async api(method, path, body) {
      const response = await program.request(method, path, body);
      const text = await response.text();
      if (response.ok) return text === '' ? undefined : JSON.parse(text);
      const { title, detail, errors } = JSON.parse(text) as Problem;
      throw new Error(
        `${method} ${path}: ${response.status} ${title}: ${detail} ${JSON.stringify(errors ?? [])}`,
      );
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      current = await launch(data, portsOf(program), options, said);
      Object.assign(program, described(current.announcement));
    },
    async startAndKill(milliseconds) {
      const child = begin(data, portsOf(program), options);
      const output = collect(child, said);
      await Promise.race([wait(milliseconds), output.ended]);
      child.kill('SIGKILL');
      await output.ended;
    },
    async [Symbol.asyncDispose]() {
      try {
        await end('SIGTERM');
      } finally {
        if (options.data === undefined) await rm(data, { recursive: true, force: true });
      }
    },
  };
  return program;
}

const portsOf = (at: Pick<Announcement, 'public' | 'console'>) =>
  [at.public, at.console].map((address) => new URL(address).port);

function begin(data: string, ports: string[], { args = [], environment }: StartOptions) {
  const [publicPort = '0', consolePort = '0'] = ports;
  const listen = ['--public-port', publicPort, '--console-port', consolePort];
  return spawn(
    process.execPath,
    [join(root, 'scripts/serve.mjs'), '--data', data, ...listen, '--json', ...args],
    { cwd: root, env: { ...basics(), ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

async function launch(data: string, ports: string[], options: StartOptions, said: string[]) {
  const child = begin(data, ports, options);
  const output: Output = collect(child, said);
  const late = wait(secondsToStart * 1000, null, { ref: false });
  const line = await Promise.race([output.line((text) => text.startsWith('{"pid"')), late]);
  if (line === null) {
    child.kill('SIGKILL');
    throw new Error(`Belfry was not there after ${secondsToStart} s.\n${said.join('\n')}`);
  }
  return { child, output, announcement: JSON.parse(line) as Announcement };
}

const described = ({ api, ...rest }: Announcement) => ({ ...rest, apiListener: api });

/** Not the whole environment: a proxy or an option of the machine must not change what is tested. */
function basics(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
