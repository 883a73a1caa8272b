import { createHmac, type KeyObject } from 'node:crypto';
import { subscriberStates } from '../../contract/subscribers.ts';
import type { SubscriberRow } from '../../core/ports/storage.ts';

/** A subscriber as it lies in the table, with its tags as a JSON list. */
export interface StoredSubscriber {
  id: number;
  site_id: number;
  vapid_key_id: number;
  state: number;
  state_since: number;
  state_reason: string | null;
  endpoint: string;
  push_service: string;
  p256dh: Uint8Array;
  auth: Uint8Array;
  browser: string | null;
  browser_version: string | null;
  system: string | null;
  device: string | null;
  language: string | null;
  country: string | null;
  time_zone: string | null;
  page: string | null;
  external_id: string | null;
  attributes: string;
  consent_version: string | null;
  consent_at: number | null;
  test_device: number;
  first_seen: number;
  last_seen: number;
  tags: string;
}

export const SELECT_SUBSCRIBER = `
  SELECT s.*, (SELECT json_group_array(t.name ORDER BY t.name) FROM subscriber_tag st JOIN tag t ON t.id = st.tag_id
               WHERE st.subscriber_id = s.id) AS tags
  FROM subscriber s`;

/** States lie in the table as their position in the contract's list. */
export const stateCode = (state: (typeof subscriberStates)[number]) => subscriberStates.indexOf(state);
export const everyState = subscriberStates.map((_, code) => code);
export const ACTIVE = stateCode('active');
export const EXPIRED = stateCode('expired');
export const UNSUBSCRIBED = stateCode('unsubscribed');
export const QUARANTINED = stateCode('quarantined');

export const toSubscriber = (row: StoredSubscriber): SubscriberRow => ({
  id: row.id,
  site: row.site_id,
  vapidKey: row.vapid_key_id,
  endpoint: row.endpoint,
  pushService: row.push_service,
  p256dh: row.p256dh,
  auth: row.auth,
  state: subscriberStates[row.state] ?? 'expired',
  stateReason: row.state_reason,
  stateSince: row.state_since,
  browser: row.browser,
  browserVersion: row.browser_version,
  system: row.system,
  device: row.device,
  language: row.language,
  country: row.country,
  timeZone: row.time_zone,
  page: row.page,
  externalId: row.external_id,
  attributes: JSON.parse(row.attributes),
  tags: JSON.parse(row.tags),
  consentVersion: row.consent_version,
  consentAt: row.consent_at,
  testDevice: row.test_device === 1,
  firstSeen: row.first_seen,
  lastSeen: row.last_seen,
});

export { endpointHash } from '../../core/subscribers/endpoint-hash.ts';

/** What remains of the endpoint of someone erased: worthless without this database's secret. */
export const endpointMac = (secret: Uint8Array | KeyObject, endpoint: string) =>
  createHmac('sha256', secret).update('erased\0').update(endpoint).digest();
