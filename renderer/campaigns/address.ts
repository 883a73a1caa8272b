import type { CampaignState, DeliveryState } from '../../main/contract/campaigns.ts';
import { oneOf } from '../parts/address.ts';

export const campaignViews = [
  'draft',
  'scheduled',
  'sending',
  'paused',
  'halted',
  'finished',
  'cancelled',
] as const satisfies CampaignState[];
export const deliveryViews = [
  'pending',
  'accepted',
  'expired',
  'rejected',
  'failed',
  'skipped',
] as const satisfies DeliveryState[];
export const tabs = ['results', 'deliveries', 'message'] as const;

export interface CampaignsSearch {
  state?: CampaignState | undefined;
}
/** What of an address belongs to the list of campaigns. */
export const readCampaignsSearch = (search: Record<string, unknown>): CampaignsSearch => ({
  state: oneOf(campaignViews, search['state']),
});

export interface CampaignSearch {
  tab?: (typeof tabs)[number] | undefined;
  state?: DeliveryState | undefined;
}
/** What of an address belongs to one campaign. */
export const readCampaignSearch = (search: Record<string, unknown>): CampaignSearch => ({
  tab: oneOf(tabs, search['tab']),
  state: oneOf(deliveryViews, search['state']),
});
