import type { PushResult } from '../ports/push.ts';

/** So many in a row are no accident of one subscription: where nothing was accepted yet, and where something was. */
const FROM_THE_START = 5;
const AFTER_SUCCESS = 50;
/** A delivery that is refused like this so often tells enough, however few others there are. */
const ATTEMPTS = 3;

/**
 * How a refusal that points at us is taken. `systematic`: our key, contact or clock is wrong, and sending to the
 * service must stop. `odd`: only this subscription is refused. `unsure`: too early to tell, so try it again.
 */
export type FaultVerdict = 'systematic' | 'odd' | 'unsure';

interface Seen {
  inARow: number;
  /** Of those, how many subscriptions were made with another key: each counts once. */
  otherKeys: number;
  accepted: boolean;
}

/**
 * Tells our own fault from a subscription that is odd by itself. A wrong key or contact makes a push service refuse
 * everything; a single endpoint that always answers 401 may be a stranger's, who must not be able to stop a site.
 */
export class FaultWatch {
  readonly #services = new Map<string, Seen>();

  /** @param attempts of this delivery, with this one. @returns null for what is no fault of ours */
  note({ pushService, outcome, reason }: PushResult, attempts: number): FaultVerdict | null {
    const seen = this.#services.get(pushService) ?? { inARow: 0, otherKeys: 0, accepted: false };
    this.#services.set(pushService, seen);
    if (outcome === 'accepted') {
      seen.accepted = true;
      seen.inARow = 0;
      seen.otherKeys = 0;
    }
    const enough = seen.accepted ? AFTER_SUCCESS : FROM_THE_START;
    if (outcome === 'rejected' && reason === 'key-mismatch') {
      if (attempts === 1) seen.otherKeys++;
      if (seen.otherKeys >= enough) return 'systematic';
      return seen.accepted || attempts >= ATTEMPTS ? 'odd' : 'unsure';
    }
    if (outcome !== 'fault') return null;
    seen.inARow++;
    if (seen.inARow >= enough) return 'systematic';
    if (attempts < ATTEMPTS) return 'unsure';
    return seen.accepted ? 'odd' : 'systematic';
  }
}
