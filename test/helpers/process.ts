import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Output {
  /** Every line so far, stdout and stderr as they came. */
  lines: string[];
  /** The first line, of those so far and those to come, that fits. @throws when the process ends without one */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Resolves to the exit code, or null after a signal. */
  ended: Promise<number | null>;
}

/**
 * Gathers what a child process says, for tests that wait for a line or look at all of it afterwards. `all` gets every
 * line too, for who wants the words of several processes in one place.
 */
export function collect(child: ChildProcess, all: string[] = []): Output {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let over = false;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        all.push(line);
        tell();
      });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      lines.push(String(error));
      resolve(null);
    });
    child.once('close', (code) => resolve(code));
  });
  void ended.then(() => {
    over = true;
    tell();
  });
  return {
    lines,
    ended,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(fits);
          if (found === undefined && !over) return;
          listeners.delete(look);
          if (found !== undefined) resolve(found);
          else
            reject(
              new Error(
                `${child.spawnfile} ended without the line that was waited for:\n${lines.join('\n')}`,
              ),
            );
        };
        listeners.add(look);
        look();
      }),
  };
}
