import type Database from 'better-sqlite3';
import type { SubscriberState } from '../../contract/subscribers.ts';
import type { SubscriberRow, Subscribers } from '../../core/ports/storage.ts';
import {
  EXPIRED,
  endpointHash,
  endpointMac,
  SELECT_SUBSCRIBER,
  type StoredSubscriber,
  stateCode,
  toSubscriber,
  UNSUBSCRIBED,
} from './subscriber-rows.ts';
import { tagWriter } from './tags.ts';

type Change = Parameters<Subscribers['change']>[1];

/** Someone who leaves within a day of a message counts with that campaign. */
const LEFT_BECAUSE_OF = 24 * 60 * 60 * 1000;

/** Changes to single subscribers: by the operator, by the site's server, or by the person who leaves. */
export function subscriberChanges(db: Database.Database, secret: Uint8Array) {
  const one = db.prepare<[number], StoredSubscriber>(`${SELECT_SUBSCRIBER} WHERE s.id = ?`);
  const byEndpoint = db.prepare<
    [number, Uint8Array],
    { id: number; state: number; state_reason: string | null }
  >('SELECT id, state, state_reason FROM subscriber WHERE site_id = ? AND endpoint_hash = ?');
  const change = db.prepare(`
    UPDATE subscriber SET external_id = iif(@setExternalId, @externalId, external_id),
      attributes = coalesce(@attributes, attributes), language = coalesce(@language, language),
      time_zone = coalesce(@timeZone, time_zone), country = iif(@timeZone IS NULL, country, @country),
      test_device = coalesce(@testDevice, test_device)
    WHERE id = @id`);
  const setState = db.prepare(
    'UPDATE subscriber SET state = ?, state_reason = ?, state_since = ? WHERE id = ?',
  );
  const setStateFrom = db.prepare(`
    UPDATE subscriber SET state = ?, state_reason = ?, state_since = ? WHERE id = ? AND state = ? AND state_reason IS ?`);
  // campaigns are few beside subscribers: a look-up in each recent one beats an index over all deliveries
  const lastDelivery = db.prepare<[number, number, number], { campaign_id: number }>(`
    SELECT d.campaign_id FROM campaign c JOIN delivery d ON d.campaign_id = c.id AND d.subscriber_id = ?
    WHERE c.site_id = (SELECT site_id FROM subscriber WHERE id = d.subscriber_id) AND d.state = 2 AND d.left_at IS NULL
      AND d.settled_at > ? AND c.id > (SELECT coalesce(max(id), 0) FROM campaign) - ?
    ORDER BY c.id DESC LIMIT 1`);
  const markLeft = db.prepare('UPDATE delivery SET left_at = ? WHERE campaign_id = ? AND subscriber_id = ?');
  const countLeft = db.prepare('UPDATE campaign SET unsubscribed = unsubscribed + 1 WHERE id = ?');
  const tags = tagWriter(db);
  const erase = personEraser(db, secret);

  const get = (id: number): SubscriberRow | null => {
    const row = one.get(id);
    return row ? toSubscriber(row) : null;
  };

  return {
    'subscribers.change': db.transaction((id: number, wanted: Change): SubscriberRow | null => {
      const before = get(id);
      if (before === null) return null;
      change.run({
        id,
        setExternalId: wanted.externalId === undefined ? 0 : 1,
        externalId: wanted.externalId ?? null,
        attributes: wanted.attributes ? JSON.stringify({ ...before.attributes, ...wanted.attributes }) : null,
        language: wanted.language ?? null,
        timeZone: wanted.timeZone ?? null,
        country: wanted.country ?? null,
        testDevice: wanted.testDevice === undefined ? null : Number(wanted.testDevice),
      });
      if (wanted.tags !== undefined) tags.replace(before.site, id, wanted.tags);
      return get(id);
    }),

    'subscribers.leave': db.transaction((site: number, endpoint: string, at: number): number | null => {
      const known = byEndpoint.get(site, endpointHash(endpoint));
      if (known === undefined) return null;
      if (known.state === UNSUBSCRIBED && known.state_reason === 'left') return known.id;
      // also of someone removed before: now it is their own wish, which no operator takes back
      setState.run(UNSUBSCRIBED, 'left', at, known.id);
      const campaign = lastDelivery.get(known.id, at - LEFT_BECAUSE_OF, 500)?.campaign_id;
      if (campaign !== undefined) {
        markLeft.run(at, campaign, known.id);
        countLeft.run(campaign);
      }
      return known.id;
    }),

    'subscribers.lose': db.transaction((site: number, endpoint: string, at: number): number | null => {
      const known = byEndpoint.get(site, endpointHash(endpoint));
      if (known === undefined || known.state === UNSUBSCRIBED || known.state === EXPIRED) return null;
      setState.run(EXPIRED, 'lost', at, known.id);
      return known.id;
    }),

    'subscribers.setState': (
      { id, state: was, stateReason: since }: Parameters<Subscribers['setState']>[0],
      state: SubscriberState,
      reason: string | null,
      at: number,
    ): SubscriberRow | null =>
      setStateFrom.run(stateCode(state), reason, at, id, stateCode(was), since).changes > 0 ? get(id) : null,

    'subscribers.erase': db.transaction(erase),
  };
}

/** Gives a function that deletes someone, within a transaction of the caller's, and keeps the hash of their endpoint. */
export function personEraser(db: Database.Database, secret: Uint8Array): (id: number, at: number) => boolean {
  const one = db.prepare<[number], { site_id: number; endpoint: string }>(
    'SELECT site_id, endpoint FROM subscriber WHERE id = ?',
  );
  // before they are deleted, so that the tally of people has the time (migration 0002)
  const markErased = db.prepare(`
    UPDATE subscriber SET state = ${UNSUBSCRIBED}, state_reason = 'erased', state_since = ? WHERE id = ?`);
  const remove = db.prepare('DELETE FROM subscriber WHERE id = ?');
  const noteErasure = db.prepare(
    'INSERT INTO erased (site_id, endpoint_mac, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at',
  );
  return (id, at) => {
    const row = one.get(id);
    if (row === undefined) return false;
    noteErasure.run(row.site_id, endpointMac(secret, row.endpoint), at);
    markErased.run(at, id);
    remove.run(id);
    return true;
  };
}
