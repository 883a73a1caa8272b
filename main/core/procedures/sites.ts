import type { Site, SiteKey } from '../../contract/sites.ts';
import type { SiteRow, VapidKeyRow } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { readKeyPair } from '../sites/key-formats.ts';
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
      vapidPublicKey: base64(site.vapidKey.publicKey),
      settings: site.settings,
      practice: site.practice,
      subscribers: await storage.subscribers.counts(site.id),
      createdAt: time(site.createdAt),
    };
  }

  async function keysOf(site: SiteRow): Promise<SiteKey[]> {
    const counts = new Map((await storage.sites.keyCounts(site.id)).map((count) => [count.key, count]));
    return directory.keysOf(site).map((key) => {
      const { active = 0, foreign = 0, others = 0 } = counts.get(key.id) ?? {};
      return {
        publicKey: base64(key.publicKey),
        current: key.id === site.vapidKey.id,
        createdAt: time(key.createdAt),
        active,
        foreign,
        others,
      };
    });
  }

  function keyNamed(site: SiteRow, publicKey: string): VapidKeyRow {
    const key = directory.keysOf(site).find((one) => base64(one.publicKey) === publicKey.replace(/=+$/, ''));
    if (key === undefined) throw new Refusal('not_found', 'The site has no such key.');
    return key;
  }

  return {
    keys: os.sites.keys.handler(async ({ input, context }) => ({
      items: await keysOf(siteOf(parts, context.actor, input.id)),
    })),
    addKey: os.sites.addKey.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      if (site.practice)
        throw new Refusal('forbidden', 'A practice site keeps the key that it was made with.');
      const added = await directory.addKey(
        site,
        input.key === undefined ? null : readKeyPair(input.key),
        input.current,
      );
      live.publish({ type: 'sites' });
      const shownKey = (await keysOf(added.site)).find(
        (one) => one.publicKey === base64(added.key.publicKey),
      );
      if (shownKey === undefined) throw new Error('the key was not stored');
      return shownKey;
    }),
    chooseKey: os.sites.chooseKey.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      const changed = await directory.chooseKey(site, keyNamed(site, input.publicKey).id);
      live.publish({ type: 'sites' });
      return { items: await keysOf(changed) };
    }),
    removeKey: os.sites.removeKey.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      const changed = await directory.removeKey(site, keyNamed(site, input.publicKey).id);
      live.publish({ type: 'sites' });
      return { items: await keysOf(changed) };
    }),
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
      await parts.imports.forgetSite(site.id);
      await directory.remove(site.id);
      parts.gate.forgetSite(site.id);
      parts.holds.forget(site.id);
      parts.sender.forgetSite(site.id);
      parts.upkeep.wake();
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
      const key = input.publicKey === undefined ? site.vapidKey : keyNamed(site, input.publicKey);
      return {
        subject: site.subject,
        publicKey: base64(key.publicKey),
        privateKey: base64(directory.privateKey(site, key)),
      };
    }),
    firstSteps: os.sites.firstSteps.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.id);
      const steps = await storage.sites.firstSteps(site.id);
      return { opened: site.askedAt !== null || steps.person, ...steps };
    }),
    check: os.sites.check.handler(async ({ input, context }) => ({
      findings: await parts.siteCheck.check(siteOf(parts, context.actor, input.id), {
        page: input.page ?? '/',
        live: input.live ?? true,
        byOperator: context.actor.kind === 'operator',
      }),
      checkedAt: time(parts.clock.now()),
    })),
  };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** Without the members that are there but undefined: those were not sent. */
function given<T extends object>(input: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
