import { promptForPage } from '../../contract/prompt-for-page.ts';
import { defaultPrompt } from '../../contract/prompts.ts';
import type { ClientConfig, Report, SubscribeAnswer, SubscribeRequest } from '../../contract/public.ts';
import type { VisitorRequest, Visitors } from '../core.ts';
import type { Ids } from '../ids.ts';
import type { Live } from '../live.ts';
import type { Push } from '../ports/push.ts';
import type { SiteRow, Storage } from '../ports/storage.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import { type Countries, canonicalLanguage, canonicalTimeZone, deviceOf, remembering } from './derived.ts';
import { checkSubscription, visitorMessage } from './subscription.ts';

interface Parts {
  storage: Storage;
  directory: SiteDirectory;
  push: Push;
  ids: Ids;
  live: Live;
  clock: Clock;
  countries: Countries;
  /** Origins of the public listener itself while it serves the landing page: they may use any site. */
  ownOrigins: () => string[];
  onCampaigns: (campaigns: Awaited<ReturnType<Storage['deliveries']['report']>>) => void;
}

const DAY = 24 * 60 * 60 * 1000;

/** The one door for strangers: what a visitor's browser may ask, and nothing told that its holder does not know. */
export function visitors(parts: Parts): Visitors {
  const { storage, directory, push, ids, live, clock } = parts;
  const deviceBy = remembering(deviceOf, 500);
  const zoneBy = remembering(canonicalTimeZone, 500);
  const languageBy = remembering(canonicalLanguage, 500);
  const pageBy = remembering(pageOf, 500);
  const siteIds = new Map<number, string>();
  const publicId = (site: SiteRow) => {
    const known = siteIds.get(site.id) ?? ids.seal('site', site.id);
    siteIds.set(site.id, known);
    return known;
  };

  function siteOf(key: string): SiteRow {
    const site = directory.byKey(key);
    if (site === undefined) throw noSite();
    return site;
  }

  const allowsOrigin = (site: SiteRow, origin: string | null) =>
    origin !== null && (site.origins.includes(origin) || parts.ownOrigins().includes(origin));

  function fromItsSite(key: string, from: VisitorRequest): SiteRow {
    const site = siteOf(key);
    if (allowsOrigin(site, from.origin)) return site;
    throw new Refusal(
      'origin_not_allowed',
      from.origin === null
        ? 'The request has no Origin header: subscriptions come from a page of the site.'
        : 'This origin is not one of the site’s. Add it in the console under Settings.',
      {
        visitorMessage:
          'This page may not subscribe you: its address is not one of the site’s. Please tell its owner.',
      },
    );
  }

  /** Which of the site's keys it was made with: the current one, unless the browser says another. */
  function keyOf(site: SiteRow, told: string | null | undefined): number {
    if (typeof told !== 'string') return site.vapidKey.id;
    const bytes = Buffer.from(told, 'base64url');
    const known = directory.keysOf(site).find(({ publicKey }) => bytes.equals(publicKey));
    if (known !== undefined) return known.id;
    throw new Refusal('invalid_input', 'The subscription was made with a key that is none of this site’s.', {
      errors: [{ pointer: '/applicationServerKey', detail: 'Give one of the site’s VAPID public keys' }],
      visitorMessage,
    });
  }

  /** Where they subscribed; only what is of the origin that asks. */
  function pageIn(page: string | undefined, origin: string | null): string | null {
    const known = page === undefined ? null : pageBy(page);
    return known !== null && known.origin === origin ? known.address : null;
  }

  function checkedExternalId(site: SiteRow, request: SubscribeRequest): string | null {
    const { externalId, externalIdSignature } = request;
    if (externalId === undefined) return null;
    if (!site.settings.requireSignedExternalId) return externalId;
    // anyone could claim another person's id, and would then receive their messages
    if (externalIdSignature !== undefined && directory.isSigned(site, externalId, externalIdSignature))
      return externalId;
    throw new Refusal(
      'external_id_not_signed',
      'externalIdSignature must be the hex HMAC-SHA256 of externalId with the site’s identity secret, made on the site’s server.',
      {
        visitorMessage:
          'Your account could not be linked to notifications. Please reload the page and try again.',
      },
    );
  }

  return {
    config(siteKey, from): ClientConfig {
      const site = siteOf(siteKey);
      // our own check of the public address asks too, and is no browser
      if (site.askedAt === null && !site.practice && deviceOf(from?.userAgent ?? null).browser !== null)
        void directory.noteAsked(site).then(
          () => live.publish({ type: 'sites' }),
          () => {}, // the next one that asks is as good
        );
      return {
        vapidPublicKey: Buffer.from(site.vapidKey.publicKey).toString('base64url'),
        prompt: {
          kind: site.prompt?.kind ?? defaultPrompt.kind,
          ...(site.prompt?.welcome && { welcome: true }),
        },
        workerPath: site.settings.workerPath,
      };
    },

    prompt(siteKey, language) {
      return promptForPage(siteOf(siteKey).prompt ?? defaultPrompt, language);
    },

    allows(siteKey, origin) {
      const site = directory.byKey(siteKey);
      return site !== undefined && allowsOrigin(site, origin);
    },

    async subscribe(siteKey, request, from): Promise<SubscribeAnswer & { created: boolean }> {
      const site = fromItsSite(siteKey, from);
      const checked = checkSubscription(request.subscription, site, push);
      const externalId = checkedExternalId(site, request);
      const { allowed, ignored } = settable(site, request);
      const timeZone = request.timeZone === undefined ? null : zoneBy(request.timeZone);
      const [result] = await storage.subscribers.upsertMany([
        {
          site: site.id,
          vapidKey: keyOf(site, request.applicationServerKey),
          keyAssumed: request.applicationServerKey === null,
          ...checked,
          oldEndpoint: request.oldEndpoint ?? null,
          intent: request.intent,
          facts: {
            ...deviceBy(from.userAgent ?? ''),
            language: request.language === undefined ? null : languageBy(request.language),
            timeZone,
            country: parts.countries.of(timeZone),
            page: pageIn(request.page, from.origin),
            externalId,
            ...allowed,
            consentVersion: request.consent?.version ?? null,
          },
          at: clock.now(),
        },
      ]);
      if (result?.outcome === 'no-site') throw noSite();
      if (result === undefined || result.outcome === 'gone')
        throw new Refusal('subscription_gone', 'This person left, or was removed. Unsubscribe the browser.', {
          visitorMessage:
            'You no longer receive notifications from this site. You can subscribe again at any time.',
        });
      if (result.outcome !== 'updated') live.publish({ type: 'subscribers', site: publicId(site) });
      return {
        id: ids.seal('sub', result.id),
        ...(ignored && { ignored }),
        created: result.outcome === 'created',
      };
    },

    async remove(siteKey, { endpoint, lost }, _from) {
      const site = directory.byKey(siteKey);
      if (site === undefined) return;
      const { leave, lose } = storage.subscribers;
      const gone = await (lost ? lose : leave)(site.id, endpoint, clock.now());
      if (gone !== null) live.publish({ type: 'subscribers', site: publicId(site) });
    },

    async report(reports: Report[]) {
      const now = clock.now();
      const genuine = reports.flatMap((report) => {
        const delivery = ids.openToken(report.token);
        if (delivery === null) return [];
        // a browser's clock may be wrong by years: believe it only where it is possible
        const at = report.at <= now && report.at > now - 30 * DAY ? Math.round(report.at) : now;
        return [{ ...delivery, type: report.type, action: report.action ?? '', at }];
      });
      if (genuine.length > 0) parts.onCampaigns(await storage.deliveries.report(genuine));
    },

    landingSite(siteKey) {
      const site =
        siteKey === null ? directory.all().find(({ practice }) => !practice) : directory.byKey(siteKey);
      return site === undefined || site.practice ? null : { key: site.key, name: site.name };
    },
  };
}

