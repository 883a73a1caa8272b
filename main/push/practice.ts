import type { PracticeRoutes } from '../core/ports/rehearsal.ts';
import { isPracticeHost } from '../core/ports/rehearsal.ts';
import { rejected, retry, type Verdict } from './services/policy.ts';

/**
 * The way to the push services of a rehearsal. Keys of practice sites send there and nowhere else, and no other key
 * does: `Hosts` refuses these endpoints, and here every other one is refused.
 */
export class Practice {
  #routes: PracticeRoutes = null;

  set routes(routes: PracticeRoutes) {
    this.#routes = routes;
  }

  /** Where an endpoint of a practice site is served, or why nothing can be sent there. */
  wayOf(endpoint: string): { url: URL } | { refused: Verdict } {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
    if (url === null || !isPracticeHost(url.hostname)) return { refused: rejected('practice-only') };
    const via = this.#routes?.[url.origin];
    // it may be starting; Belfry asks again soon
    if (via === undefined) return { refused: retry('rehearsal-not-running') };
    return { url: new URL(`${url.pathname}${url.search}`, via) };
  }
}
