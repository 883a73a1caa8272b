import { NoAnswer, type Web, type WebAnswer } from '../../ports/web.ts';
import { readWorker, type WorkerCode } from './code.ts';
import { blockedBy, parsePolicies } from './csp.ts';
import { bad, type Finding, good, isJavaScript, silence, statusWords, unsure } from './finding.ts';

export interface WorkerQuestion {
  /** Of the site. */
  origin: URL;
  /** The public address of this Belfry. */
  server: URL;
  path: string;
  /** The scope for which the site's own pages register it; null: the worker's folder. */
  scope: string | null;
  mayBePrivate: boolean;
}

/** Characters; reading more would keep the program busy. */
const tooLarge = 300_000;

/** What a browser would meet when it installs the worker. */
export async function checkWorker(web: Web, question: WorkerQuestion): Promise<Finding[]> {
  const { origin, server, path, mayBePrivate } = question;
  const about = { what: 'Service worker', origin: origin.origin };
  const url = new URL(path, origin);
  if (url.origin !== origin.origin)
    return [
      bad(about, `${path} is no path of this site.`, 'Set its path under Settings, such as /belfry-sw.js.'),
    ];
  const line = `importScripts(${JSON.stringify(`${server.origin}/belfry-sw.js`)});`;
  let answer: WebAnswer;
  try {
    answer = await web.ask(url, { headers: { 'service-worker': 'script', accept: '*/*' }, mayBePrivate });
  } catch (error) {
    return [silence(about, url.href, error)];
  }
  const serve = `Serve a file of this one line at ${url.pathname}, as text/javascript.`;
  if (answer.status >= 300 && answer.status < 400)
    return [
      bad(
        about,
        `${url.href} redirects to ${answer.headers.get('location') ?? 'somewhere'}. Browsers take no service worker from a redirect.`,
        `Let ${url.pathname} be answered by itself: leave it out of redirects for language, log-in, or a slash at the end.`,
      ),
    ];
  if (answer.status !== 200) return [bad(about, `${url.href} ${statusWords(answer)}.`, serve, line)];
  if (!isJavaScript(answer.headers.get('content-type'))) {
    const type = answer.headers.get('content-type') ?? 'no type';
    const isPage = /^\s*<(!doctype|html|head|body)/i.test(answer.body);
    return [
      isPage
        ? bad(
            about,
            `${url.href} answers with a page (${type}) instead of the file: it is not there.`,
            serve,
            line,
          )
        : bad(
            about,
            `${url.href} comes as “${type}”. Browsers run it only as JavaScript.`,
            `Let the server send ${url.pathname} with this header.`,
            'Content-Type: text/javascript; charset=utf-8',
          ),
    ];
  }
  return [
    good(about, `${url.href} is there, as JavaScript.`),
    ...(await importing(web, question, url, answer.body, line)),
    ...scope(question, url, answer),
    ...headers(question, url, answer),
  ];
}

/** Whether it is our worker, or imports it: itself or through a file of the site. */
async function importing(
  web: Web,
  { origin, server, mayBePrivate }: WorkerQuestion,
  url: URL,
  body: string,
  line: string,
): Promise<Finding[]> {
  const about = { what: 'Belfry’s part of it', origin: origin.origin };
  if (isOurs(body)) return [good(about, 'It is Belfry’s own worker, handed on by the site.')];
  if (body.length > tooLarge)
    return body.includes(`${server.origin}/belfry-sw.js`)
      ? [good(about, 'It names Belfry’s worker. It is too large to be read more closely.')]
      : [unsure(about, 'It is too large to be read.', 'Make sure that it has this line in it.', line)];
  const code = readWorker(body);
  if (code.brokenAt !== null)
    return [
      bad(
        about,
        `It has a mistake in line ${code.brokenAt.line}: ${code.brokenAt.why}. Browsers do not install it.`,
        'Mend the line, or serve a file of this one line alone.',
        line,
      ),
    ];
  if (code.isModule)
    return [
      bad(
        about,
        'It is written as a module (import, export), and is installed as a classic worker.',
        'Build it as a classic script, and bring Belfry in with importScripts.',
        line,
      ),
    ];
  const imports = code.imports.flatMap((text) => (URL.canParse(text, url) ? [new URL(text, url)] : []));
  const ours = imports.find(({ pathname }) => pathname.endsWith('/belfry-sw.js'));
  if (ours === undefined) {
    for (const other of imports.filter((one) => one.origin === origin.origin).slice(0, 3))
      if (await bringsOurs(web, other, server, mayBePrivate))
        return [
          good(about, `It imports Belfry’s worker by way of ${other.pathname}.`),
          ...shared(about, code),
        ];
    return [
      bad(
        about,
        'It does not import Belfry’s worker, so that no message is shown.',
        code.hasOwnCode ? 'Add these two lines at its top.' : 'Let the file be this one line.',
        code.hasOwnCode ? `self.belfryShared = true;\n${line}` : line,
      ),
    ];
  }
  if (ours.origin !== server.origin)
    return [
      bad(
        about,
        `It imports Belfry’s worker from ${ours.origin}, and this Belfry is at ${server.origin}.`,
        'Change the address in its line.',
        line,
      ),
    ];
  return [good(about, `It imports ${ours.href}.`), ...shared(about, code)];
}

