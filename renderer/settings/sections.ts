/** The parts of the settings, by the name that an address has for each: with what is in it, for who searches. */
export const sections = [
  { id: 'site', title: 'Site', about: 'Name, website addresses, contact' },
  { id: 'visitors', title: 'Visitors', about: 'What browsers may set: tags, attributes, worker' },
  { id: 'identity', title: 'Who a visitor is', about: 'External ids, signatures, identity secret' },
  { id: 'frequency-cap', title: 'How often', about: 'Frequency cap: campaigns per person, day and week' },
  { id: 'key-pair', title: 'Key pair (VAPID)', about: 'Public key, export the private key' },
  { id: 'keys', title: 'Keys of this site', about: 'Bring a key in, change the key, rotation' },
  { id: 'api-keys', title: 'API keys', about: 'Make, list and revoke keys for your server' },
  { id: 'push-services', title: 'Push services', about: 'Allowed hosts' },
  { id: 'kept', title: 'What is kept', about: 'Retention: deliveries, ended subscriptions' },
  { id: 'window', title: 'This window', about: 'Scheme, light, dark, single-key shortcuts' },
  { id: 'about', title: 'About', about: 'Version, data folder, addresses' },
  { id: 'delete', title: 'Delete this site', about: 'With its people, campaigns and keys' },
] as const;
export type SectionId = (typeof sections)[number]['id'];

export interface SettingsSearch {
  section?: SectionId | undefined;
}
/** What of an address belongs to the settings. */
export const readSettingsSearch = (search: Record<string, unknown>): SettingsSearch => ({
  section: sections.find(({ id }) => id === search['section'])?.id,
});
