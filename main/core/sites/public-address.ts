import type { ClientConfig } from '../../contract/public.ts';
import type { SiteRow } from '../ports/storage.ts';

export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  remedy: string | null;
}

/** Asks an address as a page of `origin` would; rejects when nothing answers within a few seconds. */
export type Ask = (
  url: string,
  origin: string,
) => Promise<{ status: number; allowOrigin: string | null; type: string | null; body: string }>;

/** Where visitors reach the public listener, and whether they do. */
export class PublicAddress {
  readonly #url: () => string;
  readonly #ask: Ask;

  constructor(url: () => string, ask: Ask) {
    this.#url = url;
    this.#ask = ask;
  }

  url(): string {
    return this.#url();
  }

  /** What a visitor's browser would meet on its way to subscribing, in the order in which it would. */
  async check(site: SiteRow): Promise<Finding[]> {
    const url = new URL(this.#url());
    const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
    const findings: Finding[] = [
      {
        what: 'Secure address',
        ok: url.protocol === 'https:' || loopback,
        detail: loopback
          ? `${url.origin} is on this machine: only browsers here reach it.`
          : `Visitors use ${url.origin}.`,
        remedy:
          url.protocol === 'https:'
            ? null
            : loopback
              ? 'For visitors elsewhere put a reverse proxy or a tunnel with https before it, and start Belfry with --public-url.'
              : 'Browsers send subscriptions from an https page only to https. Put a proxy with a certificate before Belfry.',
      },
    ];
    const origin = site.origins[0] ?? url.origin;
    try {
      const answer = await this.#ask(`${url.origin}/v1/sites/${site.key}/config`, origin);
      findings.push(answered(answer.status, url.origin));
      if (answer.status === 200) findings.push(ownKey(site, answer.body), cors(answer.allowOrigin, origin));
      const script = await this.#ask(`${url.origin}/belfry.js`, origin);
      findings.push({
        what: 'Client script',
        ok: script.status === 200 && /javascript/.test(script.type ?? ''),
        detail:
          script.status === 200 ? `Served as ${script.type ?? 'no type'}.` : `It answers ${script.status}.`,
        remedy: script.status === 200 ? null : 'Let the proxy pass /belfry.js on to Belfry unchanged.',
      });
    } catch (error) {
      findings.push({
        what: 'Reachable',
        ok: false,
        detail: `${url.origin} did not answer: ${reason(error)}.`,
        remedy:
          'Check that the proxy or tunnel runs, and that it leads to the address on which Belfry listens.',
      });
    }
    return findings;
  }
}

function answered(status: number, origin: string): Finding {
  return {
    what: 'Reachable',
    ok: status === 200,
    detail:
      status === 200 ? `${origin} answers.` : `${origin} answers ${status} where Belfry would answer 200.`,
    remedy:
      status === 200 ? null : 'Something else answers there. Let the proxy pass /v1/ on to Belfry unchanged.',
  };
}

function ownKey(site: SiteRow, body: string): Finding {
  let key: string | undefined;
  try {
    key = (JSON.parse(body) as ClientConfig).vapidPublicKey;
  } catch {
    key = undefined;
  }
  const ok = key === Buffer.from(site.vapidKey.publicKey).toString('base64url');
  return {
    what: 'Key',
    ok,
    detail: ok ? 'Visitors get this site’s public key.' : 'What answers there does not know this site’s key.',
    remedy: ok ? null : 'Another Belfry, or another program, answers at this address.',
  };
}

function cors(allowed: string | null, origin: string): Finding {
  const ok = allowed === origin || allowed === '*';
  return {
    what: 'Pages of the site',
    ok,
    detail: ok ? `Pages on ${origin} may talk to it.` : `Pages on ${origin} may not talk to it.`,
    remedy: ok ? null : 'The proxy must leave the Access-Control headers and the Origin header as they are.',
  };
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not known';
  if (code.includes('CERT') || code.includes('SSL') || code.includes('TLS'))
    return 'its certificate is not trusted';
  return cause instanceof Error && cause.name === 'TimeoutError'
    ? 'it took too long'
    : 'the connection failed';
}
