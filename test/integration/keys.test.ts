import { createECDH, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpush from 'web-push';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Problem } from '../../main/contract/errors.ts';
import type { Site, SiteKey } from '../../main/contract/sites.ts';
import { readKeyPair } from '../../main/core/sites/key-formats.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';
import { csv, reasonsOf, run, upload } from '../helpers/subscriber-files.ts';

describe('a key pair is read', () => {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = key.export({ format: 'jwk' });
  const d = String(jwk.d);
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(String(jwk.x), 'base64url'),
    Buffer.from(String(jwk.y), 'base64url'),
  ]);
  const pem = (type: 'pkcs8' | 'sec1', one: KeyObject = key) => String(one.export({ format: 'pem', type }));
  const publicKey = point.toString('base64url');

  test.each([
    ['PEM, PKCS #8', pem('pkcs8')],
    ['PEM, SEC 1', pem('sec1')],
    [
      'PEM, SEC 1 with parameters before',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem('sec1')}`,
    ],
    ['JWK', JSON.stringify(jwk)],
    ['JWK without its public half', JSON.stringify({ kty: 'EC', crv: 'P-256', d })],
    ['web-push’s JSON', JSON.stringify({ publicKey, privateKey: d, subject: 'mailto:a@b.example' })],
    ['the lines of web-push', `\n=====\n\nPublic Key:\n${publicKey}\n\nPrivate Key:\n${d}\n\n=====\n`],
    ['both halves with padding', `${point.toString('base64')}\r\n${d}=`],
    ['the private half alone', d],
  ])('%s', (_, text) => {
    const read = readKeyPair(text);
    expect(Buffer.from(read.publicKey)).toEqual(point);
    expect(Buffer.from(read.privateKey).toString('base64url')).toBe(d);
  });

  const other = webpush.generateVAPIDKeys();
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const { privateKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const locked = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' });
  const wrongs: [string, string, RegExp][] = [
    ['halves that do not fit', `${other.publicKey}\n${d}`, /does not belong/],
    ['the same in JSON', JSON.stringify({ publicKey: other.publicKey, privateKey: d }), /does not belong/],
    [
      'a JWK whose halves do not fit',
      JSON.stringify({ ...jwk, d: other.privateKey }),
      /does not belong|no key on/,
    ],
    ['a public key only', publicKey, /public half only/],
    ['a public PEM', '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----', /private half is missing/],
    ['RSA', pem('pkcs8', rsa), /another kind/],
    ['another curve', pem('pkcs8', p384), /another kind/],
    ['a locked one', String(locked), /locked with a password/],
    ['half a PEM', pem('pkcs8').slice(0, 120), /private half is missing|cannot be read/],
    ['two pairs', `${d} ${other.privateKey}`, /more than one key/],
    ['zero', Buffer.alloc(32).toString('base64url'), /no key on P-256/],
    ['nothing of the kind', 'hello', /No VAPID key/],
    ['broken JSON', '{"kty"', /no valid JSON/],
    ['JSON without one', '{}', /no “privateKey”/],
  ];
  test.each(wrongs)('not %s', (_, text, sentence) => {
    expect(() => readKeyPair(text)).toThrow(sentence);
    try {
      readKeyPair(text);
    } catch (error) {
      expect(String(error)).not.toContain(d.slice(0, 12));
    }
  });
  test('PEM of either kind comes from the same key', () => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(Buffer.from(d, 'base64url'));
    expect(ecdh.getPublicKey()).toEqual(point);
    expect(createPrivateKey(pem('sec1')).export({ format: 'jwk' }).d).toBe(d);
  });
});

describeWith('openssl', 'moving house', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const keys = async (site: Site) =>
    (await belfry.api<{ items: SiteKey[] }>('GET', `/sites/${site.id}/keys`)).items;
  const old = webpush.generateVAPIDKeys();
  const row = ({ subscription: { endpoint, keys } }: ReturnType<PushService['subscribe']>, key = '') => [
    endpoint,
    keys.p256dh,
    keys.auth,
    key,
  ];
  const head = ['endpoint', 'p256dh', 'auth', 'applicationServerKey'];

  test('people come with their key, are sent to with it also after a restart, and move over as they visit', async () => {
    const site = await belfry.makeSite();
    const [named, unnamed] = [service.subscribe(old.publicKey), service.subscribe(old.publicKey)];
    const early = await upload(belfry, site, csv([head, row(named, old.publicKey)]));
    expect(reasonsOf(await run(belfry, early))).toEqual({ 'other-key': 1 });

    const added = await belfry.api<SiteKey>('POST', `/sites/${site.id}/keys`, {
      key: JSON.stringify(old),
      current: false,
    });
    expect(added).toMatchObject({ publicKey: old.publicKey, current: false, foreign: 0 });
    const again = await belfry.call<Problem>('POST', `/sites/${site.id}/keys`, {
      key: JSON.stringify(old),
      current: true,
    });
    expect(again).toMatchObject({ status: 409, body: { detail: 'The site has this key already.' } });
    const file = await upload(belfry, site, csv([head, row(named, old.publicKey), row(unnamed)]));
    expect((await run(belfry, file, { vapidKey: old.publicKey })).counts).toMatchObject({
      added: 2,
      refused: 0,
    });
    expect((await keys(site)).map(({ foreign }) => foreign)).toEqual([0, 2]);

    await belfry.restart();
    const { items } = await belfry.api<{ items: { id: string }[] }>(
      'GET',
      `/subscribers?site=${site.id}&state=foreign`,
    );
    const audience = { subscribers: items.map(({ id }) => id) };
    const message = { title: 'To the new house' };
    const seen = await belfry.api<{ warnings: string[] }>('POST', '/campaigns/check', {
      site: site.id,
      message,
      audience,
    });
    expect(seen.warnings.join()).toContain('2 people were imported and have not been seen yet');
    // nobody who was imported is among everyone
    expect(
      await belfry.api('POST', '/campaigns/check', { site: site.id, message, audience: { everyone: true } }),
    ).toMatchObject({
      people: 0,
      warnings: expect.not.arrayContaining([expect.stringContaining('imported')]),
    });
    const sent = await belfry.send(site, { message, audience });
    expect((await belfry.until(sent.id, 'finished')).counts).toMatchObject({ total: 2, accepted: 2 });

    // their browser visits, subscribes anew with the current key, and says which endpoint it had
    const fresh = service.subscribe(site.vapidPublicKey);
    const moved = await belfry.subscribe(site, fresh, {
      oldEndpoint: named.subscription.endpoint,
      intent: 'sync',
    });
    expect(moved.status).toBe(200);
    expect((await keys(site)).map(({ active, foreign }) => [active, foreign])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const second = await belfry.send(site, { audience });
    const done: CampaignDetail = await belfry.until(second.id, 'finished');
    expect(done.counts).toMatchObject({ total: 2, accepted: 2, rejected: 0 });
  });

  test('a fresh key becomes the current one; those on the former stay reachable; a used key stays', async () => {
    const site = await belfry.makeSite();
    const [person] = await belfry.people(site, service, 1);
    const fresh = await belfry.api<SiteKey>('POST', `/sites/${site.id}/keys`, { current: true });
    const now = await belfry.api<Site>('GET', `/sites/${site.id}`);
    expect(now.vapidPublicKey).toBe(fresh.publicKey);
    const config = await fetch(new URL(`/v1/sites/${site.key}/config`, belfry.program.addresses.public));
    expect(await config.json()).toMatchObject({ vapidPublicKey: fresh.publicKey });
    expect((await keys(site)).map(({ publicKey, active }) => [publicKey, active])).toEqual([
      [fresh.publicKey, 0],
      [site.vapidPublicKey, 1],
    ]);
    const sent = await belfry.send(site, { audience: { subscriber: person?.id } });
    expect((await belfry.until(sent.id, 'finished')).counts.accepted).toBe(1);
    const remove = (publicKey: string) => belfry.call('POST', `/sites/${site.id}/keys/remove`, { publicKey });
    expect((await remove(site.vapidPublicKey)).status).toBe(409);
    expect((await remove(fresh.publicKey)).status).toBe(409);
    await belfry.api('POST', `/sites/${site.id}/keys/choose`, { publicKey: site.vapidPublicKey });
    expect((await remove(fresh.publicKey)).status).toBe(200);
    expect((await remove(fresh.publicKey)).status).toBe(404);
  });
});
