import type { AttributeType, ImportColumn, ImportField } from '../../contract/imports.ts';

/** A tool whose export is known; docs/importing.md says where each is described. */
interface Layout {
  name: string;
  /** Columns that all have to be there. */
  has: string[];
  columns: Record<string, ImportField>;
}

const layouts: Layout[] = [
  {
    name: 'Belfry',
    has: ['endpoint', 'p256dh', 'auth', 'vapid_public_key', 'state'],
    columns: {
      endpoint: 'endpoint',
      p256dh: 'p256dh',
      auth: 'auth',
      vapid_public_key: 'vapidKey',
      state: 'state',
      external_id: 'externalId',
      tags: 'tags',
      attributes: 'attributes',
      language: 'language',
      country: 'country',
      time_zone: 'timeZone',
      browser: 'browser',
      browser_version: 'browserVersion',
      system: 'system',
      device: 'device',
      page: 'page',
      first_seen: 'firstSeen',
      last_seen: 'lastSeen',
      consent_version: 'consentVersion',
      consent_at: 'consentAt',
    },
  },
  {
    name: 'OneSignal',
    has: ['identifier', 'device_type'],
    columns: {
      identifier: 'endpoint',
      web_p256: 'p256dh',
      web_auth: 'auth',
      device_type: 'deviceType',
      invalid_identifier: 'unsubscribed',
      language: 'language',
      timezone_id: 'timeZone',
      country: 'country',
      external_user_id: 'externalId',
      tags: 'attributes',
      created_at: 'firstSeen',
      last_active: 'lastSeen',
    },
  },
  {
    name: 'Perfecty Push (WordPress)',
    has: ['endpoint', 'key_auth', 'key_p256dh'],
    columns: {
      endpoint: 'endpoint',
      key_p256dh: 'p256dh',
      key_auth: 'auth',
      is_active: 'subscribed',
      disabled: 'unsubscribed',
      creation_time: 'firstSeen',
    },
  },
  {
    name: 'Pushpad',
    has: ['endpoint', 'p256dh', 'auth', 'uid'],
    columns: {
      endpoint: 'endpoint',
      p256dh: 'p256dh',
      auth: 'auth',
      uid: 'externalId',
      tags: 'tags',
      created_at: 'firstSeen',
      last_click_at: 'lastSeen',
    },
  },
  {
    name: 'Laravel WebPush',
    has: ['endpoint', 'public_key', 'auth_token'],
    columns: {
      endpoint: 'endpoint',
      public_key: 'p256dh',
      auth_token: 'auth',
      created_at: 'firstSeen',
      updated_at: 'lastSeen',
    },
  },
];

/** What columns of no known tool are usually called, without case and punctuation. */
const usual: Record<string, ImportField> = {
  endpoint: 'endpoint',
  subscriptionendpoint: 'endpoint',
  pushendpoint: 'endpoint',
  p256dh: 'p256dh',
  keysp256dh: 'p256dh',
  subscriptionkeysp256dh: 'p256dh',
  keyp256dh: 'p256dh',
  p256dhkey: 'p256dh',
  auth: 'auth',
  keysauth: 'auth',
  subscriptionkeysauth: 'auth',
  keyauth: 'auth',
  authkey: 'auth',
  authtoken: 'auth',
  authsecret: 'auth',
  subscription: 'subscription',
  pushsubscription: 'subscription',
  vapidpublickey: 'vapidKey',
  applicationserverkey: 'vapidKey',
  optionsapplicationserverkey: 'vapidKey',
  externalid: 'externalId',
  externaluserid: 'externalId',
  userid: 'externalId',
  uid: 'externalId',
  tags: 'tags',
  attributes: 'attributes',
  language: 'language',
  lang: 'language',
  locale: 'language',
  country: 'country',
  countrycode: 'country',
  timezone: 'timeZone',
  timezoneid: 'timeZone',
  useragent: 'userAgent',
  browser: 'browser',
  page: 'page',
  createdat: 'firstSeen',
  firstseen: 'firstSeen',
  subscribedat: 'firstSeen',
  lastseen: 'lastSeen',
  lastactive: 'lastSeen',
  updatedat: 'lastSeen',
  consentversion: 'consentVersion',
  consentat: 'consentAt',
};

/** Fields that only one column can be. */
const many: ReadonlySet<ImportField> = new Set(['ignore', 'attribute']);

/**
 * Guesses what each column is, from the names and the first values. A column whose name says nothing is ignored:
 * nothing of a person is kept that nobody asked for.
 * @param samples the first values of each column
 */
export function guessColumns(
  names: string[],
  samples: string[][],
): { layout: string | null; columns: ImportColumn[] } {
  const layout = layouts.find(({ has }) => has.every((name) => names.includes(name)));
  const taken = new Set<ImportField>();
  const columns = names.map((column, i): ImportColumn => {
    const attribute = /^attributes?[:.](.{1,64})$/.exec(column)?.[1]?.trim();
    if (attribute) return { column, field: 'attribute', attribute, type: typeOf(samples[i] ?? []) };
    const plain = column.toLowerCase().replace(/[^a-z0-9]/g, '');
    const byName = layout?.columns[column] ?? (layout ? undefined : usual[plain]);
    const field = byName ?? 'ignore';
    if (taken.has(field) && !many.has(field)) return { column, field: 'ignore' };
    taken.add(field);
    return { column, field };
  });
  if (!taken.has('endpoint') && !taken.has('subscription')) {
    const at = samples.findIndex((values) => values.some((value) => /^https:\/\/[^/]+\/./.test(value)));
    const object = samples.findIndex((values) => values.some((value) => /^\s*\{.*"endpoint"/s.test(value)));
    const [index, field] = object >= 0 ? ([object, 'subscription'] as const) : ([at, 'endpoint'] as const);
    const column = names[index];
    if (column !== undefined && columns[index]?.field === 'ignore') columns[index] = { column, field };
  }
  return { layout: layout?.name ?? null, columns };
}

/** Text unless all values are numbers as a computer writes them, or all yes or no. */
function typeOf(values: string[]): AttributeType {
  const given = values.filter((value) => value !== '');
  if (given.length === 0) return 'text';
  if (given.every((value) => /^'?-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value))) return 'number';
  return given.every((value) => /^(true|false)$/i.test(value)) ? 'yes-no' : 'text';
}
