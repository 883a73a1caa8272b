import type { PushResult } from '../ports/push.ts';

/** So many in a row, and nothing accepted between them, are no accident of one subscription. */
const IN_A_ROW = 5;

interface Seen {
  inARow: number;
  accepted: boolean;
  reason: string;
}

/**
 * Tells our own fault from a subscription that is odd by itself. A wrong key or contact makes a push service refuse
 * everything; a single endpoint that always answers 401 may be a stranger's, who must not be able to stop a site.
 */
export class FaultWatch {
  readonly #services = new Map<string, Seen>();

  /** @returns true when sending to this service must stop */
  note({ pushService, outcome, reason }: PushResult): boolean {
    const seen = this.#services.get(pushService) ?? { inARow: 0, accepted: false, reason: '' };
    this.#services.set(pushService, seen);
    if (outcome === 'accepted') {
      seen.accepted = true;
      seen.inARow = 0;
    }
    if (outcome !== 'fault') return false;
    seen.reason = reason;
    return ++seen.inARow >= IN_A_ROW;
  }

  /** At the end of a run: services that refused all of the few messages that they got. */
  refusedAll(): { pushService: string; reason: string }[] {
    return [...this.#services].flatMap(([pushService, { inARow, accepted, reason }]) =>
      inARow > 0 && !accepted ? [{ pushService, reason }] : [],
    );
  }
}
