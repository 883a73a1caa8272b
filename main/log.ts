import pino from 'pino';
import type { Logger } from './core/ports/surroundings.ts';

const secret = [
  'endpoint',
  'p256dh',
  'auth',
  'token',
  'authorization',
  'cookie',
  'secret',
  'privateKey',
  'url',
];

/** The program's log: JSON lines on stderr (stdout is for the addresses), with secrets taken out. */
export function createLog(): Logger {
  const level = process.env['BELFRY_LOG'] ?? 'info';
  return pino(
    {
      level: level in pino.levels.values || level === 'silent' ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap((name) => [name, `*.${name}`]), censor: '(left out)' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
