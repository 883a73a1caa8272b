import type { Subscriber, TimelineEntry } from '../../contract/subscribers.ts';
import type { CallContext } from '../core.ts';
import { lastDays } from '../days.ts';
import type { AttemptRow, DeliveryRow, SubscriberFilter, SubscriberRow } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { type Countries, canonicalLanguage, canonicalTimeZone, deviceOf } from '../subscribers/derived.ts';
import { checkSubscription } from '../subscribers/subscription.ts';
import { missing, open, os, type Parts, siteFilter, siteOf, time, visible } from './base.ts';
import { peopleFilter } from './people-filter.ts';
import { peoplePage, shownSubscriber } from './people-page.ts';

/** How many of someone's messages a timeline shows. */
const TIMELINE = 100;
/** And how many an export of all that is known of them. */
const EVERYTHING = 100_000;

export function subscriberProcedures(parts: Parts & { countries: Countries }) {
  const { storage, ids, live, clock } = parts;

  const shown = (row: SubscriberRow) => shownSubscriber(row, ids);

  async function find(context: CallContext, id: string): Promise<SubscriberRow> {
    return visible(parts, context.actor, 'sub', await storage.subscribers.get(open(parts, 'sub', id)));
  }

  function changed(row: SubscriberRow | null): Subscriber {
    if (row === null) throw missing('sub');
    live.publish({ type: 'subscribers', site: ids.seal('site', row.site) });
    return shown(row);
  }

  /** @param to the state to move someone to, or null to leave them; asked again when they moved meanwhile */
  async function move(
    context: CallContext,
    id: string,
    to: (row: SubscriberRow) => { state: SubscriberRow['state']; reason: string | null } | null,
  ): Promise<Subscriber> {
    for (;;) {
      const row = await find(context, id);
      const wanted = to(row);
      if (wanted === null) return shown(row);
      const moved = await storage.subscribers.setState(row, wanted.state, wanted.reason, clock.now());
      if (moved !== null) return changed(moved);
    }
  }

  /** The one who was searched for by id, if they fit. */
  async function only({ person, filter }: { person: number; filter: SubscriberFilter }) {
    const row = await storage.subscribers.get(person);
    const { site, state } = filter;
    const fits = row !== null && (site === undefined || row.site === site);
    return fits && (state === undefined || row.state === state) ? row : null;
  }

  return {
    list: os.subscribers.list.handler(async ({ input, context }) => {
      const asked = await peopleFilter(parts, context.actor, input);
      if ('person' in asked) {
        const row = await only(asked);
        return { items: row === null ? [] : [shown(row)], nextCursor: null };
      }
      return peoplePage(parts, asked.filter, input);
    }),

    count: os.subscribers.count.handler(async ({ input, context, signal }) => {
      const asked = await peopleFilter(parts, context.actor, input);
      if ('person' in asked) return { people: (await only(asked)) === null ? 0 : 1 };
      return { people: await storage.subscribers.count(asked.filter, signal) };
    }),

    counts: os.subscribers.counts.handler(({ input, context }) =>
      storage.subscribers.counts(siteFilter(parts, context.actor, input.site) ?? null),
    ),

    days: os.subscribers.days.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const days = lastDays(clock.now(), input.days, input.timeZone);
      const edges = [...days.map(({ start }) => start), Number.MAX_SAFE_INTEGER];
      const { before, changes } = await storage.subscribers.changes(site.id, edges);
      let people = before;
      const items = days.flatMap(({ date, start }, i) => {
        const change = changes[i];
        if (change === undefined) return [];
        people += change.joined + change.imported + change.returned;
        people -= change.expired + change.unsubscribed + change.removed;
        return [{ date, from: time(start), people, ...change }];
      });
      return { timeZone: input.timeZone, items };
    }),
    testDevices: os.subscribers.testDevices.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      return { items: (await storage.subscribers.testDevices(site.id)).map(shown) };
    }),

    get: os.subscribers.get.handler(async ({ input, context }) => shown(await find(context, input.id))),

    timeline: os.subscribers.timeline.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const [deliveries, attempts] = await Promise.all([
        storage.deliveries.ofSubscriber(row.id, TIMELINE),
        storage.deliveries.attemptsOf(row.id, TIMELINE),
      ]);
      const entries = [
        ...own(row),
        ...deliveries.flatMap((delivery) => received(delivery, parts)),
        ...attempts.map((attempt) => tried(attempt, parts)),
      ];
      return { items: entries.sort((a, b) => b.at.localeCompare(a.at)) };
    }),

    data: os.subscribers.data.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const site = parts.directory.get(row.site);
      if (site === undefined) throw missing('sub');
      const key = parts.directory.keysOf(site).find(({ id }) => id === row.vapidKey) ?? site.vapidKey;
      const deliveries = await storage.deliveries.ofSubscriber(row.id, EVERYTHING);
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
      return {
        exportedAt: time(clock.now()),
        site: { name: site.name, origins: site.origins },
        person: shown(row),
        subscription: {
          endpoint: row.endpoint,
          keys: { p256dh: text(row.p256dh), auth: text(row.auth) },
          applicationServerKey: text(key.publicKey),
        },
        timeline: [...own(row), ...deliveries.flatMap((delivery) => received(delivery, parts))].sort((a, b) =>
          b.at.localeCompare(a.at),
        ),
      };
    }),

    create: os.subscribers.create.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const checked = checkSubscription(input.subscription, site, parts.push);
      const timeZone = canonicalTimeZone(input.timeZone);
      const [result] = await storage.subscribers.upsertMany([
        {
          site: site.id,
          vapidKey: site.vapidKey.id,
          ...checked,
          oldEndpoint: null,
          intent: 'subscribe',
          facts: {
            ...deviceOf(input.userAgent ?? null),
            language: canonicalLanguage(input.language),
            timeZone,
            country: parts.countries.of(timeZone),
            page: null,
            externalId: input.externalId ?? null,
            attributes: input.attributes ?? null,
            tags: input.tags ?? null,
            consentVersion: null,
          },
          at: clock.now(),
        },
      ]);
      if (result?.outcome === 'no-site') throw missing('site');
      if (result === undefined || result.outcome === 'gone') throw new Error('a subscribe is never gone');
      return changed(await storage.subscribers.get(result.id));
    }),

    update: os.subscribers.update.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const timeZone = canonicalTimeZone(input.timeZone);
      const language = canonicalLanguage(input.language);
      const change = {
        ...(input.externalId !== undefined && { externalId: input.externalId }),
        ...(input.attributes !== undefined && { attributes: input.attributes }),
        ...(input.tags !== undefined && { tags: input.tags }),
        ...(input.testDevice !== undefined && { testDevice: input.testDevice }),
        ...(language !== null && { language }),
        ...(timeZone !== null && { timeZone, country: parts.countries.of(timeZone) }),
      };
      return changed(await storage.subscribers.change(row.id, change));
    }),

    remove: os.subscribers.remove.handler(({ input, context }) =>
      move(context, input.id, (row) =>
        row.state === 'unsubscribed' ? null : { state: 'unsubscribed', reason: `removed:${row.state}` },
      ),
    ),

    restore: os.subscribers.restore.handler(({ input, context }) =>
      move(context, input.id, (row) => {
        if (row.state === 'active' || row.state === 'foreign') return null;
        const [why, before] = row.stateReason?.split(':') ?? [];
        // someone who left themselves is not the operator's to bring back
        if (row.state === 'unsubscribed' && why !== 'removed')
          throw new Refusal('conflict', 'This person left by themselves. Only they can come back.');
        const was = (['foreign', 'expired', 'quarantined'] as const).find((state) => state === before);
        return { state: was ?? 'active', reason: null };
      }),
    ),

    erase: os.subscribers.erase.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      await storage.subscribers.erase(row.id, clock.now());
      live.publish({ type: 'subscribers', site: ids.seal('site', row.site) });
    }),
  };
}

