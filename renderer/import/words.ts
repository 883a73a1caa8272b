import type { ImportCounts, ImportField, ImportState } from '../../main/contract/imports.ts';
import { formatNumber, people } from '../parts/format.ts';

export const fieldWords: Record<ImportField, string> = {
  ignore: 'Leave out',
  endpoint: 'Endpoint',
  p256dh: 'Key p256dh',
  auth: 'Key auth',
  subscription: 'Whole subscription (JSON)',
  vapidKey: 'VAPID public key',
  externalId: 'External id',
  tags: 'Tags',
  attributes: 'Attributes (JSON)',
  attribute: 'An attribute',
  language: 'Language',
  country: 'Country',
  timeZone: 'Time zone',
  userAgent: 'User agent',
  browser: 'Browser',
  browserVersion: 'Browser version',
  system: 'System',
  device: 'Device',
  page: 'Page',
  firstSeen: 'Subscribed at',
  lastSeen: 'Last seen at',
  consentVersion: 'Consent: wording',
  consentAt: 'Consent: when',
  state: 'State',
  deviceType: 'Channel or device type',
  subscribed: 'Still subscribed (yes/no)',
  unsubscribed: 'Unsubscribed (yes/no)',
};

export const importStateWords: Record<ImportState, string> = {
  receiving: 'Not complete',
  ready: 'Ready',
  checking: 'Being tried',
  checked: 'Tried',
  importing: 'Being imported',
  undoing: 'Being taken back',
  finished: 'Imported',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  failed: 'Not imported',
  undone: 'Taken back',
};

/** What a dry run found, or what an import did, in one sentence. */
export function countWords(counts: ImportCounts, isDone: boolean): string {
  const { rows, added, filled, known, refused } = counts;
  const said = [isDone ? `${people(added)} added` : `${people(added)} would be added`];
  if (filled > 0) said.push(`${formatNumber(filled)} filled in`);
  if (known > 0) said.push(`${formatNumber(known)} here already`);
  if (refused > 0) said.push(`${formatNumber(refused)} refused`);
  return `${formatNumber(rows)} ${rows === 1 ? 'row' : 'rows'}: ${said.join(', ')}.`;
}
