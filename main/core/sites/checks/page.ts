import type { WebAnswer } from '../../ports/web.ts';
import { type Registering, readRegistrations } from './code.ts';
import { blockedBy, type Load, type Policy, parsePolicies } from './csp.ts';
import { bad, type Finding, good, unsure } from './finding.ts';
import { type PageHtml, type PageScript, readPage } from './html.ts';

export interface PageQuestion {
  origin: URL;
  /** The public address of this Belfry. */
  server: URL;
  siteKey: string;
  /** Names of this Belfry's other sites by their keys. */
  otherSites: ReadonlyMap<string, string>;
  /** As the site's settings have it. */
  workerPath: string;
}

export interface PageResult {
  findings: Finding[];
  /** The worker that the page names, where it names another than the settings. */
  workerPath: string;
  scope: string | null;
}

/** Characters that are read; more would keep the program busy, and the head comes first. */
const htmlLimit = 400_000;
const codeLimit = 100_000;

/** What stands in a page, and what its headers let it do. */
export function checkPage(question: PageQuestion, answer: WebAnswer): PageResult {
  const html = readPage(answer.body.slice(0, htmlLimit), answer.url);
  const script = html.scripts.find(({ src }) => src !== null && isOurs(src));
  const workerPath = script?.attributes.get('data-worker-path') || question.workerPath;
  const own = html.scripts.filter(({ src, code }) => src === null && code.length <= codeLimit);
  const registrations = own.flatMap(({ code }) => readRegistrations(code));
  const same = registrations.find(({ path }) => samePath(path, workerPath, answer.url));
  return {
    findings: [
      ...scriptFindings(question, answer, html, script),
      ...policyFindings(question, answer, html, script, workerPath),
      ...clash(question, answer, registrations, workerPath),
      ...otherHeaders(question, answer),
    ],
    workerPath,
    scope: same?.scope ?? null,
  };
}

const isOurs = ({ pathname }: URL) => /\/belfry\.m?js$/.test(pathname);

function samePath(path: string, workerPath: string, page: URL): boolean {
  return URL.canParse(path, page) && new URL(path, page).pathname === new URL(workerPath, page).pathname;
}

const snippetFor = ({ server, siteKey }: PageQuestion) =>
  `<script src="${server.origin}/belfry.js" data-site="${siteKey}" defer></script>`;

