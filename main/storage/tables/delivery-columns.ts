import type { Claimed, Settlement } from '../../core/ports/storage.ts';

/** Claimed deliveries of one push service as they cross between threads: an object for each costs as much as its row. */
export interface ClaimedColumns {
  pushService: string;
  subscribers: number[];
  endpoints: string[];
  /** Of each its public key and its secret, 81 bytes, one after the other. */
  keys: Uint8Array<ArrayBuffer>;
  vapidKeys: number[];
  attempts: number[];
  firstAttempts: number[];
}

export const KEYS = 81;
const SECRET = 65;

export const emptyColumns = (pushService: string, most: number): ClaimedColumns => ({
  pushService,
  subscribers: [],
  endpoints: [],
  keys: new Uint8Array(KEYS * most),
  vapidKeys: [],
  attempts: [],
  firstAttempts: [],
});

export function toClaimed(campaign: number, parts: ClaimedColumns[]): Claimed[] {
  return parts.flatMap(
    ({ pushService, subscribers, endpoints, keys, vapidKeys, attempts, firstAttempts }): Claimed[] =>
      subscribers.map((subscriber, i) => ({
        ref: { campaign, subscriber },
        endpoint: endpoints[i] ?? '',
        pushService,
        p256dh: keys.subarray(i * KEYS, i * KEYS + SECRET),
        auth: keys.subarray(i * KEYS + SECRET, (i + 1) * KEYS),
        vapidKey: vapidKeys[i] ?? 0,
        attempts: attempts[i] ?? 0,
        firstAttemptAt: firstAttempts[i] ?? 0,
      })),
  );
}

/** What was accepted, nearly all of most batches, as it crosses between threads. */
export interface AcceptedColumns {
  campaign: number;
  pushService: string;
  /** Of each delivery its subscriber, status, duration, bytes and time, one after the other. */
  values: Float64Array<ArrayBuffer>;
}

export const ACCEPTED_VALUES = 5;

/** Parts what was accepted from the results whose text matters, too. */
export function partAccepted(results: Settlement[]): [AcceptedColumns[], Settlement[]] {
  const groups = new Map<string, Settlement[]>();
  const others: Settlement[] = [];
  for (const result of results) {
    if (result.state !== 'accepted' || result.status === null || result.unsent) {
      others.push(result);
      continue;
    }
    const key = `${result.campaign} ${result.pushService}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  const columns = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const values = new Float64Array(ACCEPTED_VALUES * group.length);
    for (const [i, { subscriber, status, duration, bytes, at }] of group.entries())
      values.set([subscriber, status ?? 0, Math.round(duration), bytes, at], i * ACCEPTED_VALUES);
    return { campaign: first.campaign, pushService: first.pushService, values };
  });
  return [columns, others];
}
