import { createHash } from 'node:crypto';
import { implement } from '@orpc/server';
import { contract } from '../../main/contract/contract.ts';
import { promptForPage } from '../../main/contract/prompt-for-page.ts';
import { defaultPrompt } from '../../main/contract/prompts.ts';
import type { Report, SubscribeRequest } from '../../main/contract/public.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Actor, CallContext, Core } from '../../main/core/core.ts';
import type { Router } from '../../main/core/procedures/router.ts';
import { Refusal } from '../../main/core/refusal.ts';
import { keepLog } from '../helpers/log.ts';

/**
 * A core that does as a test says: the listeners' tests need answers that the real one gives only by accident,
 * such as a fault in the middle, or one that takes its time. The real core stands in http-hostile.test.ts.
 */
export function standInCore() {
  const seen = {
    subscribed: [] as SubscribeRequest[],
    removed: [] as string[],
    reports: [] as Report[],
    contexts: [] as CallContext[],
    made: 0,
    streamsOpen: 0,
  };
  const keys: Record<string, Actor> = {
    'operator-token': { kind: 'operator', door: 'browser' },
    'send-key': { kind: 'key', id: 1, site: 1, scopes: ['send'] },
    'read-key': { kind: 'key', id: 2, site: 1, scopes: ['read'] },
  };
  const held = new Map<string, { hash: string; answer: { status: number; body: string } | null }>();
  let onCreate: () => Promise<void> = async () => undefined;

  const core: Core = {
    router: router(seen, () => onCreate()),
    exporter: {
      async *stream() {
        yield 'id\n';
      },
    },
    visitors: {
      config(siteKey) {
        requireSite(siteKey);
        return { vapidPublicKey: 'BPublicKey', prompt: { kind: 'page' }, workerPath: '/belfry-sw.js' };
      },
      prompt(siteKey, language) {
        requireSite(siteKey);
        return promptForPage(defaultPrompt, language);
      },
      allows: (siteKey, origin) => siteKey === 'bells' && origin === 'https://bells.example',
      async subscribe(siteKey, request) {
        requireSite(siteKey);
        seen.subscribed.push(request);
        return { id: 'sub_1', created: seen.subscribed.length === 1 };
      },
      async remove(siteKey, { endpoint }) {
        requireSite(siteKey);
        seen.removed.push(endpoint);
      },
      async report(reports) {
        if (reports.some(({ token }) => token === 'fault'))
          throw new Error('secret https://push.example/abc');
        seen.reports.push(...reports);
      },
      landingSite: (key) =>
        key === null || key === 'bells' ? { key: 'bells', name: '<b>Bells & "Co"</b>__CSP_NONCE__' } : null,
    },
    rehearse: async () => {},
    gate: {
      token: 'operator-token',
      cookie: 'cookie-value',
      authenticate(secret, options) {
        const actor = keys[secret] ?? null;
        return options?.keysOnly && actor?.kind !== 'key' ? null : actor;
      },
      isCookie: (value) => value === 'cookie-value',
      async begin(actor, key, request) {
        const name = JSON.stringify([actor, key]);
        const hash = createHash('sha256')
          .update(`${request.method} ${request.path}\n`)
          .update(request.body)
          .digest('hex');
        const known = held.get(name);
        if (known !== undefined && known.hash !== hash) return { outcome: 'mismatch' };
        if (known !== undefined)
          return known.answer === null ? { outcome: 'running' } : { outcome: 'done', ...known.answer };
        held.set(name, { hash, answer: null });
        return {
          outcome: 'fresh',
          requestId: `request ${name}`,
          async finish(answer) {
            if (answer === null) held.delete(name);
            else held.set(name, { hash, answer });
          },
        };
      },
    },
    start: async () => undefined,
    stop: async () => undefined,
  };

  return {
    core,
    seen,
    log: keepLog(),
    /** Runs inside the creation of a site, before it is counted. */
    whenCreating: (work: () => Promise<void>) => {
      onCreate = work;
    },
  };
}

function requireSite(siteKey: string): void {
  if (siteKey !== 'bells') throw new Refusal('not_found', 'There is no site with this key.');
}

const site = (id: string): Site => ({
  id,
  key: 'bells',
  name: 'Bells',
  origins: ['https://bells.example'],
  subject: 'mailto:ringer@bells.example',
  subjectWarning: null,
  vapidPublicKey: 'BPublicKey',
  settings: {
    visitorTags: [],
    visitorAttributes: [],
    requireSignedExternalId: true,
    workerPath: '/belfry-sw.js',
    frequencyCap: { perDay: null, perWeek: null },
  },
  practice: false,
  subscribers: { active: 0, foreign: 0, expired: 0, unsubscribed: 0, quarantined: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
});

/** Only what the tests call; the rest of the contract has no handler here. */
function router(
  seen: { contexts: CallContext[]; made: number; streamsOpen: number },
  onCreate: () => Promise<void>,
): Router {
  const os = implement(contract).$context<CallContext>();
  const some = {
    sites: {
      list: os.sites.list.handler(({ input }) => ({
        items: [site(`limit ${input.limit}`)],
        nextCursor: null,
      })),
      get: os.sites.get.handler(({ input }) => {
        if (input.id === 'none') throw new Refusal('not_found', 'There is no such site.');
        if (input.id === 'fault') throw new Error('the private key is hunter2');
        return site(input.id);
      }),
      create: os.sites.create.handler(async ({ context }) => {
        seen.contexts.push(context);
        await onCreate();
        seen.made += 1;
        return site(`site ${seen.made}`);
      }),
      update: os.sites.update.handler(({ input }) => site(input.id)),
      remove: os.sites.remove.handler(() => undefined),
    },
    system: {
      watch: os.system.watch.handler(async function* ({ signal }) {
        seen.streamsOpen += 1;
        try {
          yield { type: 'hello' as const };
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
        } finally {
          seen.streamsOpen -= 1;
        }
      }),
    },
  };
  return some as unknown as Router;
}