const noSite = () =>
  new Refusal('not_found', 'There is no site with this key.', {
    visitorMessage: 'Notifications are not set up correctly on this page. Please tell the site’s owner.',
  });

/** Of the tags and attributes that a browser sends, those that the site lets visitors set, and what is left. */
function settable(site: SiteRow, request: SubscribeRequest) {
  const topics = site.prompt?.topics.map(({ tag }) => tag) ?? [];
  const tags = [...new Set([...(request.tags ?? []), ...(request.topics ?? [])])];
  const attributes = Object.entries(request.attributes ?? {});
  const mayTag = (tag: string) => site.settings.visitorTags.includes(tag) || topics.includes(tag);
  const maySet = ([name]: [string, unknown]) => site.settings.visitorAttributes.includes(name);
  const ignored = {
    tags: tags.filter((tag) => !mayTag(tag)),
    attributes: attributes.filter((entry) => !maySet(entry)).map(([name]) => name),
  };
  const allowed = {
    tags: tags.length === 0 ? null : tags.filter(mayTag),
    removedTags: request.topics === undefined ? [] : topics.filter((topic) => !tags.includes(topic)),
    attributes: request.attributes === undefined ? null : Object.fromEntries(attributes.filter(maySet)),
  };
  return { allowed, ignored: ignored.tags.length + ignored.attributes.length > 0 ? ignored : undefined };
}

/** A page's origin, and its address without the query, which may hold anything; null for what is no address. */
function pageOf(page: string): { origin: string; address: string } | null {
  if (!URL.canParse(page)) return null;
  const { origin, pathname } = new URL(page);
  return { origin, address: `${origin}${pathname}`.slice(0, 500) };
}
