import type Database from 'better-sqlite3';
import type { ServiceCounts } from '../../core/ports/storage.ts';

/** How many of a site's campaigns tell what share of gone subscribers is usual. */
const HISTORY = 20;

export function campaignServiceReads(db: Database.Database) {
  const services = db.prepare<[number], Omit<ServiceCounts, 'goneIsReal'> & { goneIsReal: number }>(`
    SELECT push_service AS pushService, accepted, expired, rejected, failed, bytes, gone_is_real AS goneIsReal
    FROM campaign_service WHERE campaign_id = ? ORDER BY push_service`);
  const before = db.prepare<[number, number], { pushService: string; gone: number; answered: number }>(`
    SELECT push_service AS pushService, sum(expired) AS gone, sum(accepted + expired) AS answered
    FROM campaign_service WHERE campaign_id IN (
      SELECT c.id FROM campaign c JOIN campaign this ON this.id = ?
      WHERE c.site_id = this.site_id AND c.id < this.id ORDER BY c.id DESC LIMIT ?)
    GROUP BY push_service`);
  return {
    'campaigns.services': (id: number): ServiceCounts[] =>
      services.all(id).map((row) => ({ ...row, goneIsReal: row.goneIsReal === 1 })),
    'campaigns.goneBefore': (id: number) => before.all(id, HISTORY),
  };
}

export function campaignServiceWrites(db: Database.Database) {
  const trust = db.prepare(`
    INSERT INTO campaign_service (campaign_id, push_service, gone_is_real) VALUES (?, ?, 1)
    ON CONFLICT DO UPDATE SET gone_is_real = 1`);
  return {
    'campaigns.trustGone': (id: number, pushService: string): void => {
      trust.run(id, pushService);
    },
  };
}
