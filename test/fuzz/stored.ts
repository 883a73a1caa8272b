import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SubscribeRequest } from '../../main/contract/public.ts';
import { Attributes } from '../../main/contract/subscribers.ts';
import type { Push } from '../../main/core/ports/push.ts';
import { canonicalLanguage, canonicalTimeZone } from '../../main/core/subscribers/derived.ts';
import { checkSubscription } from '../../main/core/subscribers/subscription.ts';
import { Hosts } from '../../main/push/hosts.ts';
import { endpointHash } from '../../main/storage/tables/subscriber-rows.ts';

interface Row {
  id: number;
  endpoint: string;
  endpoint_hash: Buffer;
  push_service: string;
  p256dh: Buffer;
  auth: Buffer;
  language: string | null;
  time_zone: string | null;
  country: string | null;
  page: string | null;
  external_id: string | null;
  attributes: string;
  consent_version: string | null;
}

/** Looks at every row that was stored as the door should have. @returns how many there are, and what is wrong */
export function checkStored(data: string, origin: string): { rows: number; wrong: string[] } {
  const db = new Database(join(data, 'belfry.db'), { readonly: true });
  const hosts = new Hosts([]);
  const wrong: string[] = [];
  let rows = 0;
  for (const row of db.prepare<[], Row>('SELECT * FROM subscriber').iterate()) {
    rows += 1;
    const faults = faultsOf(row, hosts, origin);
    if (faults.length > 0) wrong.push(`subscriber ${row.id}: ${faults.join(', ')}`);
  }
  const strangeTags = db.prepare("SELECT count(*) FROM tag WHERE name <> 'news'").pluck().get() as number;
  if (strangeTags > 0) wrong.push(`${strangeTags} tags that visitors may not set`);
  const integrity = db.pragma('integrity_check', { simple: true });
  if (integrity !== 'ok') wrong.push(`the database: ${integrity}`);
  if (db.prepare('PRAGMA foreign_key_check').all().length > 0) wrong.push('references that lead nowhere');
  db.close();
  return { rows, wrong };
}

function faultsOf(row: Row, hosts: Hosts, origin: string): string[] {
  const faults: string[] = [];
  const expect = (right: boolean, what: string) => void (right || faults.push(what));
  const subscription: SubscribeRequest['subscription'] = {
    endpoint: row.endpoint,
    keys: { p256dh: row.p256dh.toString('base64url'), auth: row.auth.toString('base64url') },
  };
  try {
    const push = { recognise: (endpoint: string) => hosts.recognise(endpoint) } as Push;
    const checked = checkSubscription(subscription, { practice: false }, push);
    expect(checked.pushService === row.push_service, 'push service');
  } catch {
    faults.push('subscription');
  }
  expect(Buffer.compare(endpointHash(row.endpoint), row.endpoint_hash) === 0, 'hash');
  expect(row.language === null || canonicalLanguage(row.language) === row.language, 'language');
  expect(row.time_zone === null || canonicalTimeZone(row.time_zone) === row.time_zone, 'time zone');
  expect(row.country === null || /^[A-Z]{2}$/.test(row.country), 'country');
  expect(row.page === null || (row.page.startsWith(`${origin}/`) && !/[?#]/.test(row.page)), 'page');
  expect(row.external_id === null, 'an external id that nobody signed');
  expect((row.consent_version?.length ?? 0) <= 100, 'consent');
  const attributes = Attributes.safeParse(JSON.parse(row.attributes));
  expect(attributes.success && Object.keys(attributes.data).every((name) => name === 'plan'), 'attributes');
  return faults;
}
