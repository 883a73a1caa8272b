import type { Retention } from '../../contract/system.ts';
import type { Keep, Storage } from '../ports/storage.ts';

/** What is kept unless the operator says otherwise: docs/operating.md says what that takes on the disk. */
export const usualRetention: Retention = { deliveryDays: 90, deliveries: 50_000_000, expiredDays: 180 };

const SETTING = 'retention';
const DAY = 24 * 60 * 60 * 1000;

export async function readRetention({ access }: Pick<Storage, 'access'>): Promise<Retention> {
  const text = await access.setting(SETTING);
  return text === null ? usualRetention : { ...usualRetention, ...JSON.parse(text) };
}

export const writeRetention = ({ access }: Pick<Storage, 'access'>, retention: Retention): Promise<void> =>
  access.setSetting(SETTING, JSON.stringify(retention));

export const keepOf = ({ deliveryDays, deliveries }: Retention, now: number): Keep => ({
  finishedAfter: deliveryDays === null ? Number.MIN_SAFE_INTEGER : now - deliveryDays * DAY,
  deliveries,
});

/** Who expired before this goes; null: nobody does. */
export const expiredBefore = ({ expiredDays }: Retention, now: number): number | null =>
  expiredDays === null ? null : now - expiredDays * DAY;