function scriptFindings(
  question: PageQuestion,
  answer: WebAnswer,
  html: PageHtml,
  script: PageScript | undefined,
): Finding[] {
  const { server, siteKey, origin } = question;
  const about = { what: 'Script', origin: origin.origin };
  const snippet = snippetFor(question);
  if (script?.src) {
    const { src } = script;
    if (src.origin !== server.origin)
      return [
        bad(
          about,
          `The page loads Belfry’s script from ${src.origin}, and this Belfry is at ${server.origin}.`,
          'Change the address in the page.',
          snippet,
        ),
      ];
    const key = script.attributes.get('data-site') ?? keyIn(html);
    return [good(about, `The page loads ${src.href}.`), keyFinding(question, key)];
  }
  // frameworks write it into data from which the page is built, tag managers into code
  const text = answer.body.replaceAll('\\/', '/').replaceAll('\\u002F', '/');
  const named = /https?:\/\/[^\s"'`<>\\]+?\/belfry\.m?js/.exec(text)?.[0];
  if (named !== undefined) {
    if (!named.startsWith(`${server.origin}/`))
      return [
        bad(
          about,
          `The page loads Belfry’s script from ${new URL(named).origin}, and this Belfry is at ${server.origin}.`,
          'Change the address in the page.',
          snippet,
        ),
      ];
    const key = text.includes(siteKey) ? siteKey : (keyIn(html) ?? null);
    return [good(about, 'The page’s own code loads Belfry’s script.'), keyFinding(question, key)];
  }
  if (/googletagmanager\.com\/(gtm|gtag)/.test(text))
    return [
      unsure(
        about,
        'It is not in the page itself. A tag manager is, and may load it.',
        'Look in a browser: type “belfry” into the console of the page. If that is not known, publish the tag, and see that its trigger fires on all pages.',
      ),
    ];
  if (answer.cut)
    return [unsure(about, 'It is not within the first megabyte of the page.', 'Put it further up.', snippet)];
  return [
    unsure(
      about,
      `It is not in the page as ${answer.url.href} sends it. That is fine only where your own code brings it in later.`,
      'Put this into every page, in its head.',
      snippet,
    ),
  ];
}

/** The key that code in the page hands over. */
const keyIn = ({ scripts }: PageHtml): string | null => {
  for (const { code } of scripts) {
    const found = /\bsite['"]?\s*[:=]\s*['"`]([\w-]{1,100})['"`]/.exec(code)?.[1];
    if (found !== undefined) return found;
  }
  return null;
};

function keyFinding(question: PageQuestion, key: string | null): Finding {
  const { siteKey, otherSites, origin } = question;
  const about = { what: 'Site key', origin: origin.origin };
  if (key === siteKey) return good(about, 'The page names this site’s key.');
  const remedy = 'Write this site’s key into the page.';
  if (key === null)
    return unsure(about, 'The page does not show which key it uses.', remedy, snippetFor(question));
  const other = otherSites.get(key);
  return bad(
    about,
    other === undefined
      ? `The page names the key “${key.slice(0, 40)}”, which is of no site here.`
      : `The page names the key of your site “${other}”: its visitors would become subscribers of that one.`,
    remedy,
    snippetFor(question),
  );
}

function policyFindings(
  question: PageQuestion,
  answer: WebAnswer,
  html: PageHtml,
  script: PageScript | undefined,
  workerPath: string,
): Finding[] {
  const { server, origin } = question;
  const about = { what: 'Content security policy', origin: origin.origin };
  const policies: Policy[] = [answer.headers.get('content-security-policy'), ...html.policies].flatMap(
    parsePolicies,
  );
  if (policies.length === 0) return [];
  const from = answer.url;
  const wishes: [Load, string, string][] = [
    [
      {
        kind: 'script',
        url: new URL('/belfry.js', server),
        from,
        nonce: script?.attributes.get('nonce'),
        inHtml: script !== undefined,
      },
      'load Belfry’s script',
      server.origin,
    ],
    [
      { kind: 'connect', url: new URL(`/v1/sites/${question.siteKey}/config`, server), from },
      'talk to Belfry',
      server.origin,
    ],
    [{ kind: 'worker', url: new URL(workerPath, from), from }, 'install its service worker', "'self'"],
  ];
  const found = wishes.flatMap(([load, what, source]) => {
    const directive = blockedBy(policies, load);
    if (directive === null) return [];
    return [
      bad(
        about,
        `The page’s Content-Security-Policy (${directive}) does not let it ${what}.`,
        directive === 'default-src'
          ? 'Add this to the policy.'
          : `Add this source to ${directive} in the policy.`,
        directive === 'default-src' ? `${newDirective[load.kind]} ${source}` : source,
      ),
    ];
  });
  if (
    policies.some((policy) => policy.has('sandbox') && !policy.get('sandbox')?.includes('allow-same-origin'))
  )
    found.push(
      bad(
        about,
        'The page is sandboxed: it has no origin, and can have no service worker.',
        'Add this to sandbox in the policy.',
        'allow-same-origin',
      ),
    );
  if (policies.some((policy) => policy.get('require-trusted-types-for')?.includes("'script'")))
    found.push(
      unsure(
        about,
        'The page requires trusted types, under which a service worker is installed only through a policy of its own.',
        'Install the worker in your own code, under your policy, before Belfry does: it then uses that one.',
      ),
    );
  return found.length > 0 ? found : [good(about, 'It lets the page do all that Belfry needs.')];
}

const newDirective = { script: 'script-src', connect: 'connect-src', worker: 'worker-src' } as const;

/** Another worker at the same scope: the two would replace each other on every load. */
function clash(
  { origin, server }: PageQuestion,
  answer: WebAnswer,
  registrations: Registering[],
  workerPath: string,
): Finding[] {
  const scopeOf = ({ path, scope }: Registering) =>
    new URL(scope ?? new URL('.', new URL(path, answer.url)), answer.url).pathname;
  const ours = scopeOf({ path: workerPath, scope: null });
  const other = registrations.find(
    (one) =>
      URL.canParse(one.path, answer.url) &&
      !samePath(one.path, workerPath, answer.url) &&
      URL.canParse(one.scope ?? '/', answer.url) &&
      scopeOf(one) === ours,
  );
  if (other === undefined) return [];
  return [
    bad(
      { what: 'One worker for a scope', origin: origin.origin },
      `The page installs a worker of its own, ${other.path}, at the same scope (${ours}). The two would replace each other.`,
      `Set ${other.path} as the service worker under Settings, and add these two lines at its top.`,
      `self.belfryShared = true;\nimportScripts(${JSON.stringify(`${server.origin}/belfry-sw.js`)});`,
    ),
  ];
}

function otherHeaders({ origin }: PageQuestion, { headers }: WebAnswer): Finding[] {
  const found: Finding[] = [];
  const permissions = `${headers.get('permissions-policy') ?? ''}, ${headers.get('feature-policy') ?? ''}`;
  const denied = /\b(notifications|push)\s*(=\s*\(\s*\)|\s'none')/i.exec(permissions)?.[1];
  if (denied !== undefined)
    found.push(
      unsure(
        { what: 'Permissions policy', origin: origin.origin },
        `The header Permissions-Policy takes “${denied}” from the page. Some browsers heed that.`,
        'Take it out of the header, or allow it for the page itself.',
        `Permissions-Policy: ${denied}=(self)`,
      ),
    );
  if (/"(\*|storage)"/.test(headers.get('clear-site-data') ?? ''))
    found.push(
      bad(
        { what: 'Clear-Site-Data', origin: origin.origin },
        'The page tells browsers to forget what they keep of the site: each visit ends the subscription.',
        'Send this header only where people log out, and only for what must go.',
        'Clear-Site-Data: "cache", "cookies"',
      ),
    );
  return found;
}
