import type Database from 'better-sqlite3';
import type { DeliveryState } from '../../contract/campaigns.ts';
import type { AttemptRow, DeliveryRow, ServiceHoldRow } from '../../core/ports/storage.ts';
import {
  deliveryCode,
  PENDING,
  SELECT_DELIVERY,
  type StoredDelivery,
  toDelivery,
  UNDER_WAY,
} from './delivery-rows.ts';
import { ACTIVE, EXPIRED, QUARANTINED } from './subscriber-rows.ts';

export function deliveryReads(db: Database.Database) {
  const page = db.prepare<[Record<string, unknown>], StoredDelivery>(`${SELECT_DELIVERY}
    WHERE d.campaign_id = @campaign AND d.subscriber_id > @after
      AND (@low IS NULL OR d.state BETWEEN @low AND @high) ORDER BY d.subscriber_id LIMIT @limit`);
  const ofSubscriber = db.prepare<[number, number, number], StoredDelivery & { title: string }>(`
    SELECT d.*, 1 AS subscriber_exists, json_extract(c.message, '$.title') AS title
    FROM campaign c JOIN delivery d ON d.campaign_id = c.id AND d.subscriber_id = ?
    WHERE c.site_id = (SELECT site_id FROM subscriber WHERE id = ?) ORDER BY c.id DESC LIMIT ?`);
  const attempts = db.prepare<[number, number, number], AttemptRow>(`
    SELECT a.campaign_id AS campaign, json_extract(c.message, '$.title') AS title, d.push_service AS pushService,
      a.number, a.at, a.status, a.reason, a.duration
    FROM campaign c JOIN attempt a ON a.campaign_id = c.id AND a.subscriber_id = ?
      JOIN delivery d ON d.campaign_id = a.campaign_id AND d.subscriber_id = a.subscriber_id
    WHERE c.site_id = (SELECT site_id FROM subscriber WHERE id = ?) ORDER BY c.id DESC, a.number DESC LIMIT ?`);
  const holds = db.prepare<[], ServiceHoldRow>(
    `SELECT site_id AS site, push_service AS pushService, kind, until, reason, clock_off AS clockOff, since
     FROM service_hold`,
  );
  return {
    'deliveries.page': (
      campaign: number,
      state: DeliveryState | null,
      after: number | null,
      limit: number,
    ): DeliveryRow[] => {
      const low = state === null ? null : deliveryCode(state);
      const high = state === 'pending' ? UNDER_WAY : low;
      return page.all({ campaign, after: after ?? 0, low, high, limit }).map(toDelivery);
    },
    'deliveries.ofSubscriber': (subscriber: number, limit: number) =>
      ofSubscriber
        .all(subscriber, subscriber, limit)
        .map((row) => ({ ...toDelivery(row), title: row.title })),
    'deliveries.attemptsOf': (subscriber: number, limit: number): AttemptRow[] =>
      attempts.all(subscriber, subscriber, limit),
    'deliveries.holds': () => holds.all(),
  };
}

/** The holds on push services, and what operators ask of deliveries. */
export function deliveryWrites(db: Database.Database) {
  const setHold = db.prepare(`
    INSERT INTO service_hold (site_id, push_service, kind, until, reason, clock_off, since)
    VALUES (@site, @pushService, @kind, @until, @reason, @clockOff, @since)
    ON CONFLICT DO UPDATE SET kind = excluded.kind, until = excluded.until, reason = excluded.reason,
      clock_off = excluded.clock_off, since = excluded.since`);
  const clearHold = db.prepare('DELETE FROM service_hold WHERE site_id = ? AND push_service = ?');
  const requeue = db.prepare(`
    UPDATE delivery SET state = ${PENDING}, due_at = 0, attempts = 0, first_at = NULL, settled_at = NULL
    WHERE campaign_id = @campaign AND push_service = @pushService AND state = @code
      AND coalesce(reason, '') IN (SELECT value FROM json_each(@reasons))`);
  // who was quarantined for it is sent to again, or would be skipped
  const release = db.prepare(`
    UPDATE subscriber SET state = ${ACTIVE}, state_since = @at, state_reason = NULL
    WHERE state = ${QUARANTINED} AND id IN (
      SELECT d.subscriber_id FROM delivery d WHERE d.campaign_id = @campaign AND d.push_service = @pushService
        AND d.state = @code AND coalesce(d.reason, '') IN (SELECT value FROM json_each(@reasons)))`);
  // in the same commit: what is pending of a finished campaign nobody would ever send
  const reopen = db.prepare(
    "UPDATE campaign SET state = 'sending', finished_at = NULL WHERE id = ? AND state IN ('finished', 'halted')",
  );
  // only those who are still as this campaign left them: someone who came back since is not touched
  const revive = db.prepare(`
    UPDATE subscriber SET state = ${ACTIVE}, state_since = @at, state_reason = NULL
    WHERE state = ${EXPIRED} AND id IN (
      SELECT d.subscriber_id FROM delivery d WHERE d.campaign_id = @campaign AND d.push_service = @pushService
        AND d.state = ${deliveryCode('expired')} AND d.settled_at = subscriber.state_since)`);
  const retryGone = db.prepare(`
    UPDATE delivery SET state = ${PENDING}, due_at = 0, attempts = 0, first_at = NULL, settled_at = NULL
    WHERE campaign_id = @campaign AND push_service = @pushService AND state = ${deliveryCode('expired')}
      AND EXISTS (SELECT 1 FROM subscriber s WHERE s.id = delivery.subscriber_id AND s.state = ${ACTIVE})`);
  const counts = {
    rejected: counter('rejected'),
    failed: counter('failed'),
    expired: counter('expired'),
  };
  function counter(state: string) {
    const campaign = db.prepare(
      `UPDATE campaign SET ${state} = ${state} - @n, pending = pending + @n WHERE id = @campaign`,
    );
    const service = db.prepare(
      `UPDATE campaign_service SET ${state} = ${state} - @n WHERE campaign_id = @campaign AND push_service = @pushService`,
    );
    return (change: { campaign: number; pushService: string; n: number }) => {
      campaign.run(change);
      service.run(change);
    };
  }
  return {
    'deliveries.setHold': (hold: ServiceHoldRow): void => {
      setHold.run(hold);
    },
    'deliveries.clearHold': (site: number, pushService: string): void => {
      clearHold.run(site, pushService);
    },
    'deliveries.requeue': db.transaction(
      (
        campaign: number,
        pushService: string,
        state: 'rejected' | 'failed',
        reasons: string[],
        at: number,
      ): number => {
        const which = { campaign, pushService, code: deliveryCode(state), reasons: JSON.stringify(reasons) };
        release.run({ ...which, at });
        const { changes } = requeue.run(which);
        if (changes === 0) return 0;
        counts[state]({ campaign, pushService, n: changes });
        reopen.run(campaign);
        return changes;
      },
    ),
    'deliveries.bringBack': db.transaction((campaign: number, pushService: string, at: number): number => {
      revive.run({ campaign, pushService, at });
      const { changes } = retryGone.run({ campaign, pushService });
      counts.expired({ campaign, pushService, n: changes });
      if (changes > 0) reopen.run(campaign);
      return changes;
    }),
  };
}
