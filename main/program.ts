import type { Core } from './core/core.ts';
import type { Logger, Secrets } from './core/ports/surroundings.ts';
import type { Options } from './options.ts';

/** A running Belfry, with or without a window. */
export interface Program {
  core: Core;
  addresses: {
    public: string;
    /** With the operator's token in it. */
    console: string;
    api: string | null;
  };
  token: string;
  /** Ends it within a few seconds, losing nothing. */
  close(): Promise<void>;
}

/**
 * The composition root: opens the database, starts the senders and the listeners, and puts them together.
 * @throws StartError with a sentence for a person when the data cannot be opened or a port is taken
 */
export async function startProgram(
  options: Options,
  surroundings: { secrets: Secrets; log: Logger; version: string },
): Promise<Program> {
  throw new Error(`not yet: ${options.data} ${surroundings.version}`);
}
