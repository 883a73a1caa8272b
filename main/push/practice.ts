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

  /** The origin at which an endpoint of a practice site is served, or why nothing can be sent there. */
  routeOf(endpoint: string): { via: string } | { refused: Verdict } {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
    if (url === null || !isPracticeHost(url.hostname)) return { refused: rejected('practice-only') };
    const via = this.#routes?.[url.origin];
    // it may be starting; Belfry asks again soon
    return via === undefined ? { refused: retry('rehearsal-not-running') } : { via };
  }
}
