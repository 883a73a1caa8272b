import { isIP } from 'node:net';

/** Names that lead nowhere on the internet (RFC 2606, RFC 6761, RFC 6762, RFC 8375). */
const reserved = /(^|\.)(localhost|invalid|test|example|local|internal|localdomain|home\.arpa)$/i;

/**
 * Why a push service may refuse this contact, as a sentence, or null. RFC 8292 wants a `mailto:` or `https:`
 * address; Apple answers 403 BadJwtToken to what it finds implausible.
 */
export function lintSubject(subject: string): string | null {
  if (!/^(mailto:|https:\/\/)/i.test(subject))
    return 'The contact must begin with mailto: or https://, such as mailto:you@your-domain.';
  if (/[\s<>"]/.test(subject))
    return 'Apple refuses a contact with spaces, quotes or angle brackets: write mailto:you@your-domain.';
  const host = /^mailto:/i.test(subject) ? mailHost(subject) : webHost(subject);
  if (host === null) return 'The contact is not a complete address. Write it as mailto:you@your-domain.';
  if (isIP(host.replace(/^\[|\]$/g, '')) || !host.includes('.') || reserved.test(host))
    return `Apple refuses contacts at “${host}”, where nobody can be reached from outside. Use an address of your public domain.`;
  return null;
}

const mailHost = (subject: string) => /^mailto:[^@?,]+@([^@?,]+)(\?.*)?$/i.exec(subject)?.[1] ?? null;

const webHost = (subject: string) => (URL.canParse(subject) && new URL(subject).hostname) || null;
