import type Database from 'better-sqlite3';
import type { CampaignRow, Deliveries, Settlement } from '../../core/ports/storage.ts';
import { campaignGetter } from './campaigns.ts';
import {
  ACCEPTED_VALUES,
  type AcceptedColumns,
  type ClaimedColumns,
  emptyColumns,
  KEYS,
} from './delivery-columns.ts';
import { ACCEPTED, deliveryCode, PENDING, SKIPPED, UNDER_WAY } from './delivery-rows.ts';
import { type Tally, tallyOf } from './delivery-tally.ts';
import { ACTIVE, EXPIRED, endpointHash, QUARANTINED, stateCode, UNSUBSCRIBED } from './subscriber-rows.ts';

interface Due {
  subscriber_id: number;
  due_at: number;
  attempts: number;
  first_at: number | null;
  state: number | null;
  endpoint: string;
  /** In hexadecimal: a Buffer for each takes ten times as long to make as a text. */
  keys: string;
  vapid_key_id: number;
}
interface Named {
  campaign: number;
  subscriber: number;
}
type Take = Parameters<Deliveries['claim']>[1];

/** Why nothing is sent to someone whose subscriber is in such a state (null: is no more), or null. */
function whyLeft(state: number | null): string | null {
  if (state === null) return 'erased';
  if (state === UNSUBSCRIBED) return 'left';
  if (state === EXPIRED) return 'expired';
  return state === QUARANTINED ? 'key-mismatch' : null;
}

/**
 * The life of deliveries on the way out: claimed (under way), then settled, released or, after a crash, recovered.
 * The campaign's counts change in the same commit as its deliveries, so that they always add up.
 */
