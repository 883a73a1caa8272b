import type Database from 'better-sqlite3';
import type { CampaignRow, Deliveries } from '../../core/ports/storage.ts';
import { campaignGetter } from './campaigns.ts';

type Reports = Parameters<Deliveries['report']>[0];

/** What browsers report of deliveries: each of shown, clicked (by action) and closed counts once. */
export function reportWrites(db: Database.Database) {
  const get = campaignGetter(db);
  const first = (column: string) =>
    db.prepare(
      `UPDATE delivery SET ${column} = ? WHERE campaign_id = ? AND subscriber_id = ? AND ${column} IS NULL AND state <> 6`,
    );
  const mark = { shown: first('shown_at'), clicked: first('clicked_at'), closed: first('closed_at') };
  const exists = db.prepare(
    'SELECT 1 FROM delivery WHERE campaign_id = ? AND subscriber_id = ? AND state <> 6',
  );
  // only actions that the message has: a stranger with one token must not fill the table with others
  const click = db.prepare(`
    INSERT INTO click (campaign_id, subscriber_id, action, at) SELECT @campaign, @subscriber, @action, @at
    WHERE @action = '' OR EXISTS (SELECT 1 FROM campaign c, json_each(c.message, '$.actions') a
                                  WHERE c.id = @campaign AND a.value ->> 'action' = @action)
    ON CONFLICT DO NOTHING`);
  const count = db.prepare(
    'UPDATE campaign SET shown = shown + @shown, clicked = clicked + @clicked, closed = closed + @closed WHERE id = @id',
  );

  return {
    'deliveries.report': db.transaction((reports: Reports): CampaignRow[] => {
      const tallies = new Map<number, { shown: number; clicked: number; closed: number }>();
      for (const { campaign, subscriber, type, action, at } of reports) {
        const tally = tallies.get(campaign) ?? { shown: 0, clicked: 0, closed: 0 };
        tally[type] += mark[type].run(at, campaign, subscriber).changes;
        if (type === 'clicked' && exists.get(campaign, subscriber) !== undefined)
          click.run({ campaign, subscriber, action, at });
        tallies.set(campaign, tally);
      }
      const changed: CampaignRow[] = [];
      for (const [id, tally] of tallies) {
        if (tally.shown + tally.clicked + tally.closed === 0) continue;
        count.run({ id, ...tally });
        const campaign = get(id);
        if (campaign !== null) changed.push(campaign);
      }
      return changed;
    }),
  };
}