const isOurs = (body: string) => body.includes('belfryShared') && body.includes('pushsubscriptionchange');

async function bringsOurs(web: Web, url: URL, server: URL, mayBePrivate: boolean): Promise<boolean> {
  try {
    const { status, body } = await web.ask(url, { mayBePrivate });
    return (
      status === 200 &&
      body.length <= tooLarge &&
      readWorker(body).imports.some((text) => text === `${server.origin}/belfry-sw.js`)
    );
  } catch (error) {
    if (error instanceof NoAnswer) return false;
    throw error;
  }
}

/** A site's own worker must say that it is one, before the import. */
function shared(about: { what: string; origin: string }, code: WorkerCode): Finding[] {
  if (!code.hasOwnCode || code.saysShared) return [];
  return [
    unsure(
      { ...about, what: 'Living with your worker' },
      'The worker does other things, too, and does not tell Belfry so: Belfry then takes over at once after an update, and answers every push.',
      'Say so in a line before the import.',
      'self.belfryShared = true;',
    ),
  ];
}

function scope({ origin, scope: wanted }: WorkerQuestion, url: URL, { headers }: WebAnswer): Finding[] {
  const about = { what: 'Scope', origin: origin.origin };
  const folder = new URL('.', url).pathname;
  const asked = wanted !== null && URL.canParse(wanted, origin) ? new URL(wanted, origin).pathname : folder;
  const header = headers.get('service-worker-allowed');
  const allowed = header !== undefined && URL.canParse(header, url) ? new URL(header, url).pathname : folder;
  if (!asked.startsWith(allowed))
    return [
      bad(
        about,
        `Your pages register it for ${asked}, and a worker in ${folder} may have no more than ${allowed}.`,
        `Serve it from ${asked}, or send this header with it.`,
        `Service-Worker-Allowed: ${asked}`,
      ),
    ];
  return [
    good(
      about,
      asked === '/'
        ? 'It may look after the whole site.'
        : `It looks after ${asked}. Messages are shown whatever page is open.`,
    ),
  ];
}

function headers({ origin, server }: WorkerQuestion, url: URL, { headers: given }: WebAnswer): Finding[] {
  const found: Finding[] = [];
  const policies = parsePolicies(given.get('content-security-policy'));
  const about = { what: 'Policy of the worker', origin: origin.origin };
  const load = (kind: 'script' | 'connect', path: string) =>
    blockedBy(policies, { kind, url: new URL(path, server), from: url });
  const script = load('script', '/belfry-sw.js');
  const connect = load('connect', '/v1/events');
  for (const [directive, what] of [
    [script, 'import Belfry’s worker'],
    [connect, 'report what became of a message'],
  ] as const)
    if (directive !== null)
      found.push(
        bad(
          about,
          `The Content-Security-Policy sent with ${url.pathname} does not let it ${what} (${directive}).`,
          `Add this to ${directive}, or send no policy with this file.`,
          server.origin,
        ),
      );
  const caching = given.get('cache-control') ?? '';
  const age = Number(/(?:s-maxage|max-age)=(\d+)/i.exec(caching)?.[1] ?? 0);
  if (/immutable/i.test(caching) || age > 24 * 3600)
    found.push(
      unsure(
        { what: 'Caching', origin: origin.origin },
        `It is sent with “Cache-Control: ${caching}”. Browsers ask anew all the same; a cache on the way may keep an old one for that long.`,
        `Send ${url.pathname} with this header.`,
        'Cache-Control: no-cache',
      ),
    );
  return found;
}
