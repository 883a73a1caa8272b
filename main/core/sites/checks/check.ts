import type { SiteRow } from '../../ports/storage.ts';
import type { Clock } from '../../ports/surroundings.ts';
import type { Web, WebAnswer } from '../../ports/web.ts';
import type { SiteDirectory } from '../directory.ts';
import { bad, daysLeft, type Finding, good, isLoopback, silence, statusWords, unsure } from './finding.ts';
import { checkPage } from './page.ts';
import { checkPublicAddress, inDays } from './public-address.ts';
import { checkWorker } from './worker.ts';

/** As many of a site's origins are looked at; more would only say the same. */
const mostOrigins = 10;

interface Parts {
  web: Web;
  directory: SiteDirectory;
  clock: Clock;
  /** Where visitors reach the public listener. */
  publicUrl: () => string;
  /** Hosts in a private network that the operator lets it ask, by `--check-private-host`. */
  privateHosts: readonly string[];
}

interface CheckOptions {
  page: string;
  byOperator: boolean;
  live?: boolean;
}

/** Looks at a live site and at the public address, as a visitor's browser would meet them. */
export class SiteCheck {
  readonly #parts: Parts;
  readonly #running = new Map<string, Promise<Finding[]>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  publicUrl(): string {
    return this.#parts.publicUrl();
  }

  /**
   * @param options.page the path of a page that has the script
   * @param options.byOperator whether the operator asks: only then may it ask sites on this machine
   * @param options.live false: only the public address is asked, and no page of the site
   */
  check(site: SiteRow, options: CheckOptions): Promise<Finding[]> {
    // whoever presses twice waits for one and the same check
    const name = JSON.stringify([site.id, site.origins, options]);
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const begun = this.#check(site, options).finally(() => this.#running.delete(name));
    this.#running.set(name, begun);
    return begun;
  }

  async #check(site: SiteRow, options: CheckOptions): Promise<Finding[]> {
    const { web, clock } = this.#parts;
    const server = new URL(this.publicUrl());
    const origins = site.practice ? [] : site.origins.slice(0, mostOrigins);
    const own = await checkPublicAddress(web, {
      server,
      site,
      origins,
      now: clock.now(),
      mayBePrivate: true, // our own address
    });
    if (options.live === false) return own;
    const live = await Promise.all(origins.map((origin) => this.#origin(site, new URL(origin), options)));
    return [...own, ...live.flat()];
  }

  async #origin(site: SiteRow, origin: URL, { page, byOperator }: CheckOptions): Promise<Finding[]> {
    const { web, clock, directory, privateHosts } = this.#parts;
    const server = new URL(this.publicUrl());
    const mayBePrivate =
      privateHosts.some((host) => [origin.hostname, origin.host].includes(host.toLowerCase())) ||
      (byOperator && isLoopback(origin));
    const about = { what: 'Site', origin: origin.origin };
    const address = new URL(page, origin);
    if (address.origin !== origin.origin)
      return [bad(about, `${page} is no path of a site.`, 'Begin it with one slash.')];
    const worker = (path: string, scope: string | null) =>
      checkWorker(web, { origin, server, path, scope, mayBePrivate });
    let answer: WebAnswer;
    try {
      answer = await web.ask(address, {
        headers: { accept: 'text/html' },
        follow: (to) => to.origin === origin.origin,
        mayBePrivate,
      });
    } catch (error) {
      return [silence(about, address.href, error)];
    }
    const leads = leadsAway(site, origin, answer);
    if (leads !== null)
      return [leads, ...(leads.verdict === 'bad' ? [] : await worker(site.settings.workerPath, null))];
    if (answer.status !== 200)
      return [
        bad(
          about,
          `${answer.url.href} ${statusWords(answer)}.`,
          'Name another page of the site that has the script.',
        ),
        ...(await worker(site.settings.workerPath, null)),
      ];
    const days = daysLeft(answer, clock.now());
    const result = checkPage(
      {
        origin,
        server,
        siteKey: site.key,
        otherSites: new Map(directory.all().map(({ key, name }) => [key, name])),
        workerPath: site.settings.workerPath,
      },
      answer,
    );
    return [
      good(about, `${answer.url.href} answers${isLoopback(origin) ? ', on this machine' : ' over https'}.`),
      ...(days === null
        ? []
        : [
            unsure(
              { what: 'Certificate', origin: origin.origin },
              `The certificate of ${origin.host} ends in ${inDays(days)}.`,
              'Renew it in time.',
            ),
          ]),
      ...result.findings,
      ...(await worker(result.workerPath, result.scope)),
    ];
  }
}

/** A site that sends its visitors to another origin: their subscriptions come from there. */
function leadsAway(site: SiteRow, origin: URL, answer: WebAnswer): Finding | null {
  const location = answer.headers.get('location');
  if (answer.status < 300 || answer.status >= 400 || location === undefined) return null;
  if (!URL.canParse(location, answer.url)) return null;
  const to = new URL(location, answer.url).origin;
  if (to === origin.origin) return null;
  const about = { what: 'Origin', origin: origin.origin };
  if (site.origins.includes(to))
    return good(about, `It leads its visitors to ${to}, which is looked at, too.`);
  return bad(
    about,
    `It leads its visitors to ${to}, which is not one of the site’s origins: Belfry refuses its pages.`,
    'Add that origin under Settings, or let the site stay where it is.',
    to,
  );
}
