import type Database from 'better-sqlite3';
import type { CampaignCounts, CampaignState } from '../../contract/campaigns.ts';
import type { AudienceRow, CampaignRow, Campaigns, OutcomeRow } from '../../core/ports/storage.ts';
import { audienceSql } from './audience.ts';
import { deliveryState, SKIPPED } from './delivery-rows.ts';
import { cappedBy } from './frequency-cap.ts';
import { stateCode } from './subscriber-rows.ts';

type StoredCampaign = CampaignCounts & {
  id: number;
  site_id: number;
  state: CampaignState;
  kind: CampaignRow['kind'];
  message: string;
  audience: string;
  pace: string | null;
  ignore_cap: number;
  preparing: number | null;
  at: number | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  detail_dropped_at: number | null;
  detail_gone: number;
};

export const toCampaign = (row: StoredCampaign): CampaignRow => ({
  id: row.id,
  site: row.site_id,
  state: row.state,
  kind: row.kind,
  message: JSON.parse(row.message),
  audience: JSON.parse(row.audience),
  pace: row.pace === null ? null : JSON.parse(row.pace),
  ignoreCap: row.ignore_cap === 1,
  preparing: row.preparing,
  at: row.at,
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  detailDroppedAt: row.detail_dropped_at,
  detailGone: row.detail_gone === 1,
  counts: {
    total: row.total,
    pending: row.pending,
    accepted: row.accepted,
    expired: row.expired,
    rejected: row.rejected,
    failed: row.failed,
    skipped: row.skipped,
    shown: row.shown,
    clicked: row.clicked,
    closed: row.closed,
    unsubscribed: row.unsubscribed,
    repeated: row.repeated,
  },
});

/** Reads one campaign by its id; for reads and for writes that answer with what they left. */
export function campaignGetter(db: Database.Database) {
  const one = db.prepare<[number], StoredCampaign>('SELECT * FROM campaign WHERE id = ?');
  return (id: number): CampaignRow | null => {
    const row = one.get(id);
    return row ? toCampaign(row) : null;
  };
}

export function campaignReads(db: Database.Database) {
  const inState = db.prepare<[string], { id: number }>('SELECT id FROM campaign WHERE state = ? ORDER BY id');
  const next = db.prepare<[], { id: number; at: number }>(
    "SELECT id, at FROM campaign WHERE state = 'scheduled' ORDER BY at LIMIT 1",
  );
  // those that are there, and those that were dropped
  const outcomes = db.prepare<{ id: number }, Omit<OutcomeRow, 'state'> & { state: number }>(`
    SELECT state, reason, pushService, status, sum(count) AS count FROM (
      SELECT state, coalesce(reason, '') AS reason, push_service AS pushService, status, count(*) AS count
      FROM delivery WHERE campaign_id = @id AND (state > 1 OR state = 0 AND reason IS NOT NULL) GROUP BY 1, 2, 3, 4
      UNION ALL
      SELECT state, reason, push_service, nullif(status, 0), count FROM campaign_outcome WHERE campaign_id = @id)
    GROUP BY 1, 2, 3, 4 ORDER BY count DESC`);
  const clicks = db.prepare<{ id: number }, { action: string; count: number }>(`
    SELECT action, sum(count) AS count FROM (
      SELECT action, count(*) AS count FROM click WHERE campaign_id = @id GROUP BY action
      UNION ALL SELECT action, count FROM campaign_click WHERE campaign_id = @id)
    GROUP BY action ORDER BY count DESC`);
  const capped = cappedBy(db);
  const page = db.prepare<[Record<string, unknown>], StoredCampaign>(`
    SELECT * FROM campaign
    WHERE (@site IS NULL AND site_id NOT IN (SELECT id FROM site WHERE removed_at IS NOT NULL) OR site_id = @site) AND (@state IS NULL OR state = @state) AND (@after IS NULL OR id < @after)
    ORDER BY id DESC LIMIT @limit`);

  return {
    'campaigns.get': campaignGetter(db),
    'campaigns.page': (
      filter: { site?: number; state?: CampaignState },
      after: number | null,
      limit: number,
    ) => page.all({ site: filter.site ?? null, state: filter.state ?? null, after, limit }).map(toCampaign),
    'campaigns.inState': (state: CampaignState) => inState.all(state).map(({ id }) => id),
    'campaigns.nextScheduled': () => next.get() ?? null,
    'campaigns.foreignIn': (site: number, audience: AudienceRow): number => {
      const { from, values } = audienceSql(audience);
      return db
        .prepare<[Record<string, unknown>], number>(
          `SELECT count(*) FROM ${from} AND +s.state = ${stateCode('foreign')}`,
        )
        .pluck()
        .get({ site, ...values }) as number;
    },
    'campaigns.cappedIn': (site: number, audience: AudienceRow, now: number): number => {
      const cap = capped(site, 0, now);
      if (cap === null) return 0;
      const { from, values } = audienceSql(audience);
      return db
        .prepare<[Record<string, unknown>], number>(
          `SELECT count(*) FROM ${from} AND +s.state <= 1 AND ${cap.sql}`,
        )
        .pluck()
        .get({ site, ...values, ...cap.values }) as number;
    },
    'campaigns.outcomes': (id: number): OutcomeRow[] =>
      outcomes.all({ id }).map((row) => ({ ...row, state: deliveryState(row.state) })),
    'campaigns.clicks': (id: number) => clicks.all({ id }),
  };
}

