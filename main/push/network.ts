import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { Logger } from '../core/ports/surroundings.ts';

/** How this computer reaches the internet. Plain data: it crosses to the threads. */
export interface Network {
  /** Null: directly. */
  proxy: string | null;
  /** As in NO_PROXY. */
  noProxy: string;
  /** PEM certificates to trust, all of them; null: those that Node trusts anyway. */
  certificates: string[] | null;
}

/**
 * Reads HTTPS_PROXY, NO_PROXY (each in either case) and NODE_EXTRA_CA_CERTS. The last is read here because a
 * packaged Electron is told to ignore it.
 * @throws Error with a sentence for the operator when the proxy's address cannot be read
 */
export function networkOf(env: NodeJS.ProcessEnv, log: Logger): Network {
  const proxy = env['https_proxy'] || env['HTTPS_PROXY'] || null;
  if (proxy !== null && !/^(https?|socks5?):$/.test(URL.canParse(proxy) ? new URL(proxy).protocol : ''))
    throw new Error('HTTPS_PROXY is not the address of a proxy. Write it as http://host:port.');
  return {
    proxy,
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    certificates: readCertificates(env['NODE_EXTRA_CA_CERTS'], log),
  };
}

/** What Node trusts anyway; the Node inside an Electron may know only those that were built in. */
const trusted = () =>
  typeof tls.getCACertificates === 'function' ? tls.getCACertificates('default') : tls.rootCertificates;

function readCertificates(file: string | undefined, log: Logger): string[] | null {
  if (!file) return null;
  try {
    return [...trusted(), readFileSync(file, 'utf8')];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    log.warn({ code }, 'NODE_EXTRA_CA_CERTS names a file that cannot be read; going on without it');
    return null;
  }
}
