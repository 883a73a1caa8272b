import type { Finding } from '../../../contract/sites.ts';
import { NoAnswer, type WebAnswer, type WebFault } from '../../ports/web.ts';

export type { Finding };

type About = Pick<Finding, 'what'> & { origin?: string | null };

export const good = ({ what, origin = null }: About, detail: string): Finding => ({
  origin,
  what,
  verdict: 'good',
  detail,
  remedy: null,
  snippet: null,
});

/** @param snippet exactly what to write, where words alone would leave that open */
export const bad = (
  { what, origin = null }: About,
  detail: string,
  remedy: string,
  snippet: string | null = null,
): Finding => ({ origin, what, verdict: 'bad', detail, remedy, snippet });

/** It may be as it should, or not: only a person can tell. */
export const unsure = (...given: Parameters<typeof bad>): Finding => ({
  ...bad(...given),
  verdict: 'unsure',
});

/** Of a content type, whether browsers take it for JavaScript (WHATWG MIME Sniffing, 4.6). */
export const isJavaScript = (type: string | undefined) =>
  /^(text|application)\/(x-)?(java|ecma)script$|^text\/(jscript|livescript|javascript1\.[0-5])$/i.test(
    (type ?? '').split(';')[0]?.trim() ?? '',
  );

/** A browser takes pages of this machine for secure without https. */
export const isLoopback = ({ hostname }: URL) =>
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

const DAY = 24 * 60 * 60 * 1000;

/** A certificate that ends soon: days left, or null when that is further off than two weeks. */
export function daysLeft({ certificateEnds }: WebAnswer, now: number): number | null {
  if (certificateEnds === null) return null;
  const days = Math.floor((certificateEnds - now) / DAY);
  return days < 14 ? days : null;
}

const words: Record<WebFault, [detail: string, remedy: string]> = {
  'nothing-listens': ['nothing listens there', 'Check that the web server runs, and that the port is right.'],
  'unknown-name': [
    'the name is not known',
    'Check the spelling, and that the name has an address in the DNS. A new one may take an hour.',
  ],
  'timed-out': ['it took too long to answer', 'Check that a firewall lets it through, and try again.'],
  failed: ['the connection failed', 'Open the address in a browser: what that says tells more.'],
  private: [
    'the name leads into a private network',
    'Belfry asks no addresses there unless it is told to: start it with --check-private-host and the name. Visitors on the internet do not reach it either.',
  ],
  'certificate-ended': [
    'its certificate is out of date',
    'Renew it. Until then browsers show visitors a warning instead of your pages.',
  ],
  'certificate-name': [
    'its certificate is for another name',
    'Get a certificate that has this very name in it, with or without www as it is written here.',
  ],
  'certificate-untrusted': [
    'its certificate is not trusted',
    'Get one from an authority that browsers trust, and let the server send the intermediate certificates with it.',
  ],
};

/** The finding for an address that gives no answer. @throws what is no NoAnswer */
export function silence(about: About, address: string, error: unknown, remedy?: string): Finding {
  if (!(error instanceof NoAnswer)) throw error;
  const [detail, usual] = words[error.fault];
  return bad(about, `${address} cannot be reached: ${detail}.`, remedy ?? usual);
}

/** What a status that is no success says of who answers. */
export function statusWords(answer: WebAnswer): string {
  const { status, headers } = answer;
  if (headers.get('cf-mitigated') === 'challenge')
    return 'answers with a test for robots, which Belfry does not solve';
  if (status === 401) return 'asks for a password';
  if (status === 404 || status === 410) return `is not there (${status})`;
  if (status >= 300 && status < 400) return `leads elsewhere (${status})`;
  if (status >= 500) return `has a fault of its own (${status})`;
  return `answers ${status}`;
}
