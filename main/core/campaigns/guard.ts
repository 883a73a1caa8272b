import type { PushResult } from '../ports/push.ts';
import type { Storage } from '../ports/storage.ts';

/** Fewer answers than this prove nothing. */
const ENOUGH = 50;
/** Where there is no history more than this share of gone subscribers is implausible. */
const UNKNOWN = 0.5;
/** A steady trickle is normal; this many times the usual share is not, but never below the share beside it. */
const TIMES_USUAL = 5;
const AT_LEAST = 0.25;
/** Answers in the site's history that make it one. */
const HISTORY = 500;

interface Seen {
  gone: number;
  answered: number;
  limit: number;
}

/**
 * Guards against mass removal: push services have had spikes of false 404s. Watches what share of a campaign's
 * answers at each push service says “gone”, beside what is usual for the site there.
 */
export class GoneGuard {
  readonly #services = new Map<string, Seen>();

  /** Reads what is usual, and what this campaign has seen already. */
  static async open(campaign: number, storage: Storage): Promise<GoneGuard> {
    const guard = new GoneGuard();
    const [before, now] = await Promise.all([
      storage.campaigns.goneBefore(campaign),
      storage.campaigns.services(campaign),
    ]);
    for (const { pushService, gone, answered } of before) {
      const limit = answered < HISTORY ? UNKNOWN : Math.max(AT_LEAST, TIMES_USUAL * (gone / answered));
      guard.#services.set(pushService, { gone: 0, answered: 0, limit });
    }
    for (const { pushService, accepted, expired, goneIsReal } of now) {
      const seen = guard.#seen(pushService);
      seen.gone = expired;
      seen.answered = accepted + expired;
      if (goneIsReal) seen.limit = Number.POSITIVE_INFINITY;
    }
    return guard;
  }

  /** @returns true when what a service says has become implausible with this answer */
  note({ pushService, outcome }: PushResult): boolean {
    if (outcome !== 'accepted' && outcome !== 'gone') return false;
    const gone = outcome === 'gone';
    const seen = this.#seen(pushService);
    seen.answered++;
    if (gone) seen.gone++;
    return gone && this.isImplausible(pushService);
  }

  isImplausible(pushService: string): boolean {
    const { answered, gone, limit } = this.#seen(pushService);
    return answered >= ENOUGH && gone / answered > limit;
  }

  /** The operator's answer: those who are gone are so, whoever follows them; or they were brought back. */
  settle(pushService: string, answer: 'real' | 'mistake'): void {
    const seen = this.#seen(pushService);
    if (answer === 'real') seen.limit = Number.POSITIVE_INFINITY;
    else {
      seen.answered -= seen.gone;
      seen.gone = 0;
    }
  }

  #seen(pushService: string): Seen {
    const known = this.#services.get(pushService);
    if (known !== undefined) return known;
    const seen = { gone: 0, answered: 0, limit: UNKNOWN };
    this.#services.set(pushService, seen);
    return seen;
  }
}
