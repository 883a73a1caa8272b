import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { collect, type Output } from '../process.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Spawned {
  child: ChildProcess;
  output: Output;
  stdout: string[];
  stderr: string[];
}

/** Runs the server from source, in a process of its own that can be killed, with nothing of our environment. */
export function spawnServer(args: string[], environment: Record<string, string> = {}): Spawned {
  const path = process.env['PATH'] ?? '';
  const child = spawn(process.execPath, [join(root, 'main/server.ts'), ...args], {
    cwd: root,
    env: { PATH: path, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout?.on('data', (chunk) => stdout.push(String(chunk)));
  child.stderr?.on('data', (chunk) => stderr.push(String(chunk)));
  return { child, output: collect(child), stdout, stderr };
}

export interface Announced {
  pid: number;
  version: string;
  public: string;
  console: string;
  token: string;
  api?: string;
}

/** Runs the server on free ports and waits for its line of JSON. */
export async function spawnListening(
  args: string[],
  environment: Record<string, string> = {},
): Promise<Spawned & { at: Announced }> {
  const free = ['--public-port', '0', '--console-port', '0', '--json'];
  const spawned = spawnServer([...free, ...args], environment);
  return { ...spawned, at: JSON.parse(await spawned.output.line((line) => line.startsWith('{"pid"'))) };
}
