import type Database from 'better-sqlite3';
import {
  type Packed,
  type PastCampaign,
  type PastDelivery,
  type PracticePerson,
  unpack,
} from '../../core/ports/rehearsal.ts';
import { deliveryCode } from './delivery-rows.ts';
import { siteEraser } from './site-removal.ts';
import { endpointHash, stateCode } from './subscriber-rows.ts';

/** Where the core keeps what the rehearsal is; read as any setting. */
const SETTING = 'rehearsal';
/** Bytes of a database that is quickly written anew. */
const GIVE_BACK_BELOW = 100_000_000;

const counted = [
  'total',
  'pending',
  'accepted',
  'expired',
  'rejected',
  'failed',
  'skipped',
  'shown',
  'clicked',
  'closed',
  'unsubscribed',
] as const;
type Tally = Record<(typeof counted)[number] | 'bytes', number>;
const noTally = (): Tally => ({
  ...(Object.fromEntries(counted.map((name) => [name, 0])) as Omit<Tally, 'bytes'>),
  bytes: 0,
});

/** The making and removing of practice sites, in transactions short enough to let others in between. */
export function practiceWrites(db: Database.Database) {
  const isPractice = db.prepare<[number], number>('SELECT practice FROM site WHERE id = ?').pluck();
  const define = db.prepare(
    'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const forget = db.prepare('DELETE FROM setting WHERE name = ?');
  const insertCampaign = db.prepare(`
    INSERT INTO campaign (site_id, state, kind, message, audience, created_at, started_at, finished_at)
    VALUES (?, ?, 'campaign', ?, '{"everyone":true}', ?, ?, ?)`);
  const hold = db.prepare(`
    INSERT INTO service_hold (site_id, push_service, kind, until, reason, since) VALUES (?, ?, 'halt', NULL, ?, ?)
    ON CONFLICT DO NOTHING`);
  const insertPerson = db.prepare(`
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, state_reason, endpoint_hash, endpoint,
      push_service, p256dh, auth, browser, browser_version, system, device, language, country, time_zone, page,
      external_id, attributes, first_seen, last_seen)
    VALUES (@site, @vapidKey, @state, @stateSince, @stateReason, @hash, @endpoint, @pushService, @p256dh, @auth,
      @browser, @browserVersion, @system, @device, @language, @country, @timeZone, @page, @externalId, @attributes,
      @firstSeen, @lastSeen)`);
  const insertTag = db.prepare('INSERT INTO tag (site_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const tagId = db
    .prepare<[number, string], number>('SELECT id FROM tag WHERE site_id = ? AND name = ?')
    .pluck();
  const attach = db.prepare('INSERT INTO subscriber_tag (tag_id, subscriber_id) VALUES (?, ?)');
  const insertDelivery = db.prepare(`
    INSERT INTO delivery (campaign_id, subscriber_id, push_service, state, attempts, due_at, first_at, settled_at,
      status, reason, duration, bytes, shown_at, clicked_at, closed_at, left_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertAttempt = db.prepare(`
    INSERT INTO attempt (campaign_id, subscriber_id, number, at, status, reason, duration) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertClick = db.prepare(
    'INSERT INTO click (campaign_id, subscriber_id, action, at) VALUES (?, ?, ?, ?)',
  );
  const count = db.prepare(
    `UPDATE campaign SET ${counted.map((name) => `${name} = ${name} + @${name}`).join(', ')} WHERE id = @id`,
  );
  const countService = db.prepare(`
    INSERT INTO campaign_service (campaign_id, push_service, accepted, expired, rejected, failed, bytes)
    VALUES (@id, @service, @accepted, @expired, @rejected, @failed, @bytes)
    ON CONFLICT DO UPDATE SET accepted = accepted + excluded.accepted, expired = expired + excluded.expired,
      rejected = rejected + excluded.rejected, failed = failed + excluded.failed, bytes = bytes + excluded.bytes`);
  const erase = siteEraser(db);

  /** Real people must never get into a practice site's hands, nor its people into a real one's. */
  function require(site: number): void {
    if (isPractice.get(site) !== 1) throw new Error('This is no practice site.');
  }

  function tagger(site: number) {
    const known = new Map<string, number>();
    return (name: string): number => {
      const before = known.get(name);
      if (before !== undefined) return before;
      insertTag.run(site, name);
      const id = tagId.get(site, name) as number;
      known.set(name, id);
      return id;
    };
  }

  function addDelivery(
    campaign: number,
    subscriber: number,
    service: string,
    one: PastDelivery,
    tally: Tally,
  ) {
    const clickedAt = one.clicks?.[0]?.at ?? null;
    insertDelivery.run(
      campaign,
      subscriber,
      service,
      deliveryCode(one.state),
      one.attempts,
      one.firstAt ?? one.settledAt ?? 0,
      one.firstAt,
      one.settledAt,
      one.status,
      one.reason,
      one.status === null ? null : one.duration,
      one.status === null ? null : one.bytes,
      one.shownAt ?? null,
      clickedAt,
      one.closedAt ?? null,
      one.leftAt ?? null,
    );
    for (const { action, at } of one.clicks ?? []) insertClick.run(campaign, subscriber, action, at);
    const { status = null, reason = '', at: tries = [], duration = 0 } = one.tries ?? {};
    for (const [i, at] of tries.entries())
      insertAttempt.run(campaign, subscriber, i + 1, at, status, reason, duration);
    tally.bytes += one.status === null ? 0 : one.bytes * (1 + tries.length);
    tally.total++;
    tally[one.state]++;
    tally.shown += one.shownAt === undefined ? 0 : 1;
    tally.clicked += clickedAt === null ? 0 : 1;
    tally.closed += one.closedAt === undefined ? 0 : 1;
    tally.unsubscribed += one.leftAt === undefined ? 0 : 1;
  }

  return {
    'practice.define': (definition: string | null): void => {
      if (definition === null) forget.run(SETTING);
      else define.run(SETTING, definition);
    },

    'practice.addCampaigns': db.transaction((site: number, campaigns: PastCampaign[]): number[] => {
      require(site);
      return campaigns.map((campaign) => {
        for (const { pushService, reason } of campaign.holds)
          hold.run(site, pushService, reason, campaign.startedAt ?? campaign.createdAt);
        const { lastInsertRowid } = insertCampaign.run(
          site,
          campaign.state,
          JSON.stringify(campaign.message),
          campaign.createdAt,
          campaign.startedAt,
          campaign.finishedAt === null ? null : Math.floor(campaign.finishedAt),
        );
        return Number(lastInsertRowid);
      });
    }),

    'practice.addPeople': db.transaction(
      (site: number, vapidKey: number, campaigns: number[], packed: Packed<PracticePerson[]>): void => {
        require(site);
        const tagOf = tagger(site);
        const tallies = campaigns.map(() => new Map<string, Tally>());
        for (const { deliveries, tags, ...person } of unpack(packed)) {
          const { lastInsertRowid } = insertPerson.run({
            ...person,
            site,
            vapidKey,
            state: stateCode(person.state),
            hash: endpointHash(person.endpoint),
            p256dh: Buffer.from(person.p256dh, 'base64url'),
            auth: Buffer.from(person.auth, 'base64url'),
            attributes: JSON.stringify(person.attributes),
          });
          const id = Number(lastInsertRowid);
          for (const tag of tags) attach.run(tagOf(tag), id);
          for (const delivery of deliveries) {
            const [campaign, services] = [campaigns[delivery.campaign], tallies[delivery.campaign]];
            if (campaign === undefined || services === undefined) throw new Error('No such campaign.');
            const tally = services.get(person.pushService) ?? noTally();
            services.set(person.pushService, tally);
            addDelivery(campaign, id, person.pushService, delivery, tally);
          }
        }
        for (const [i, id] of campaigns.entries())
          for (const [service, tally] of tallies[i] ?? []) {
            count.run({ id, ...tally });
            countService.run({ id, service, ...tally });
          }
      },
    ),

    'practice.erase': db.transaction((site: number): number | null => {
      require(site);
      return erase(site);
    }),

    'practice.giveBack': (): void => {
      const pragma = (name: string) => db.pragma(name, { simple: true }) as number;
      const pages = pragma('page_count');
      const used = pages - pragma('freelist_count');
      // it costs the time of writing all that stays; else the room is used again by what comes
      if (used < pages / 2 && used * pragma('page_size') < GIVE_BACK_BELOW) db.exec('VACUUM');
    },
  };
}
