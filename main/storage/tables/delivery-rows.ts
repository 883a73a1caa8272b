import type { DeliveryState } from '../../contract/campaigns.ts';
import type { DeliveryRow } from '../../core/ports/storage.ts';

/** How the state of a delivery lies in the table. Under way counts as pending to everyone outside. */
export const PENDING = 0;
export const UNDER_WAY = 1;
export const ACCEPTED = 2;
export const SKIPPED = 6;
const names: DeliveryState[] = ['pending', 'pending', 'accepted', 'expired', 'rejected', 'failed', 'skipped'];

export const deliveryState = (code: number): DeliveryState => names[code] ?? 'pending';
/** @returns the code of a state; for `pending` the one that can be claimed */
export const deliveryCode = (state: DeliveryState): number =>
  state === 'pending' ? PENDING : names.lastIndexOf(state);

export interface StoredDelivery {
  campaign_id: number;
  subscriber_id: number;
  push_service: string;
  state: number;
  attempts: number;
  repeated: number;
  due_at: number;
  settled_at: number | null;
  status: number | null;
  reason: string | null;
  duration: number | null;
  bytes: number | null;
  shown_at: number | null;
  clicked_at: number | null;
  closed_at: number | null;
  subscriber_exists: number;
}

export const SELECT_DELIVERY = `
  SELECT d.*, EXISTS (SELECT 1 FROM subscriber s WHERE s.id = d.subscriber_id) AS subscriber_exists FROM delivery d`;

export const toDelivery = (row: StoredDelivery): DeliveryRow => ({
  campaign: row.campaign_id,
  subscriber: row.subscriber_id,
  pushService: row.push_service,
  state: deliveryState(row.state),
  status: row.status,
  reason: row.reason,
  attempts: row.attempts,
  repeated: row.repeated === 1,
  settledAt: row.settled_at,
  dueAt: row.state === PENDING && row.attempts > 0 ? row.due_at : null,
  duration: row.duration,
  bytes: row.bytes,
  shownAt: row.shown_at,
  clickedAt: row.clicked_at,
  closedAt: row.closed_at,
  exists: row.subscriber_exists === 1,
});
