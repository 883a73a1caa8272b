import type { ClientConfig } from '../../../contract/public.ts';
import type { SiteRow } from '../../ports/storage.ts';
import type { Web, WebAnswer } from '../../ports/web.ts';
import { bad, daysLeft, type Finding, good, isJavaScript, isLoopback, silence, unsure } from './finding.ts';

const proxyLost =
  'Check that the proxy or tunnel runs, and that it leads to the address on which Belfry listens.';

export interface PublicQuestion {
  server: URL;
  site: SiteRow;
  /** Those from which pages ask; the first is asked as for everything else. */
  origins: string[];
  now: number;
  mayBePrivate: boolean;
}

/** What a visitor's browser would meet at the public address, in the order in which it would. */
export async function checkPublicAddress(web: Web, question: PublicQuestion): Promise<Finding[]> {
  const { server, site, origins, mayBePrivate } = question;
  const findings = [secure(server, origins)];
  const config = `/v1/sites/${site.key}/config`;
  const ask = (path: string, origin: string, more: Parameters<Web['ask']>[1] = {}) =>
    web.ask(new URL(path, server), { ...more, headers: { origin, ...more.headers }, mayBePrivate });
  const [first = server.origin] = origins;
  try {
    const answer = await ask(config, first);
    findings.push(...answered(answer, question));
    if (answer.status !== 200) return findings;
    findings.push(ownKey(site, answer));
    for (const origin of origins) {
      const read = origin === first ? answer : await ask(config, origin);
      const preflight = await ask(`/v1/sites/${site.key}/subscriptions`, origin, {
        method: 'OPTIONS',
        headers: {
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      findings.push(cors(origin, read, preflight));
    }
    for (const path of ['/belfry.js', '/belfry-sw.js']) findings.push(file(path, await ask(path, first)));
  } catch (error) {
    findings.push(
      silence({ what: 'Reachable' }, server.origin, error, isLoopback(server) ? undefined : remedyOf(error)),
    );
  }
  return findings;
}

/** A certificate has its own remedy; behind everything else stands the proxy. */
const remedyOf = (error: unknown) =>
  error instanceof Error && /certificate|private|unknown-name/.test(error.message) ? undefined : proxyLost;

function secure(server: URL, origins: string[]): Finding {
  const about = { what: 'Secure address' };
  if (isLoopback(server)) {
    const detail = `${server.origin} is on this machine: only browsers here reach it.`;
    return origins.every((origin) => isLoopback(new URL(origin)))
      ? good(about, detail)
      : unsure(
          about,
          detail,
          'For visitors elsewhere put a reverse proxy or a tunnel with https before it, and start Belfry with its address.',
          '--public-url https://push.example.com',
        );
  }
  return server.protocol === 'https:'
    ? good(about, `Visitors use ${server.origin}.`)
    : bad(
        about,
        `Visitors use ${server.origin}, without https.`,
        'Browsers send subscriptions from an https page only to https. Put a proxy with a certificate before Belfry.',
      );
}

function answered(answer: WebAnswer, { server, now }: PublicQuestion): Finding[] {
  const about = { what: 'Reachable' };
  const days = daysLeft(answer, now);
  if (answer.status !== 200)
    return [
      bad(
        about,
        `${server.origin} answers ${answer.status} where Belfry would answer 200.`,
        answer.status >= 300 && answer.status < 400
          ? 'It redirects. Let Belfry’s address be the one that answers, or start it with the address at the end.'
          : 'Something else answers there. Let the proxy pass /v1/ on to Belfry unchanged.',
      ),
    ];
  if (days !== null)
    return [
      good(about, `${server.origin} answers.`),
      unsure(
        { what: 'Certificate' },
        `The certificate of ${server.host} ends in ${inDays(days)}.`,
        'Renew it in time.',
      ),
    ];
  return [good(about, `${server.origin} answers.`)];
}

/** As people say it. */
export const inDays = (days: number) =>
  days < 1 ? 'less than a day' : days === 1 ? 'a day' : `${days} days`;

function ownKey(site: SiteRow, { body }: WebAnswer): Finding {
  let key: string | undefined;
  try {
    key = (JSON.parse(body) as ClientConfig).vapidPublicKey;
  } catch {
    key = undefined;
  }
  const about = { what: 'Public key' };
  return key === Buffer.from(site.vapidKey.publicKey).toString('base64url')
    ? good(about, 'Visitors get this site’s public key.')
    : bad(
        about,
        'What answers there does not know this site’s public key.',
        'Another Belfry, or another program, answers at this address.',
      );
}

function cors(origin: string, read: WebAnswer, preflight: WebAnswer): Finding {
  const about = { what: 'Pages of the site', origin };
  const lets = ({ headers }: WebAnswer) => {
    const allowed = headers.get('access-control-allow-origin');
    return allowed === origin || allowed === '*';
  };
  const fits =
    lets(read) &&
    lets(preflight) &&
    preflight.status >= 200 &&
    preflight.status < 300 &&
    /\bPOST\b|\*/.test(preflight.headers.get('access-control-allow-methods') ?? '') &&
    /\bcontent-type\b|\*/i.test(preflight.headers.get('access-control-allow-headers') ?? '');
  if (fits) return good(about, `Pages on ${origin} may talk to Belfry.`);
  const twice = read.headers.get('access-control-allow-origin')?.includes(',');
  return bad(
    about,
    twice
      ? `Pages on ${origin} may not talk to Belfry: the header Access-Control-Allow-Origin comes twice.`
      : `Pages on ${origin} may not talk to Belfry${lets(read) ? ': the browser’s question beforehand (OPTIONS) is not answered as Belfry does' : ''}.`,
    'Let the proxy pass OPTIONS on, leave the Origin header as it is, and add no Access-Control headers of its own.',
  );
}

function file(path: string, { status, headers }: WebAnswer): Finding {
  const about = { what: path === '/belfry.js' ? 'Client script' : 'Worker script' };
  const remedy = `Let the proxy pass ${path} on to Belfry unchanged, with its headers.`;
  if (status !== 200) return bad(about, `${path} answers ${status}.`, remedy);
  const type = headers.get('content-type');
  if (!isJavaScript(type)) return bad(about, `${path} comes as “${type ?? 'no type'}”.`, remedy);
  const policy = headers.get('cross-origin-resource-policy');
  if (policy !== undefined && policy !== 'cross-origin')
    return bad(
      about,
      `${path} comes with “Cross-Origin-Resource-Policy: ${policy}”, which keeps it from your pages.`,
      remedy,
    );
  return good(about, `${path} is served as JavaScript.`);
}
