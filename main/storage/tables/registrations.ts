import { createSecretKey } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Attributes } from '../../contract/subscribers.ts';
import type { Registration, RegistrationResult } from '../../core/ports/storage.ts';
import { type RegistrationBatch, unpackRegistrations } from '../registration-batch.ts';
import { ACTIVE, EXPIRED, endpointHash, endpointMac, stateCode, UNSUBSCRIBED } from './subscriber-rows.ts';
import { tagWriter } from './tags.ts';

interface Known {
  id: number;
  state: number;
  attributes: string;
}

/**
 * Stores registrations, each by these rules: an endpoint is one subscriber of a site. An unknown one is new, or
 * the known one at `oldEndpoint` that has moved. A sync never brings back someone who left, was removed or erased;
 * a person who asks again does.
 */
export function registrationWrites(db: Database.Database, secret: Uint8Array) {
  const macKey = createSecretKey(secret); // as bytes it would cost five times as much at every use
  const byEndpoint = db.prepare<[number, Uint8Array], Known>(
    'SELECT id, state, attributes FROM subscriber WHERE site_id = ? AND endpoint_hash = ?',
  );
  const anyErased = db.prepare<[number], 1>('SELECT 1 FROM erased WHERE site_id = ? LIMIT 1');
  const wasErased = db.prepare<[number, Uint8Array], 1>(
    'SELECT 1 FROM erased WHERE site_id = ? AND endpoint_mac = ?',
  );
  const forgetErasure = db.prepare('DELETE FROM erased WHERE site_id = ? AND endpoint_mac = ?');
  const insert = db.prepare(`
    INSERT INTO subscriber (site_id, vapid_key_id, state, state_since, endpoint_hash, endpoint, push_service, p256dh,
      auth, browser, browser_version, system, device, language, country, time_zone, page, external_id, attributes,
      consent_version, consent_at, first_seen, last_seen)
    VALUES (@site, @vapidKey, ${ACTIVE}, @at, @hash, @endpoint, @pushService, @p256dh, @auth, @browser,
      @browserVersion, @system, @device, @language, @country, @timeZone, @page, @externalId, @attributes,
      @consentVersion, @consentAt, @at, @at)`);
  const update = db.prepare(`
    UPDATE subscriber SET vapid_key_id = iif(@keyAssumed, vapid_key_id, @vapidKey), endpoint_hash = @hash, endpoint = @endpoint,
      push_service = @pushService, p256dh = @p256dh, auth = @auth,
      state_since = iif(state = ${ACTIVE}, state_since, @at), state_reason = NULL, state = ${ACTIVE},
      browser = coalesce(@browser, browser), browser_version = coalesce(@browserVersion, browser_version),
      system = coalesce(@system, system), device = coalesce(@device, device),
      language = coalesce(@language, language), country = coalesce(@country, country),
      time_zone = coalesce(@timeZone, time_zone), page = coalesce(page, @page),
      external_id = coalesce(@externalId, external_id), attributes = @attributes,
      consent_at = iif(@consentVersion IS NULL OR @consentVersion IS consent_version, consent_at, @at),
      consent_version = coalesce(@consentVersion, consent_version), last_seen = max(last_seen, @at)
    WHERE id = @id`);
  const replaced = db.prepare(`
    UPDATE subscriber SET state = ${EXPIRED}, state_since = ?, state_reason = 'replaced' WHERE id = ? AND state <> ${UNSUBSCRIBED}`);
  const sites = db.prepare<[number], 1>('SELECT 1 FROM site WHERE id = ? AND removed_at IS NULL');
  const tags = tagWriter(db);

  function register(one: Registration): RegistrationResult {
    const hash = endpointHash(one.endpoint);
    const here = byEndpoint.get(one.site, hash);
    const before =
      one.oldEndpoint !== null && one.oldEndpoint !== one.endpoint
        ? byEndpoint.get(one.site, endpointHash(one.oldEndpoint))
        : undefined;
    const known = here ?? before;
    if (known !== undefined && known.state === UNSUBSCRIBED && one.intent === 'sync')
      return { outcome: 'gone' };
    if (here === undefined && anyErased.get(one.site) !== undefined && isErased(one))
      return { outcome: 'gone' };

    const values = {
      site: one.site,
      vapidKey: one.vapidKey,
      keyAssumed: Number(one.keyAssumed ?? false),
      hash,
      endpoint: one.endpoint,
      pushService: one.pushService,
      p256dh: one.p256dh,
      auth: one.auth,
      at: one.at,
      ...one.facts,
      attributes: JSON.stringify({ ...parse(known?.attributes), ...one.facts.attributes }),
      consentAt: one.facts.consentVersion === null ? null : one.at,
    };
    if (known === undefined) {
      const id = Number(insert.run(values).lastInsertRowid);
      tags.add(one.site, id, one.facts.tags ?? []);
      return { outcome: 'created', id };
    }
    if (here !== undefined && before !== undefined) replaced.run(one.at, before.id);
    update.run({ ...values, id: known.id });
    tags.remove(one.site, known.id, one.facts.removedTags ?? []);
    tags.add(one.site, known.id, one.facts.tags ?? []);
    if (here === undefined) return { outcome: 'moved', id: known.id };
    return {
      outcome: known.state === ACTIVE || known.state === stateCode('foreign') ? 'updated' : 'revived',
      id: known.id,
    };
  }

  /** Whether a sync is of someone erased. A person who asks again is welcome, and the trace goes. */
  function isErased(one: Registration): boolean {
    const endpoints = one.oldEndpoint === null ? [one.endpoint] : [one.endpoint, one.oldEndpoint];
    for (const endpoint of endpoints) {
      const mac = endpointMac(macKey, endpoint);
      if (wasErased.get(one.site, mac) === undefined) continue;
      if (one.intent === 'sync') return true;
      forgetErasure.run(one.site, mac);
    }
    return false;
  }

  return {
    'subscribers.upsertMany': db.transaction((batch: RegistrationBatch): RegistrationResult[] => {
      const known = new Map<number, boolean>();
      const isThere = (site: number) => {
        const there = known.get(site) ?? sites.get(site) !== undefined;
        known.set(site, there);
        return there;
      };
      return unpackRegistrations(batch).map((one) =>
        isThere(one.site) ? register(one) : { outcome: 'no-site' },
      );
    }),
  };
}

const parse = (attributes: string | undefined): Attributes =>
  attributes === undefined ? {} : JSON.parse(attributes);
