import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Core } from './core/core.ts';
import { createCore } from './core/create.ts';
import type { Clock, Logger, Secrets } from './core/ports/surroundings.ts';
import { buildApiListener } from './http/api.ts';
import { buildConsoleListener } from './http/console.ts';
import { buildPublicListener } from './http/public.ts';
import { importFiles } from './import-files/import-files.ts';
import type { Options } from './options.ts';
import { networkOf } from './push/network.ts';
import { openPush } from './push/push.ts';
import { generateVapidKeys } from './push/vapid-keys.ts';
import { rehearsalService } from './rehearsal/rehearsal.ts';
import { openStorage } from './storage/storage.ts';
import { openWeb } from './web/web.ts';

/** A running Belfry, with or without a window. */
export interface Program {
  core: Core;
  addresses: {
    public: string;
    /** With the operator's token in it; null where no console is served over HTTP. */
    console: string | null;
    api: string | null;
  };
  token: string;
  /** Ends it within a few seconds, losing nothing. */
  close(): Promise<void>;
}

/** What a program is given of the world; what is left out is the world's own. */
export interface Surroundings {
  secrets: Secrets;
  log: Logger;
  version: string;
  clock?: Clock;
  /** Milliseconds that a push service has for its whole answer. */
  answerTimeout?: number;
}

/** Why Belfry cannot start, in a sentence that says what to do. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

/** As many as `--rehearsal` makes: enough to be worth looking at, made within a second or two. */
const REHEARSAL_PEOPLE = 2000;

// from source this file lies in main/, built in out/main/
const fromSource = import.meta.filename.endsWith('.ts');
const built = join(import.meta.dirname, fromSource ? '../out' : '..');
const packageFile = join(import.meta.dirname, fromSource ? '../package.json' : '../../package.json');

/** The version of this Belfry. */
export const version: string = JSON.parse(readFileSync(packageFile, 'utf8')).version;

/**
 * The composition root: opens the database, starts the senders and the listeners, and puts them together.
 * @param surroundings.clock the system's unless another one is given
 * @throws StartError when the data cannot be opened or a port is taken
 */
export async function startProgram(options: Options, surroundings: Surroundings): Promise<Program> {
  const { secrets, log } = surroundings;
  const closers: (() => Promise<unknown>)[] = [];
  const listeners: FastifyInstance[] = [];
  const close = async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const storage = await openStorage(join(options.data, 'belfry.db'), log);
    closers.push(() => storage.close());
    const { answerTimeout } = surroundings;
    const push = openPush({
      allowHosts: options.allowPushHosts,
      log,
      ...(answerTimeout && { timeout: answerTimeout }),
    });
    closers.push(() => push.close());
    const rehearsal = rehearsalService(log);
    const web = openWeb({ network: networkOf(process.env, log) });
    closers.push(() => web.close());
    const files = importFiles(join(options.data, 'imports'));
    closers.push(() => files.close());

    const landing = () => options.landing || isLoopback(options.publicHost);
    const listening = { public: '', api: null as string | null };
    const publicUrl = () => options.publicUrl ?? listening.public;
    const core = await createCore({
      storage,
      push,
      rehearsal,
      importFiles: files,
      secrets,
      log,
      clock: surroundings.clock ?? { now: () => Date.now() },
      random: { fraction: () => Math.random() },
      generateKeys: generateVapidKeys,
      web,
      allowPushHosts: options.allowPushHosts,
      checkPrivateHosts: options.checkPrivateHosts,
      about: {
        version: surroundings.version,
        dataFolder: options.data,
        publicListener: () => listening.public,
        apiListener: () => listening.api,
        landing,
      },
      publicUrl,
      ownOrigins: () => (landing() ? ownOrigins(publicUrl(), listening.public) : []),
    });
    closers.push(() => core.stop());

    const { trustProxy } = options;
    const visitors = await buildPublicListener({
      visitors: core.visitors,
      clientFiles: join(built, 'landing'),
      landing,
      trustProxy,
      log,
    });
    listening.public = await listen(visitors, options.publicHost, options.publicPort, 'public-port');
    listeners.push(visitors);

    let consoleAddress: string | null = null;
    if (options.consolePort !== null) {
      const operator = await buildConsoleListener({
        core,
        rendererFolder: join(built, 'renderer'),
        allowedHosts: isIP(options.consoleHost) ? [] : [options.consoleHost],
        trustProxy,
        log,
      });
      const address = await listen(operator, options.consoleHost, options.consolePort, 'console-port');
      listeners.push(operator);
      consoleAddress = `${address}/?token=${core.gate.token}`;
    }
    if (options.apiPort !== null) {
      const api = await buildApiListener({ core, trustProxy, log });
      listening.api = await listen(api, options.publicHost, options.apiPort, 'api-port');
      listeners.push(api);
    }
    await core.start();
    if (options.rehearsal) await core.rehearse(REHEARSAL_PEOPLE);
    return {
      core,
      addresses: { public: listening.public, console: consoleAddress, api: listening.api },
      token: core.gate.token,
      close,
    };
  } catch (error) {
    await close();
    throw explained(error);
  }
}

const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

/** A page on this machine may be opened by its name or its number. */
function ownOrigins(publicUrl: string, listening: string): string[] {
  const { port } = new URL(listening);
  return [publicUrl, listening, `http://localhost:${port}`, `http://127.0.0.1:${port}`].map(
    (url) => new URL(url).origin,
  );
}

/** @returns the origin at which it listens */
async function listen(app: FastifyInstance, host: string, port: number, flag: string): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${port} is in use by another program. Choose another one with --${flag}.`);
    if (code === 'EACCES')
      throw new StartError(
        `Port ${port} may not be used by this user. Choose one above 1023 with --${flag}.`,
      );
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new StartError(`${host} is not an address of this machine. Give one that is, or 127.0.0.1.`);
    throw error;
  }
  const address = app.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  // an address for “all interfaces” cannot be opened: the machine itself reaches it by loopback
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}

function explained(error: unknown): unknown {
  return error instanceof Error && error.name === 'DatabaseRefused' ? new StartError(error.message) : error;
}
