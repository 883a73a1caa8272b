import type { ImportColumn, ImportField } from '../../contract/imports.ts';
import type { Attributes } from '../../contract/subscribers.ts';
import type { ImportRow } from '../ports/import-rows.ts';
import type { Push } from '../ports/push.ts';
import { Refusal } from '../refusal.ts';
import { type Countries, canonicalLanguage, canonicalTimeZone, deviceOf } from '../subscribers/derived.ts';
import { endpointHash } from '../subscribers/endpoint-hash.ts';
import { checkSubscription } from '../subscribers/subscription.ts';
import { BadRow, type RowRefusal } from './bad-row.ts';
import { Seen } from './seen.ts';
import { attributesOf, flagOf, tagsOf, timeOf, typed, unspoilt } from './values.ts';

export interface RowSurroundings {
  columns: ImportColumn[];
  keys: { publicKey: string; id: number }[];
  vapidKey: number;
  tags: string[];
  /** Cells may have an apostrophe before them, against spreadsheets. */
  isSpreadsheet: boolean;
  push: Pick<Push, 'recognise'>;
  countries: Countries;
  now: number;
}

/** The numbers by which OneSignal tells channels apart (its documentation of the CSV export). */
const nativeDevices = new Set(['0', '1', '2', '3', '4', '6', '9', '10', '13']);
const safariDevices = new Set(['7', '17']);

/** Answers of pure functions that are slow, for the values that occur again and again. */
function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = work(text);
    if (known.size >= 5000) known.clear();
    known.set(text, value);
    return value;
  };
}

/**
 * Reads rows one by one, each checked exactly as a subscription at the public door. Remembers the endpoints, so
 * that a second row of the same one is refused.
 */
export function rowReader(surroundings: RowSurroundings) {
  const { columns, push, now } = surroundings;
  const seen = new Seen();
  const plain = surroundings.isSpreadsheet ? unspoilt : (text: string) => text;
  const at = (field: ImportField) => columns.findIndex((column) => column.field === field);
  const index = Object.fromEntries(
    [
      ...['endpoint', 'p256dh', 'auth', 'subscription', 'vapidKey', 'externalId', 'tags', 'attributes'],
      ...['language', 'country', 'timeZone', 'userAgent', 'browser', 'browserVersion', 'system', 'device'],
      ...['page', 'firstSeen', 'lastSeen', 'consentVersion', 'consentAt', 'state', 'deviceType'],
      ...['subscribed', 'unsubscribed'],
    ].map((field) => [field, at(field as ImportField)]),
  ) as Record<Exclude<ImportField, 'ignore' | 'attribute'>, number>;
  const attributes = columns.flatMap((column, i) =>
    column.field === 'attribute' ? [{ i, name: column.attribute ?? column.column, type: column.type }] : [],
  );
  const keys = new Map(surroundings.keys.map(({ publicKey, id }) => [publicKey, id]));
  const language = remembered(canonicalLanguage);
  const timeZone = remembered(canonicalTimeZone);
  const device = remembered(deviceOf);

  function read(cells: readonly string[]): ImportRow {
    const cell = (field: keyof typeof index): string | null => {
      const i = index[field];
      const text = i < 0 ? undefined : cells[i];
      return text === undefined || text === '' || text === 'NULL' || text === '\\N' ? null : plain(text);
    };
    const short = (field: keyof typeof index, longest: number): string | null => {
      const text = cell(field)?.trim() ?? null;
      if (text !== null && text.length > longest)
        throw new BadRow('bad-value', `${nameOf(field)}: longer than ${longest} characters`);
      return text;
    };
    const nameOf = (field: keyof typeof index) => columns[index[field]]?.column ?? field;
    const time = (field: keyof typeof index): number | null => {
      const text = cell(field);
      const when = text === null ? null : timeOf(text);
      if (text !== null && when === null)
        throw new BadRow('bad-value', `${nameOf(field)}: not a time that can be read`);
      return when === null ? null : Math.min(when, now);
    };

    const subscription = subscriptionOf(cell);
    refuseOtherChannels(cell('deviceType'), subscription.endpoint);
    if (flagOf(cell('unsubscribed')) === true || flagOf(cell('subscribed')) === false)
      throw new BadRow('unsubscribed-there');
    if (subscription.endpoint === null) throw new BadRow('no-endpoint');
    if (subscription.p256dh === null || subscription.auth === null) throw new BadRow('no-keys');
    const checked = check(subscription.endpoint, subscription.p256dh, subscription.auth, push);
    const key = cell('vapidKey') ?? subscription.key;
    const vapidKey = key === null ? surroundings.vapidKey : keys.get(plainKey(key));
    if (vapidKey === undefined) throw new BadRow('other-key');

    const zone = cell('timeZone');
    const where = zone === null ? null : timeZone(zone);
    const said = cell('language');
    const agent = cell('userAgent');
    const derived = agent === null ? null : device(agent);
    const country = short('country', 64)?.toUpperCase() ?? null;
    const lastSeen = time('lastSeen');
    const firstSeen = time('firstSeen') ?? lastSeen ?? now;
    const consentVersion = short('consentVersion', 100);
    const state = stateOf(cell('state'));
    const row: ImportRow = {
      endpoint: checked.endpoint,
      pushService: checked.pushService,
      p256dh: checked.p256dh,
      auth: checked.auth,
      endpointHash: endpointHash(checked.endpoint),
      vapidKey,
      ...state,
      stateSince: now,
      browser: short('browser', 64) ?? derived?.browser ?? null,
      browserVersion: short('browserVersion', 64) ?? derived?.browserVersion ?? null,
      system: short('system', 64) ?? derived?.system ?? null,
      device: short('device', 64) ?? derived?.device ?? null,
      language: said === null ? null : language(said.slice(0, 35).replaceAll('_', '-')),
      country:
        country !== null && /^[A-Z]{2}$/.test(country) ? country : (surroundings.countries.of(where) ?? null),
      timeZone: where,
      page: short('page', 500),
      externalId: short('externalId', 200),
      attributes: attributesIn(cells, cell('attributes')),
      tags: tagsIn(cell('tags')),
      consentVersion,
      consentAt: consentVersion === null ? null : (time('consentAt') ?? firstSeen),
      firstSeen,
      lastSeen: Math.max(firstSeen, lastSeen ?? firstSeen),
    };
    if (!seen.add(row.endpointHash)) throw new BadRow('duplicate');
    return row;
  }

  function subscriptionOf(cell: (field: keyof typeof index) => string | null) {
    const whole = cell('subscription');
    if (whole === null)
      return { endpoint: trimmed(cell('endpoint')), p256dh: cell('p256dh'), auth: cell('auth'), key: null };
    let given: unknown;
    try {
      given = JSON.parse(whole);
    } catch {
      throw new BadRow('bad-value', 'The subscription is not JSON');
    }
    const part = (value: unknown, name: string) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
    const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
    const own = part(given, 'keys');
    return {
      endpoint: trimmed(text(part(given, 'endpoint'))),
      p256dh: text(part(own, 'p256dh') ?? part(given, 'p256dh')),
      auth: text(part(own, 'auth') ?? part(given, 'auth')),
      key: text(part(part(given, 'options'), 'applicationServerKey')),
    };
  }

  function attributesIn(cells: readonly string[], whole: string | null): Attributes {
    const found = whole === null ? {} : attributesOf(whole);
    for (const { i, name, type } of attributes) {
      const text = cells[i];
      if (text !== undefined && text !== '') found[name] = typed(plain(text), type ?? 'text', name);
    }
    if (Object.keys(found).length > 100) throw new BadRow('bad-value', 'More than 100 attributes');
    return found;
  }

  function tagsIn(text: string | null): string[] {
    const found = new Set([...(text === null ? [] : tagsOf(text)), ...surroundings.tags]);
    if (found.size > 100) throw new BadRow('bad-value', 'More than 100 tags');
    return [...found];
  }

  /** @param cells the row, in the order of the columns */
  return (cells: readonly string[]): ImportRow | RowRefusal => {
    try {
      return read(cells);
    } catch (error) {
      if (error instanceof BadRow) return { reason: error.reason, detail: error.message };
      throw error;
    }
  };
}

