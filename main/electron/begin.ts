import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { help, OptionError, type Options, parseOptions } from '../options.ts';
import { consoleScheme } from './address.ts';

type Beginning = { options: Options } | { refused: OptionError } | { words: string };

/**
 * All that must happen before Electron is ready: the console's scheme, the data folder, and the lock that makes
 * Belfry run once for each data folder.
 * @returns how it was asked to run, or why it cannot; null when this process ends: it was asked for help, or another
 *   Belfry has this data folder and shows its window instead
 */
export function beginShell(): { options: Options } | { refused: OptionError } | null {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: consoleScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
  app.setAppUserModelId('org.example.belfry');
  const beginning = readOptions();
  if ('words' in beginning) {
    console.log(beginning.words);
    app.exit(0);
    return null;
  }
  if ('options' in beginning) {
    const { data } = beginning.options;
    const session = join(data, 'window');
    mkdirSync(session, { recursive: true, mode: 0o700 });
    app.setPath('userData', data);
    // what Chromium keeps of the window stays apart from the database
    app.setPath('sessionData', session);
    if (!app.requestSingleInstanceLock()) {
      app.exit(0);
      return null;
    }
  }
  return beginning;
}

/** Belfry's own arguments stand behind `--`; what stands before it is Electron's. */
function readOptions(): Beginning {
  const separator = process.argv.indexOf('--');
  const own = separator < 0 ? [] : process.argv.slice(separator + 1);
  try {
    // the window needs no console over HTTP
    const options = parseOptions(own, process.env, { consolePort: null });
    return options === 'help' ? { words: help } : { options };
  } catch (error) {
    if (error instanceof OptionError) return { refused: error };
    throw error;
  }
}
