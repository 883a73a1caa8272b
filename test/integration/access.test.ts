import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiKey } from '../../main/contract/access.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

type NewKey = ApiKey & { secret: string };

describeWith('openssl', 'API keys', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  let site: Site;
  let other: Site;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
    [site, other] = [await belfry.makeSite({ name: 'One' }), await belfry.makeSite({ name: 'Other' })];
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const make = (scopes: string[], of = site) =>
    belfry.api<NewKey>('POST', '/api-keys', { site: of.id, name: 'Shop', scopes });
  const status = async (key: string, method: string, path: string, body?: unknown) =>
    (await belfry.call(method, path, body, {}, key)).status;

  test('a scope opens what it names and nothing else', async () => {
    const [person] = await belfry.people(site, service, 1);
    const draft = await belfry.send(site, { draft: true });
    const campaign = { site: site.id, message: { title: 'x' }, audience: { externalIds: ['nobody'] } };
    const asked: [scope: string, method: string, path: string, body?: unknown][] = [
      ['read', 'GET', '/subscribers'],
      ['read', 'GET', `/subscribers/${person?.id}`],
      ['read', 'GET', `/subscribers/${person?.id}/timeline`],
      ['read', 'GET', '/subscribers/counts'],
      ['read', 'GET', '/campaigns'],
      ['read', 'GET', `/campaigns/${draft.id}`],
      ['read', 'GET', `/campaigns/${draft.id}/deliveries`],
      ['read', 'GET', '/sites'],
      ['read', 'POST', '/campaigns/check', campaign],
      ['read', 'POST', '/campaigns/check-cap', { site: site.id, audience: { everyone: true } }],
      ['send', 'POST', '/campaigns', campaign],
      ['send', 'PATCH', `/campaigns/${draft.id}`, { message: { title: 'y' } }],
      ['send', 'POST', `/campaigns/${draft.id}/cancel`],
      ['manage', 'PATCH', `/subscribers/${person?.id}`, { tags: ['a'] }],
      ['manage', 'POST', `/subscribers/${person?.id}/remove`],
      ['manage', 'POST', `/subscribers/${person?.id}/restore`],
      ['manage', 'PATCH', `/sites/${site.id}`, { name: 'Renamed' }],
      [
        'operator',
        'POST',
        '/sites',
        { name: 'x', origins: ['https://x.example'], subject: 'mailto:a@b.example' },
      ],
      ['operator', 'DELETE', `/sites/${site.id}`],
      ['operator', 'GET', `/sites/${site.id}/identity-secret`],
      ['operator', 'POST', `/sites/${site.id}/identity-secret`],
      ['operator', 'POST', `/sites/${site.id}/vapid-key`, { confirm: true }],
      ['operator', 'GET', '/api-keys'],
      ['operator', 'POST', '/api-keys', { site: site.id, name: 'x', scopes: ['read'] }],
      ['operator', 'GET', '/system'],
      ['operator', 'GET', '/push-hosts'],
      ['operator', 'PUT', '/push-hosts', { added: [] }],
      ['operator', 'GET', '/live'],
    ];
    for (const scope of ['read', 'send', 'manage']) {
      const { secret } = await make([scope]);
      for (const [wanted, method, path, body] of asked) {
        const got = await status(secret, method, path, body);
        if (wanted === scope)
          expect([method, path, got]).toEqual([
            method,
            path,
            method === 'POST' && path === '/campaigns' ? 201 : 200,
          ]);
        else expect([method, path, got]).toEqual([method, path, 403]);
      }
    }
  });

  test('another site’s things do not exist for a key', async () => {
    const { secret } = await make(['read', 'send', 'manage']);
    const [theirs] = await belfry.people(other, service, 1);
    const draft = await belfry.send(other, { draft: true });
    const paths: [string, string, unknown?][] = [
      ['GET', `/sites/${other.id}`],
      ['PATCH', `/sites/${other.id}`, { name: 'Mine now' }],
      ['GET', `/subscribers?site=${other.id}`],
      ['GET', `/subscribers/counts?site=${other.id}`],
      ['GET', `/subscribers/${theirs?.id}`],
      ['GET', `/subscribers/${theirs?.id}/timeline`],
      ['PATCH', `/subscribers/${theirs?.id}`, { tags: [] }],
      ['POST', `/subscribers/${theirs?.id}/remove`],
      ['POST', `/subscribers/${theirs?.id}/restore`],
      ['DELETE', `/subscribers/${theirs?.id}`],
      ['POST', '/subscribers', { site: other.id, subscription: service.subscribe(null).subscription }],
      ['GET', `/campaigns?site=${other.id}`],
      ['GET', `/campaigns/${draft.id}`],
      ['GET', `/campaigns/${draft.id}/deliveries`],
      ['PATCH', `/campaigns/${draft.id}`, { message: { title: 'Mine' } }],
      ['DELETE', `/campaigns/${draft.id}`],
      ['POST', `/campaigns/${draft.id}/start`],
      ['POST', `/campaigns/${draft.id}/cancel`],
      ['POST', '/campaigns', { site: other.id, message: { title: 'x' }, audience: { everyone: true } }],
      ['POST', '/campaigns/check', { site: other.id, message: { title: 'x' }, audience: { everyone: true } }],
      ['POST', '/campaigns/check-cap', { site: other.id, audience: { everyone: true } }],
    ];
    for (const [method, path, body] of paths)
      expect([method, path, await status(secret, method, path, body)]).toEqual([method, path, 404]);
    expect(await belfry.campaign(draft.id)).toMatchObject({
      state: 'draft',
      message: { title: 'The bell rings' },
    });

    // without a site named, lists hold the key's own site alone
    for (const path of ['/sites', '/subscribers?state=all', '/campaigns']) {
      const { body } = await belfry.call<{ items: { id: string; site?: string }[] }>(
        'GET',
        path,
        undefined,
        {},
        secret,
      );
      expect(body.items.length).toBeGreaterThan(0);
      for (const item of body.items) expect(item.site ?? item.id).toBe(site.id);
    }
  });

  test('a revoked key opens nothing, at once and after a restart', async () => {
    const { id, secret } = await make(['read']);
    expect(await status(secret, 'GET', '/campaigns')).toBe(200);
    expect(await belfry.api('POST', `/api-keys/${id}/revoke`)).toMatchObject({
      revokedAt: expect.any(String),
    });
    expect(await status(secret, 'GET', '/campaigns')).toBe(401);
    const { revokedAt } = await belfry.api<ApiKey>('POST', `/api-keys/${id}/revoke`);
    await belfry.restart();
    expect(await status(secret, 'GET', '/campaigns')).toBe(401);
    const { items } = await belfry.api<{ items: ApiKey[] }>('GET', `/api-keys?site=${site.id}`);
    expect(items.find((key) => key.id === id)).toMatchObject({ revokedAt });
  });

  test('the last use is shown, and outlives a restart', async () => {
    const { id, secret, lastUsedAt } = await make(['read']);
    expect(lastUsedAt).toBeNull();
    const shown = async () =>
      (await belfry.api<{ items: ApiKey[] }>('GET', '/api-keys')).items.find((key) => key.id === id)
        ?.lastUsedAt;
    expect(await shown()).toBeNull();
    await status(secret, 'GET', '/campaigns');
    const used = await shown();
    expect(Date.parse(used ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await belfry.restart();
    expect(await shown()).toBe(used);
  });

  test('neither a key’s secret nor the operator’s token nor a private key lies in the data in the clear', async () => {
    const { secret } = await make(['read']);
    const exported = await belfry.api<{ privateKey: string }>('POST', `/sites/${site.id}/vapid-key`, {
      confirm: true,
    });
    const identity = await belfry.identitySecret(site);
    const { token } = belfry.program;
    const look = async () => {
      const files = await readdir(belfry.data);
      expect(files).toContain('belfry.db');
      const all = Buffer.concat(await Promise.all(files.map((file) => readFile(join(belfry.data, file)))));
      for (const clear of [secret, secret.slice(8), token, exported.privateKey, identity])
        expect(all.includes(clear)).toBe(false);
      for (const raw of [Buffer.from(exported.privateKey, 'base64url'), Buffer.from(identity, 'hex')])
        expect(all.includes(raw)).toBe(false);
    };
    await look();
    await belfry.stop();
    await look();
    await belfry.launch();
    expect(belfry.program.token).toBe(token);
    expect(await status(secret, 'GET', '/campaigns')).toBe(200);
  });

  test('nonsense opens nothing; a deleted site takes its keys along', async () => {
    for (const secret of ['x', 'bfy_', `bfy_${'a'.repeat(32)}`, belfry.program.token.slice(0, -1)])
      expect(await status(secret, 'GET', '/campaigns')).toBe(401);
    const doomed = await belfry.makeSite();
    const { secret } = await make(['read'], doomed);
    expect(await status(secret, 'GET', '/campaigns')).toBe(200);
    await belfry.api('DELETE', `/sites/${doomed.id}`);
    expect(await status(secret, 'GET', '/campaigns')).toBe(401);
  });

  test('the API listener takes keys, and not the operator’s token', async () => {
    const { secret } = await make(['read']);
    const ask = async (key: string, path = '/api/v1/campaigns') =>
      (
        await fetch(new URL(path, belfry.program.addresses.api ?? ''), {
          headers: { authorization: `Bearer ${key}` },
        })
      ).status;
    expect(await ask(secret)).toBe(200);
    expect(await ask(belfry.program.token)).toBe(401);
    expect(await ask(secret, '/')).toBe(404);
  });

  test('an Idempotency-Key belongs to its caller', async () => {
    const [one, two] = [await make(['send']), await make(['send'])];
    const body = { site: site.id, message: { title: 'x' }, audience: { externalIds: ['nobody'] } };
    const ids = new Set<string>();
    for (const key of [one.secret, two.secret, undefined]) {
      const answer = await belfry.call<{ id: string }>(
        'POST',
        '/campaigns',
        body,
        { 'idempotency-key': 'same' },
        key,
      );
      expect(answer.status).toBe(201);
      ids.add(answer.body.id);
    }
    expect(ids.size).toBe(3);
  });
});
