import type Database from 'better-sqlite3';
import type { AudienceRow, CampaignRow } from '../../core/ports/storage.ts';
import { audienceSql } from './audience.ts';
import { campaignGetter } from './campaigns.ts';
import { SKIPPED } from './delivery-rows.ts';
import { cappedBy } from './frequency-cap.ts';
import { ACTIVE } from './subscriber-rows.ts';

/** A site with no more people than this, and people who are named, are one short transaction. */
const AT_ONCE = 2000;
/** People of one statement, and milliseconds for which one piece goes on: others wait as long. */
const PEOPLE = 500;
const TIME = 40;

interface Preparation {
  audience: AudienceRow;
  /** The newest person there was when it began: nobody who came later gets it. */
  lastId: number;
}

export function snapshotReads(db: Database.Database) {
  const get = db.prepare<[number], { audience: string; last_id: number }>(
    'SELECT audience, last_id FROM preparation WHERE campaign_id = ?',
  );
  const reached = db
    .prepare<[number], number | null>('SELECT max(subscriber_id) FROM delivery WHERE campaign_id = ?')
    .pluck();
  return {
    'campaigns.preparation': (id: number): Preparation | null => {
      const row = get.get(id);
      return row ? { audience: JSON.parse(row.audience), lastId: row.last_id } : null;
    },
    'campaigns.unprepared': (
      site: number,
      id: number,
      { audience, lastId }: Preparation,
    ): Float64Array<ArrayBuffer> => {
      const { from, values } = audienceSql(audience, id);
      // + keeps the way that is best for the audience, which is seldom by id
      const ids = db
        .prepare<[Record<string, unknown>], number>(
          `SELECT s.id FROM ${from} AND +s.id > @after AND +s.id <= @lastId`,
        )
        .pluck()
        .all({ site, ...values, after: reached.get(id) ?? 0, lastId });
      return Float64Array.from(ids).sort();
    },
  };
}

/** The deliveries of a campaign that begins: at once for few people, a piece at a time for many. */
export function snapshotWrites(db: Database.Database) {
  const get = campaignGetter(db);
  const capped = cappedBy(db);
  const begin = db.prepare<[Record<string, unknown>], { site_id: number; exempt: number }>(`
    UPDATE campaign SET state = 'sending', started_at = @at WHERE id = @id AND state IN ('draft', 'scheduled')
    RETURNING site_id, ignore_cap = 1 OR kind <> 'campaign' AS exempt`);
  const isLarge = db
    .prepare<[number], number>(
      `SELECT count(*) > ${AT_ONCE} FROM (SELECT 1 FROM subscriber WHERE site_id = ? LIMIT ${AT_ONCE + 1})`,
    )
    .pluck();
  const prepare = db.prepare(`
    INSERT INTO preparation (campaign_id, audience, at, last_id)
    VALUES (@id, @audience, @at, (SELECT coalesce(max(id), 0) FROM subscriber))`);
  const going = db.prepare<[number], { site_id: number; exempt: number; at: number }>(`
    SELECT c.site_id, c.ignore_cap = 1 OR c.kind <> 'campaign' AS exempt, p.at
    FROM preparation p JOIN campaign c ON c.id = p.campaign_id WHERE c.id = ? AND c.state = 'sending'`);
  const count = db.prepare(`
    UPDATE campaign SET (total, pending, skipped) = (
      SELECT count(*), count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = ${SKIPPED})
      FROM delivery WHERE campaign_id = @id) WHERE id = @id`);
  const add = db.prepare(`
    UPDATE campaign SET total = total + @made, pending = pending + @made - @skipped, skipped = skipped + @skipped
    WHERE id = @id`);
  const skippedIn = db
    .prepare<[Record<string, number>], number>(
      `SELECT count(*) FROM delivery WHERE campaign_id = @id AND subscriber_id BETWEEN @first AND @last AND state = ${SKIPPED}`,
    )
    .pluck();
  const goesOn = db.prepare('UPDATE campaign SET preparing = @people WHERE id = @id');
  const end = db.prepare('DELETE FROM preparation WHERE campaign_id = ?');

  /**
   * @param from who, after FROM, with `subscriber` as `s`
   * @param cap a condition on `s`: who is spared
   */
  const insert = (from: string, cap: string | undefined) =>
    // due since ever: a clock that is set back later must not hold up what was never tried
    db.prepare(`
      WITH chosen AS MATERIALIZED (SELECT s.id, s.push_service, CASE s.state WHEN 2 THEN 'expired' WHEN 3 THEN 'left'
          WHEN 4 THEN 'key-mismatch' ELSE iif(${cap ?? 0}, 'capped', NULL) END AS reason
        FROM ${from} ORDER BY s.id)
      INSERT OR IGNORE INTO delivery (campaign_id, subscriber_id, push_service, state, due_at, settled_at, reason)
      SELECT @id, id, push_service, iif(reason IS NULL, 0, ${SKIPPED}), 0, iif(reason IS NULL, NULL, @at), reason
      FROM chosen`);

  return {
    'campaigns.snapshot': db.transaction(
      (id: number, audience: AudienceRow, at: number): CampaignRow | null => {
        const begun = begin.get({ id, at });
        if (begun === undefined) return null;
        const site = begun.site_id;
        if ('where' in audience && isLarge.get(site) === 1) {
          prepare.run({ id, audience: JSON.stringify(audience), at });
          goesOn.run({ id, people: 0 });
          return get(id);
        }
        const { from, values } = audienceSql(audience, id);
        const cap = begun.exempt === 1 ? null : capped(site, id, at);
        insert(from, cap?.sql).run({ id, at, site, ...values, ...cap?.values });
        count.run({ id });
        return get(id);
      },
    ),

    'campaigns.prepare': db.transaction(
      (
        id: number,
        ids: Float64Array,
        people: number,
        isLast: boolean,
      ): { taken: number; campaign: CampaignRow } | null => {
        const until = performance.now() + TIME;
        const campaign = going.get(id);
        if (campaign === undefined) return null;
        const { site_id: site, at } = campaign;
        const cap = campaign.exempt === 1 ? null : capped(site, id, at);
        // who left since is left out, as if it had begun after that
        const statement = insert(
          `json_each(@ids) i CROSS JOIN subscriber s ON s.id = i.value WHERE s.site_id = @site AND s.state = ${ACTIVE}`,
          cap?.sql,
        );
        let taken = 0;
        while (taken < ids.length && performance.now() < until) {
          const some = [...ids.subarray(taken, taken + PEOPLE)];
          const { changes } = statement.run({ id, at, site, ids: JSON.stringify(some), ...cap?.values });
          const [first = 0, last = 0] = [some[0], some.at(-1)];
          add.run({ id, made: changes, skipped: cap === null ? 0 : skippedIn.get({ id, first, last }) });
          taken += some.length;
        }
        const isOver = isLast && taken === ids.length;
        if (isOver) end.run(id);
        goesOn.run({ id, people: isOver ? null : people });
        return { taken, campaign: get(id) as CampaignRow };
      },
    ),
  };
}
