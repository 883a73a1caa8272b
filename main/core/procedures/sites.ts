import type { Site } from '../../contract/sites.ts';
import type { SiteRow } from '../ports/storage.ts';
import { after, os, type Parts, siteOf, time } from './base.ts';

export function siteProcedures(parts: Parts) {
  const { directory, ids, live, storage } = parts;

  async function shown(site: SiteRow): Promise<Site> {
    return {
      id: ids.seal('site', site.id),
      key: site.key,
      name: site.name,
      origins: site.origins,
      subject: site.subject,
      subjectWarning: parts.push.lintSubject(site.subject),
      vapidPublicKey: Buffer.from(site.vapidKey.publicKey).toString('base64url'),
      settings: site.settings,
      practice: site.practice,
      subscribers: await storage.subscribers.counts(site.id),
      createdAt: time(site.createdAt),
    };
  }

  return {
    list: os.sites.list.handler(async ({ input, context }) => {
      const { actor } = context;
      const from = after(parts, 'site', input.cursor) ?? 0;
      const sites = directory
        .all()
        .filter((site) => site.id > from && (actor.kind !== 'key' || actor.site === site.id));
      const page = sites.slice(0, input.limit);
      const last = page.at(-1);
      return {
        items: await Promise.all(page.map(shown)),
        nextCursor: sites.length > page.length && last ? ids.seal('site', last.id) : null,
      };
    }),
    get: os.sites.get.handler(({ input, context }) => shown(siteOf(parts, context.actor, input.id))),
    create: os.sites.create.handler(async ({ input }) => {
      const site = await directory.create({ ...input, settings: given(input.settings) });
      live.publish({ type: 'sites' });
      return shown(site);
    }),
    update: os.sites.update.handler(async ({ input, context }) => {
      const { id, settings, ...change } = input;
      const site = siteOf(parts, context.actor, id);
      const changed = await directory.update(site.id, { ...given(change), settings: given(settings) });
      live.publish({ type: 'sites' });
      return shown(changed);
    }),
    remove: os.sites.remove.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      if (site.practice) return parts.rehearsals.remove(30_000);
      await parts.campaigns.cancelAllOf(site.id);
      await directory.remove(site.id);
      parts.gate.forgetSite(site.id);
      parts.holds.forget(site.id);
      parts.sender.forgetSite(site.id);
      live.publish({ type: 'sites' });
    }),
    identitySecret: os.sites.identitySecret.handler(({ input, context }) => ({
      secret: directory.identitySecret(siteOf(parts, context.actor, input.id)),
    })),
    rotateIdentitySecret: os.sites.rotateIdentitySecret.handler(async ({ input, context }) => ({
      secret: await directory.rotateIdentitySecret(siteOf(parts, context.actor, input.id)),
    })),
    exportVapidKey: os.sites.exportVapidKey.handler(({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      return {
        subject: site.subject,
        publicKey: Buffer.from(site.vapidKey.publicKey).toString('base64url'),
        privateKey: Buffer.from(directory.privateKey(site)).toString('base64url'),
      };
    }),
    firstSteps: os.sites.firstSteps.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      const steps = await storage.sites.firstSteps(site.id);
      return { opened: site.askedAt !== null || steps.person, ...steps };
    }),
    check: os.sites.check.handler(async ({ input, context }) => ({
      findings: await parts.publicAddress.check(siteOf(parts, context.actor, input.id)),
      checkedAt: time(parts.clock.now()),
    })),
  };
}

/** Without the members that are there but undefined: those were not sent. */
function given<T extends object>(input: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