const trimmed = (text: string | null) => text?.trim() || null;

/** base64 of either alphabet, as base64url without padding: tools write keys in any of them. */
const plainKey = (text: string) =>
  /^[\w-]*$/.test(text) ? text : text.trim().replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/** Rows of other channels say so by their kind, or by what stands where an endpoint should. */
function refuseOtherChannels(deviceType: string | null, endpoint: string | null): void {
  const isAddress = endpoint?.startsWith('https://') === true;
  if (deviceType === '11' || /^email$/i.test(deviceType ?? '')) throw new BadRow('email');
  if (deviceType === '14' || /^sms$/i.test(deviceType ?? '')) throw new BadRow('sms');
  if (
    deviceType !== null &&
    (nativeDevices.has(deviceType) || /^(iOS|Android|Huawei|FireOS)/i.test(deviceType))
  )
    throw new BadRow('native-app');
  if (isAddress || endpoint === null) return;
  if (deviceType !== null && (safariDevices.has(deviceType) || /^safari/i.test(deviceType)))
    throw new BadRow('old-safari');
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(endpoint)) throw new BadRow('email');
  if (/^\+?\d{6,15}$/.test(endpoint)) throw new BadRow('sms');
  // Apple's device tokens; without a kind nobody can tell a phone's from those of Safari's former push
  if (/^[0-9a-f]{64}$/i.test(endpoint)) throw new BadRow('old-safari');
  if (/^[\w-]{8,}:APA91[\w-]+$/.test(endpoint)) throw new BadRow('native-app');
}

function check(endpoint: string, p256dh: string, auth: string, push: Pick<Push, 'recognise'>) {
  try {
    return checkSubscription(
      { endpoint, keys: { p256dh: plainKey(p256dh), auth: plainKey(auth) } },
      { practice: false },
      push,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [first] = error.errors ?? [];
    if (first?.pointer !== '/subscription/endpoint') throw new BadRow('bad-keys');
    const isHost = /push service known|rehearsal|port 443/.test(first.detail);
    throw new BadRow(isHost ? 'host-not-allowed' : 'bad-endpoint', first.detail);
  }
}

/** Nobody is `active` until their browser has reported in to our worker. */
function stateOf(text: string | null): Pick<ImportRow, 'state' | 'stateReason'> {
  if (text === null || text === 'active' || text === 'foreign')
    return { state: 'foreign', stateReason: null };
  if (text === 'expired') return { state: 'expired', stateReason: 'imported' };
  if (text === 'unsubscribed') return { state: 'unsubscribed', stateReason: 'left:imported' };
  throw new BadRow('bad-value', `“${text.slice(0, 40)}” is no state`);
}
