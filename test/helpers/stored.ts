import { randomBytes } from 'node:crypto';
import type { CampaignRow, NewSiteRow, Registration } from '../../main/core/ports/storage.ts';

/** What tests hand to the storage's port themselves: a site, people of whom nothing is known, a campaign to everyone. */

/** @param createdAt milliseconds since the epoch */
export const newSite = (createdAt = 1): NewSiteRow => ({
  key: randomBytes(8).toString('hex'),
  name: 'Site',
  origins: ['https://a.example'],
  subject: 'mailto:a@b.example',
  settings: { visitorTags: [], visitorAttributes: [], requireSignedExternalId: true, workerPath: '/sw.js' },
  practice: false,
  identitySecret: randomBytes(32),
  vapidKey: { publicKey: randomBytes(65), privateKey: randomBytes(32) },
  createdAt,
});

export const nothingKnown: Registration['facts'] = {
  browser: null,
  browserVersion: null,
  system: null,
  device: null,
  language: null,
  country: null,
  timeZone: null,
  page: null,
  externalId: null,
  attributes: null,
  tags: null,
  consentVersion: null,
};

/** Someone who subscribes. Their keys are of the right length only. */
export const registration = (
  site: number,
  vapidKey: number,
  endpoint: string,
  more: Partial<Registration> = {},
): Registration => ({
  site,
  vapidKey,
  endpoint,
  oldEndpoint: null,
  pushService: 'fcm',
  p256dh: randomBytes(65),
  auth: randomBytes(16),
  intent: 'subscribe',
  facts: nothingKnown,
  at: 1,
  ...more,
});

/** A campaign to everyone that has not begun. @param createdAt milliseconds since the epoch */
export const newDraft = (
  site: number,
  createdAt = 1,
): Pick<CampaignRow, 'site' | 'state' | 'kind' | 'message' | 'audience' | 'pace' | 'at' | 'createdAt'> => ({
  site,
  state: 'draft',
  kind: 'campaign',
  message: { title: 'x' },
  audience: { everyone: true },
  pace: null,
  at: null,
  createdAt,
});