export function deliveryWork(db: Database.Database) {
  const get = campaignGetter(db);
  // Of a bare value in a condition or LIMIT SQLite's planner wants to know how many rows it means, and prepares the
  // statement anew for each other one (15 µs); of what comes out of an expression it does not ask.
  // walks the index from one service to the next, however many deliveries each has
  const nextService = db
    .prepare<[number, string], string | null>(
      `SELECT min(push_service) FROM delivery INDEXED BY delivery_due WHERE state = ${PENDING} AND campaign_id = ? + 0 AND push_service > ? || ''`,
    )
    .pluck();
  const due = db.prepare<[number, string, number, number], Due>(`
    SELECT d.subscriber_id, d.due_at, d.attempts, d.first_at, s.state, s.endpoint, hex(s.p256dh) || hex(s.auth) AS keys, s.vapid_key_id
    FROM delivery d INDEXED BY delivery_due LEFT JOIN subscriber s ON s.id = d.subscriber_id
    WHERE d.state = ${PENDING} AND d.campaign_id = ? + 0 AND d.push_service = ? || '' AND d.due_at <= ? + 0 ORDER BY d.due_at, d.subscriber_id LIMIT ? + 0`);
  const earliest = db
    .prepare<[number, string], number | null>(
      `SELECT min(due_at) FROM delivery INDEXED BY delivery_due WHERE state = ${PENDING} AND campaign_id = ? + 0 AND push_service = ? || ''`,
    )
    .pluck();
  const take = db.prepare(`
    UPDATE delivery SET state = ${UNDER_WAY}, attempts = attempts + 1, first_at = coalesce(first_at, ?)
    WHERE campaign_id = ? AND subscriber_id = ?`);
  const takeAll = db.prepare(`
    UPDATE delivery INDEXED BY delivery_due
    SET state = ${UNDER_WAY}, attempts = attempts + 1, first_at = coalesce(first_at, ?)
    WHERE state = ${PENDING} AND campaign_id = ? + 0 AND push_service = ? || '' AND due_at = ? + 0
      AND subscriber_id BETWEEN ? + 0 AND ? + 0`);
  const skip = db.prepare(`
    UPDATE delivery SET state = ${SKIPPED}, reason = ?, settled_at = ? WHERE campaign_id = ? AND subscriber_id = ?`);
  const countSkipped = db.prepare(
    'UPDATE campaign SET skipped = skipped + ?, pending = pending - ? WHERE id = ?',
  );
  const release = db.prepare(`
    UPDATE delivery SET state = ${PENDING}, attempts = attempts - 1, first_at = iif(attempts = 1, NULL, first_at)
    WHERE campaign_id = ? AND subscriber_id = ? AND state = ${UNDER_WAY}`);
  const skipOne = db.prepare(`
    UPDATE delivery SET state = ${SKIPPED}, reason = 'cancelled', attempts = attempts - 1,
      settled_at = (SELECT finished_at FROM campaign WHERE id = campaign_id)
    WHERE campaign_id = ? AND subscriber_id = ? AND state = ${UNDER_WAY}`);
  const shift = db.prepare(`
    UPDATE delivery SET due_at = due_at - @by, first_at = first_at - @by
    WHERE state = ${PENDING} AND due_at > @now
      AND campaign_id IN (SELECT id FROM campaign WHERE state IN ('sending', 'paused', 'halted'))`);
  const notLater = db.prepare(`
    UPDATE delivery SET due_at = @latest, first_at = min(first_at, @latest) WHERE state = ${PENDING} AND due_at > @latest
      AND campaign_id IN (SELECT id FROM campaign WHERE state IN ('sending', 'paused', 'halted'))`);
  const stranded = db
    .prepare<[], number>(
      `SELECT DISTINCT campaign_id FROM delivery INDEXED BY delivery_under_way WHERE state = ${UNDER_WAY}`,
    )
    .pluck();
  const takeBack = db.prepare(`
    UPDATE delivery INDEXED BY delivery_under_way SET state = ${PENDING}, repeated = 1
    WHERE state = ${UNDER_WAY} AND campaign_id = ?`);
  const giveUp = db.prepare(`
    UPDATE delivery INDEXED BY delivery_under_way SET state = ${SKIPPED}, reason = 'cancelled', settled_at = (SELECT finished_at FROM campaign WHERE id = @id)
    WHERE state = ${UNDER_WAY} AND campaign_id = @id`);
  const countRepeated = db.prepare(
    'UPDATE campaign SET repeated = (SELECT count(*) FROM delivery WHERE campaign_id = @id AND repeated = 1) WHERE id = @id',
  );
  const countDoubtful = db.prepare(`
    UPDATE campaign SET repeated = repeated + 1 WHERE id = @campaign AND EXISTS (
      SELECT 1 FROM delivery WHERE campaign_id = @campaign AND subscriber_id = @subscriber
        AND state = ${UNDER_WAY} AND repeated = 0)`);
  // By position and without RETURNING it takes half the time, also beside one statement for a whole batch. The times
  // that only a pending delivery needs go, which is a quarter of its bytes.
  const end = db.prepare<
    [number, number | null, string | null, number, number, number, number, number, number]
  >(`
    UPDATE delivery SET state = ?, status = ?, reason = ?, attempts = attempts - ?, duration = ?, bytes = ?, settled_at = ?,
      due_at = 0, first_at = NULL
    WHERE campaign_id = ? AND subscriber_id = ? AND state = ${UNDER_WAY}`);
  const accept = db.prepare<[number, number, number, number, number, number]>(`
    UPDATE delivery SET state = ${ACCEPTED}, status = ?, reason = NULL, duration = ?, bytes = ?, settled_at = ?,
      due_at = 0, first_at = NULL
    WHERE campaign_id = ? AND subscriber_id = ? AND state = ${UNDER_WAY}`);
  const putOff = db.prepare<[Record<string, unknown>], { attempts: number }>(`
    UPDATE delivery SET state = ${PENDING}, status = @status, reason = @reason, due_at = coalesce(@dueAt, due_at),
      repeated = max(repeated, @doubtful), attempts = iif(@startOver, 0, attempts - @unsent), first_at = iif(@startOver, NULL, first_at),
      duration = @duration, bytes = @bytes, settled_at = NULL
    WHERE campaign_id = @campaign AND subscriber_id = @subscriber AND state = ${UNDER_WAY}
    RETURNING attempts`);
  const keepAttempt = db.prepare(`
    INSERT INTO attempt (campaign_id, subscriber_id, number, at, status, reason, duration)
    VALUES (@campaign, @subscriber, @number, @at, @status, @reason, @duration) ON CONFLICT DO NOTHING`);
  const expire = db.prepare(`
    UPDATE subscriber SET state = ${EXPIRED}, state_since = ?, state_reason = ?
    WHERE id = ? AND endpoint_hash = ? AND state IN (${ACTIVE}, ${stateCode('foreign')})`);
  const quarantine = db.prepare(`
    UPDATE subscriber SET state = ${QUARANTINED}, state_since = ?, state_reason = ?
    WHERE id = ? AND endpoint_hash = ? AND state IN (${ACTIVE}, ${stateCode('foreign')})`);
  const count = db.prepare(`
    UPDATE campaign SET pending = pending - @settled, accepted = accepted + @accepted, expired = expired + @expired,
      rejected = rejected + @rejected, failed = failed + @failed, skipped = skipped + @skipped WHERE id = @id`);
  const countService = db.prepare(`
    INSERT INTO campaign_service (campaign_id, push_service, accepted, expired, rejected, failed, bytes)
    VALUES (@id, @service, @accepted, @expired, @rejected, @failed, @bytes)
    ON CONFLICT DO UPDATE SET accepted = accepted + excluded.accepted, expired = expired + excluded.expired,
      rejected = rejected + excluded.rejected, failed = failed + excluded.failed, bytes = bytes + excluded.bytes`);
  const stateOf = db
    .prepare<[number], CampaignRow['state']>('SELECT state FROM campaign WHERE id = ?')
    .pluck();
  const isCancelled = (campaign: number) => stateOf.get(campaign) === 'cancelled';

  function services(campaign: number, without: string[]): string[] {
    const found: string[] = [];
    let service = nextService.get(campaign, '');
    while (service !== null && service !== undefined) {
      if (!without.includes(service)) found.push(service);
      service = nextService.get(campaign, service);
    }
    return found;
  }

  function claimFrom(campaign: number, service: string, limit: number, now: number): ClaimedColumns {
    let skipped = 0;
    const rows = due.all(campaign, service, now, limit);
    const claimed = emptyColumns(service, rows.length);
    const keys = Buffer.from(claimed.keys.buffer);
    for (const row of rows) {
      const left = whyLeft(row.state);
      if (left !== null) {
        skip.run(left, now, campaign, row.subscriber_id);
        skipped++;
        continue;
      }
      keys.write(row.keys, KEYS * claimed.subscribers.length, 'hex');
      claimed.subscribers.push(row.subscriber_id);
      claimed.endpoints.push(row.endpoint);
      claimed.vapidKeys.push(row.vapid_key_id);
      claimed.attempts.push(row.attempts + 1);
      claimed.firstAttempts.push(row.first_at ?? now);
    }
    mark(campaign, service, rows, claimed.subscribers, now);
    if (skipped > 0) countSkipped.run(skipped, skipped, campaign);
    return claimed;
  }

  /** Marks rows that lie side by side in what is due as under way, those that were skipped left out. */
  function mark(campaign: number, service: string, rows: Due[], claimed: number[], now: number) {
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return;
    if (first.due_at === last.due_at)
      takeAll.run(now, campaign, service, first.due_at, first.subscriber_id, last.subscriber_id);
    else for (const subscriber of claimed) take.run(now, campaign, subscriber);
  }

  /** Those that were under way: a write whose answer was lost may have settled the others before. */
  function settleAccepted({ campaign, values }: AcceptedColumns, tally: Tally) {
    for (let i = 0; i < values.length; i += ACCEPTED_VALUES) {
      const [subscriber = 0, status = 0, duration = 0, bytes = 0, at = 0] = values.subarray(
        i,
        i + ACCEPTED_VALUES,
      );
      if (accept.run(status, duration, bytes, at, campaign, subscriber).changes === 0) continue;
      tally.accepted++;
      tally.bytes += bytes;
    }
  }

  /** @returns whether it was under way: a write whose answer was lost may have settled it before */
  function settle(result: Settlement, state: Settlement['state'] | 'skipped'): boolean {
    const { campaign, subscriber, status, at } = result;
    const duration = Math.round(result.duration);
    const unsent = result.unsent ? 1 : 0;
    if (state !== 'pending') {
      const reason = state === 'skipped' ? 'cancelled' : state === 'accepted' ? null : result.reason;
      const code = deliveryCode(state);
      return (
        end.run(code, status, reason, unsent, duration, result.bytes, at, campaign, subscriber).changes > 0
      );
    }
    if (result.doubtful) countDoubtful.run(result);
    const doubtful = result.doubtful ? 1 : 0;
    const startOver = result.startOver ? 1 : 0;
    const row = putOff.get({ ...result, unsent, doubtful, duration, startOver });
    if (row !== undefined && !result.unsent) keepAttempt.run({ ...result, number: row.attempts, duration });
    return row !== undefined;
  }

  /** Skips what was under way of a cancelled campaign. */
  function skipUnderWay(campaign: number) {
    const { changes } = giveUp.run({ id: campaign });
    countSkipped.run(changes, changes, campaign);
  }

  return {
    /** What there is room for at each push service, so that a slow one holds up no other. */
    'deliveries.claim': db.transaction(
      (campaign: number, take: Take, now: number): ClaimedColumns[] | null => {
        if (stateOf.get(campaign) !== 'sending') return null;
        let left = take.limit;
        const roomAt = (service: string) => take.rooms[service] ?? take.otherwise;
        const open = services(campaign, []).filter((service) => roomAt(service) > 0);
        // those with the least room first: what they leave of their share goes to the others
        open.sort((a, b) => roomAt(a) - roomAt(b));
        return open.map((service, i) => {
          const share = Math.ceil(left / (open.length - i));
          const claimed = claimFrom(campaign, service, Math.min(share, roomAt(service)), now);
          left -= claimed.subscribers.length;
          return claimed;
        });
      },
    ),

    'deliveries.settle': db.transaction(
      (accepted: AcceptedColumns[], others: Settlement[]): CampaignRow[] => {
        const tallies = new Map<string, Tally>();
        for (const part of accepted) settleAccepted(part, tallyOf(tallies, part.campaign, part.pushService));
        for (const result of others) {
          const cancelled = result.state === 'pending' && isCancelled(result.campaign);
          const state = cancelled ? 'skipped' : result.state;
          if (!settle(result, state)) continue;
          const tally = tallyOf(tallies, result.campaign, result.pushService);
          tally[state]++;
          if (result.status !== null) tally.bytes += result.bytes;
          if (state === 'expired')
            expire.run(result.at, result.reason, result.subscriber, endpointHash(result.endpoint));
          if (state === 'rejected' && result.reason === 'key-mismatch')
            quarantine.run(result.at, result.reason, result.subscriber, endpointHash(result.endpoint));
        }
        for (const { id, service, pending: _, bytes, ...ended } of tallies.values()) {
          const settled = Object.values(ended).reduce((sum, n) => sum + n, 0);
          count.run({ id, settled, ...ended });
          countService.run({ id, service, bytes, ...ended });
        }
        const campaigns = new Set([...accepted, ...others].map(({ campaign }) => campaign));
        return [...campaigns].flatMap((id) => get(id) ?? []);
      },
    ),

    'deliveries.release': db.transaction((refs: Named[]): void => {
      for (const { campaign, subscriber } of refs) {
        if (!isCancelled(campaign)) {
          release.run(campaign, subscriber);
          continue;
        }
        const { changes } = skipOne.run(campaign, subscriber);
        countSkipped.run(changes, changes, campaign);
      }
    }),

    'deliveries.recover': db.transaction((only: number | null) => {
      const found: { campaign: number; count: number }[] = [];
      for (const campaign of only === null ? stranded.all() : [only]) {
        if (isCancelled(campaign)) {
          skipUnderWay(campaign);
          continue;
        }
        const { changes } = takeBack.run(campaign);
        if (changes === 0) continue;
        countRepeated.run({ id: campaign });
        found.push({ campaign, count: changes });
      }
      return found;
    }),

    'deliveries.shift': (by: number, now: number): void => {
      shift.run({ by, now });
    },

    'deliveries.notLaterThan': (latest: number): void => {
      notLater.run({ latest });
    },

    'deliveries.nextDue': (campaign: number, without: string[]): number | null => {
      const times = services(campaign, without).map((service) => earliest.get(campaign, service) ?? 0);
      return times.length > 0 ? Math.min(...times) : null;
    },
  };
}
