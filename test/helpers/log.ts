import type { Logger } from '../../main/core/ports/surroundings.ts';

/** A log that keeps its lines, to see what was said and what was not. */
export function keepLog(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const line = (data: Record<string, unknown>, message: string) =>
    void lines.push(`${message} ${JSON.stringify(data)}`);
  return { lines, info: line, warn: line, error: line };
}
