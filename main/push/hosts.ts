import type { Recognised } from '../core/ports/push.ts';
import { isPracticeHost } from '../core/ports/rehearsal.ts';
import { services } from './services/registry.ts';

const longest = 2048;
/** Origins that are remembered: a service with a wildcard has any number. */
const most = 200;

/** Which hosts may be sent to. An endpoint comes from a stranger and is an address that we will post to. */
export class Hosts {
  #operators: ReadonlySet<string> = new Set();
  /** What origins that may be sent to were recognised as: they are few, and the subscriptions at them many. */
  readonly #known = new Map<string, Recognised>();

  /** @param operators `host` or `host:port` of further push services */
  constructor(operators: readonly string[]) {
    this.allow(operators);
  }

  /** Replaces what the operator allows. What is no host is left out. */
  allow(operators: readonly string[]): void {
    this.#known.clear();
    this.#operators = new Set(operators.flatMap((text) => normalise(text) ?? []));
  }

  /** Whether the operator named this host, with whatever port: then it may be in a private network. */
  isOperators(hostname: string): boolean {
    return [...this.#operators].some((host) => new URL(`https://${host}`).hostname === hostname);
  }

  /** See the port. The sentence is safe to show to a stranger. */
  recognise(endpoint: string): Recognised {
    if (endpoint.length > longest) return { refused: 'The endpoint is too long.' };
    // the parser would drop tabs and line ends, and read a backslash as a slash
    if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(endpoint)) return { refused: 'The endpoint is not a valid address.' };
    const origin = /^https:\/\/[^/?#]+\//.exec(endpoint)?.[0];
    if (origin === undefined || endpoint.includes('#')) return this.#look(endpoint);
    const known = this.#known.get(origin) ?? this.#look(origin);
    if ('pushService' in known && this.#known.size < most) this.#known.set(origin, known);
    return known;
  }

  #look(endpoint: string): Recognised {
    if (!URL.canParse(endpoint)) return { refused: 'The endpoint is not a valid address.' };
    const url = new URL(endpoint);
    if (url.protocol !== 'https:') return { refused: 'The endpoint must be an https address.' };
    if (/^[^/]*\/\/[^/?#]*@/.test(endpoint) || url.username || url.password)
      return { refused: 'The endpoint must not have a user name or password in it.' };
    // never sent: with it one address would be any number of subscribers
    if (endpoint.includes('#')) return { refused: 'The endpoint must not have a fragment in it.' };
    if (url.hostname === 'permanently-removed.invalid')
      return { refused: 'The browser has given this subscription up. Unsubscribe, then subscribe again.' };
    if (isPracticeHost(url.hostname))
      return { refused: 'The endpoint belongs to a rehearsal, which no browser takes part in.' };
    if (this.#operators.has(url.host)) return { pushService: serviceOf(url.hostname) ?? url.host };
    const pushService = serviceOf(url.hostname);
    if (pushService === null) return { refused: 'The endpoint’s host is not a push service known here.' };
    if (url.port !== '') return { refused: 'The endpoint must be on port 443.' };
    return { pushService };
  }
}

/** The hosts that are allowed without being named. */
export const builtInHosts = services.flatMap((service) => service.hosts);

function serviceOf(hostname: string): string | null {
  const matches = (pattern: string) =>
    pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern;
  return services.find((service) => service.hosts.some(matches))?.name ?? null;
}

/** As a URL writes it: lower case, addresses in their usual notation, without the port when it is 443. */
function normalise(text: string): string | null {
  if (!/^[^\s/\\?#@]+$/.test(text) || !URL.canParse(`https://${text}/`)) return null;
  return new URL(`https://${text}/`).host || null;
}