const entry = (at: number, what: TimelineEntry['what'], detail: string | null = null): TimelineEntry => ({
  at: time(at),
  what,
  campaign: null,
  detail,
  attempt: null,
});

function own(row: SubscriberRow): TimelineEntry[] {
  const entries = [entry(row.firstSeen, 'subscribed', row.page)];
  if (row.lastSeen > row.firstSeen) entries.push(entry(row.lastSeen, 'seen'));
  if (row.state === 'expired') entries.push(entry(row.stateSince, 'expired', row.stateReason));
  if (row.state === 'unsubscribed')
    entries.push(entry(row.stateSince, 'unsubscribed', row.stateReason?.split(':')[0] ?? null));
  return entries;
}

/** An attempt after which there was another. */
function tried(row: AttemptRow, { ids }: Parts): TimelineEntry {
  const { number, pushService, status, duration } = row;
  return {
    ...entry(row.at, 'tried', row.reason),
    campaign: { id: ids.seal('cmp', row.campaign), title: row.title },
    attempt: { number, pushService, status, duration },
  };
}

/** What became of one message to someone: how it was sent, then what the browser told. */
function received(delivery: DeliveryRow & { title: string }, { ids }: Parts): TimelineEntry[] {
  const campaign = { id: ids.seal('cmp', delivery.campaign), title: delivery.title };
  const { attempts: number, pushService, status, duration } = delivery;
  const lastAttempt = { number, pushService, status, duration };
  const at = (when: number | null, what: TimelineEntry['what'], detail: string | null = null) =>
    when === null ? [] : [{ ...entry(when, what, detail), campaign }];
  return [
    ...at(delivery.settledAt ?? delivery.dueAt, delivery.state, delivery.reason).map((one) => ({
      ...one,
      attempt: delivery.settledAt !== null && delivery.attempts > 0 ? lastAttempt : null,
    })),
    ...at(delivery.shownAt, 'shown'),
    ...at(delivery.clickedAt, 'clicked'),
    ...at(delivery.closedAt, 'closed'),
  ];
}