type Edit = Parameters<Campaigns['edit']>[1];

export function campaignWrites(db: Database.Database) {
  const get = campaignGetter(db);
  const insert = db.prepare(`
    INSERT INTO campaign (site_id, state, kind, message, audience, pace, ignore_cap, at, created_at, request_id)
    VALUES (@site, @state, @kind, @message, @audience, @pace, @ignoreCap, @at, @createdAt, @requestId) ON CONFLICT (request_id) DO NOTHING`);
  const byRequest = db.prepare<[string], number>('SELECT id FROM campaign WHERE request_id = ?').pluck();
  const edit = db.prepare(`
    UPDATE campaign SET message = coalesce(@message, message), audience = coalesce(@audience, audience),
      pace = iif(@setPace, @pace, pace), ignore_cap = coalesce(@ignoreCap, ignore_cap), at = iif(@setAt, @at, at),
      -- a scheduled campaign whose time is taken away is a draft again
      state = iif(@setAt AND @at IS NULL, 'draft', state)
    WHERE id = @id AND state IN ('draft', 'scheduled')`);
  const removeDraft = db.prepare("DELETE FROM campaign WHERE id = ? AND state = 'draft'");
  const move = db.prepare(`
    UPDATE campaign SET state = @to, finished_at = iif(@to IN ('finished', 'cancelled'), @at, NULL)
    WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) AND (@to <> 'scheduled' OR at IS NOT NULL)`);
  const unprepare = [
    'DELETE FROM preparation WHERE campaign_id = ?',
    'UPDATE campaign SET preparing = NULL WHERE id = ?',
  ].map((sql) => db.prepare(sql));
  const skipPending = db.prepare(
    // the first of them at once, so that a small campaign is over; the rest of a million little by little (upkeep.ts)
    `UPDATE delivery SET state = ${SKIPPED}, reason = 'cancelled', settled_at = @at
     WHERE (campaign_id, subscriber_id) IN (SELECT campaign_id, subscriber_id FROM delivery INDEXED BY delivery_due
       WHERE state = 0 AND campaign_id = @id LIMIT 5000)`,
  );
  const countCancelled = db.prepare(
    'UPDATE campaign SET skipped = skipped + @n, pending = pending - @n WHERE id = @id',
  );

  return {
    'campaigns.insert': (
      campaign: Parameters<Campaigns['insert']>[0],
      requestId: string | null,
    ): CampaignRow => {
      const { changes, lastInsertRowid } = insert.run({
        ...campaign,
        message: JSON.stringify(campaign.message),
        audience: JSON.stringify(campaign.audience),
        pace: campaign.pace === null ? null : JSON.stringify(campaign.pace),
        ignoreCap: campaign.ignoreCap === true ? 1 : 0,
        requestId,
      });
      const id = changes > 0 ? Number(lastInsertRowid) : (byRequest.get(requestId ?? '') as number);
      const made = get(id);
      if (made === null) throw new Error('the campaign was not stored');
      return made;
    },
    'campaigns.edit': (id: number, change: Edit): CampaignRow | null => {
      const { changes } = edit.run({
        id,
        message: change.message ? JSON.stringify(change.message) : null,
        audience: change.audience ? JSON.stringify(change.audience) : null,
        setPace: change.pace === undefined ? 0 : 1,
        pace: change.pace ? JSON.stringify(change.pace) : null,
        ignoreCap: change.ignoreCap === undefined ? null : change.ignoreCap ? 1 : 0,
        setAt: change.at === undefined ? 0 : 1,
        at: change.at ?? null,
      });
      return changes > 0 ? get(id) : null;
    },
    'campaigns.removeDraft': (id: number): boolean => removeDraft.run(id).changes > 0,
    'campaigns.move': (
      id: number,
      from: CampaignState[],
      to: CampaignState,
      at: number,
    ): CampaignRow | null =>
      move.run({ id, from: JSON.stringify(from), to, at }).changes > 0 ? get(id) : null,

    'campaigns.cancel': db.transaction((id: number, at: number): CampaignRow | null => {
      const from = JSON.stringify(['draft', 'scheduled', 'sending', 'paused', 'halted']);
      if (move.run({ id, from, to: 'cancelled', at }).changes === 0) return null;
      for (const statement of unprepare) statement.run(id);
      const { changes } = skipPending.run({ at, id });
      countCancelled.run({ id, n: changes });
      return get(id);
    }),
  };
}
