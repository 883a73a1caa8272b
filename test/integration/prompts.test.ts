import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPrompt, type Prompt } from '../../main/contract/prompts.ts';
import type { PromptForPage } from '../../main/contract/public.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry, siteOrigin } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

/* How a site asks its visitors: kept, handed to its pages, and what visitors choose by it. */
describeWith('openssl', 'ways to ask', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
    site = await belfry.makeSite({ settings: { visitorTags: ['vip'] } });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const set = (some: Partial<Prompt>, key?: string) =>
    belfry.call<Prompt & { code?: string }>(
      'PUT',
      `/sites/${site.id}/prompt`,
      { prompt: { ...defaultPrompt, ...some } },
      {},
      key,
    );
  const topic = (tag: string) => ({ tag, labels: { en: `About ${tag}` }, chosen: false });
  const ask = (path: string, headers: Record<string, string> = { origin: siteOrigin }) =>
    fetch(new URL(`/v1/sites/${site.key}${path}`, belfry.program.addresses.public), { headers });

  test('a new site asks by its own page, and pages are told so', async () => {
    expect(await belfry.api('GET', `/sites/${site.id}/prompt`)).toEqual(defaultPrompt);
    expect(await (await ask('/config')).json()).toMatchObject({ prompt: { kind: 'page' } });
  });

  test('what is set is kept over a restart as a whole, and pages have it in their language', async () => {
    await set({ words: { fr: { yes: 'Oui !' }, de: { yes: 'Ja!' } } });
    const wanted: Partial<Prompt> = {
      kind: 'banner',
      words: { de: { yes: 'Jawohl' } },
      topics: [topic('news')],
      welcome: { texts: { en: { title: 'Welcome', body: 'It works.' } } },
    };
    expect((await set(wanted)).status).toBe(200);
    await belfry.restart();
    expect(await belfry.api('GET', `/sites/${site.id}/prompt`)).toEqual({ ...defaultPrompt, ...wanted });
    expect(await (await ask('/config')).json()).toMatchObject({ prompt: { kind: 'banner', welcome: true } });

    const answer = await ask('/prompt?language=de-AT');
    expect(answer.headers.get('access-control-allow-origin')).toBe(siteOrigin);
    expect(answer.headers.get('cache-control')).toMatch(/max-age=\d{1,3}$/);
    const prompt: PromptForPage = await answer.json();
    expect(prompt).toMatchObject({
      kind: 'banner',
      language: 'de',
      words: { yes: 'Jawohl', no: 'Jetzt nicht' },
      topics: [{ tag: 'news', label: 'About news', chosen: false }],
      welcome: { title: 'Welcome' },
    });
    // nothing of the former words is left, and nothing of the other languages is sent
    expect(JSON.stringify(prompt)).not.toContain('Oui');
    expect((await (await ask('/prompt?language=fr')).json()).words.yes).toBe('Oui, volontiers');

    const etag = answer.headers.get('etag') ?? '';
    expect((await ask('/prompt?language=de-AT', { origin: siteOrigin, 'if-none-match': etag })).status).toBe(
      304,
    );
    expect((await ask('/prompt?language=fr', { origin: siteOrigin, 'if-none-match': etag })).status).toBe(
      200,
    );
  });

  test('nobody else’s pages have it, and whatever they ask for does no harm', async () => {
    expect((await ask('/prompt', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(new URL('/v1/sites/none/prompt', belfry.program.addresses.public))).status).toBe(404);
    for (const query of [
      '',
      '?language',
      '?language=a&language=b',
      `?language=${'x'.repeat(4000)}`,
      '?language=%00',
    ]) {
      const answer = await ask(`/prompt${query}`);
      expect(answer.status).toBe(200);
      expect((await answer.json()).language).toBe('en');
    }
  });

  test('faint colours and what is no prompt are refused, and nothing is changed by it', async () => {
    const before = await belfry.api('GET', `/sites/${site.id}/prompt`);
    const light = { ...defaultPrompt.look.light, ink: '#aaaaaa' };
    const refused = await set({ look: { ...defaultPrompt.look, light } });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('/prompt/look/light/ink');
    for (const prompt of [null, {}, { ...defaultPrompt, kind: 'popup' }, { ...defaultPrompt, extra: 1 }]) {
      const { status } = await belfry.call('PUT', `/sites/${site.id}/prompt`, { prompt });
      expect(status).toBe(400);
    }
    expect(await belfry.api('GET', `/sites/${site.id}/prompt`)).toEqual(before);
  });

  test('an API key reads it with “read” and sets it with “manage”, for its own site', async () => {
    const key = async (scopes: string[]) =>
      (await belfry.api<{ secret: string }>('POST', '/api-keys', { site: site.id, name: 'test', scopes }))
        .secret;
    const [read, manage] = [await key(['read']), await key(['manage'])];
    expect((await set({}, read)).status).toBe(403);
    expect((await set({ kind: 'bell' }, manage)).body.kind).toBe('bell');
    const other = await belfry.makeSite({ name: 'Other' });
    expect((await belfry.call('GET', `/sites/${other.id}/prompt`, undefined, {}, read)).status).toBe(404);
  });

  test('topics are kept as tags: what is ticked comes, what is not goes, what is none of them stays', async () => {
    await set({ topics: [topic('news'), topic('owls')] });
    const one = service.subscribe(site.vapidPublicKey);
    const { body } = await belfry.subscribe(site, one, { tags: ['vip'], topics: ['news', 'staff'] });
    // a browser sets only what the site lets it
    expect(body.ignored).toEqual({ tags: ['staff'], attributes: [] });
    const tags = async () => (await belfry.subscriber(body.id)).tags;
    expect(await tags()).toEqual(['news', 'vip']);
    await belfry.api('PATCH', `/subscribers/${body.id}`, { tags: ['news', 'vip', 'staff'] });
    await belfry.subscribe(site, one, { intent: 'sync', topics: ['owls'] });
    expect(await tags()).toEqual(['owls', 'staff', 'vip']);
    // a page that knows nothing of topics takes none away
    await belfry.subscribe(site, one, { intent: 'sync' });
    expect(await tags()).toEqual(['owls', 'staff', 'vip']);
    await belfry.subscribe(site, one, { intent: 'sync', topics: [] });
    expect(await tags()).toEqual(['staff', 'vip']);
    // what is no topic any more is no longer for visitors to set
    await set({ topics: [] });
    const again = await belfry.subscribe(site, one, { intent: 'sync', topics: ['owls'] });
    expect(again.body.ignored).toEqual({ tags: ['owls'], attributes: [] });
    expect(await tags()).toEqual(['staff', 'vip']);
  });
});
